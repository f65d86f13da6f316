"""Selections that feed campaigns, and the shares of people who are held out."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0023"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), server_default="0", nullable=False)


def upgrade() -> None:
    op.create_table(
        "holdouts",
        _key("campaign"),
        sa.Column("percent", sa.Integer(), nullable=False),
        _key("key"), _text("by"),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("campaign", name=op.f("pk_holdouts")),
    )  # fmt: skip
    op.create_table(
        "feeds",
        _key("campaign"), _key("selection"),
        sa.Column("living", sa.Boolean(), nullable=False),
        _text("by"),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("looked_at", sa.Float(), nullable=True),
        _count("accepted"), _count("held_out"), _count("aside"),
        sa.PrimaryKeyConstraint("campaign", name=op.f("pk_feeds")),
    )  # fmt: skip
    op.create_table(
        "chosen",
        _key("campaign"),
        sa.Column("person", _KEY, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("campaign", "person", name=op.f("pk_chosen")),
    )

"""What owners said of replacing their cars; contacts who are called again later."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def upgrade() -> None:
    op.create_table(
        "interests",
        sa.Column("seq", _KEY, autoincrement=False, nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("person", _KEY, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        _text("vehicle"),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        _text("note"), _text("agent"), _text("by"),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("stands", sa.Boolean(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_interests")),
    )  # fmt: skip
    op.create_index(op.f("ix_interests_call_id"), "interests", ["call_id"], unique=False)
    op.create_index("ix_interests_person_vehicle", "interests", ["person", "vehicle"], unique=False)
    op.add_column("contacts", sa.Column("renewed_at", sa.Float(), server_default="0", nullable=False))

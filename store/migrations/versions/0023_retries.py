"""Several attempts at a contact, at several numbers; promises to call; lists that share a campaign's calls."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def upgrade() -> None:
    op.add_column("attempts", _text("number"))
    op.add_column("attempts", sa.Column("again_at", sa.Float(), nullable=True))
    op.create_index(op.f("ix_attempts_number"), "attempts", ["number"], unique=False)
    op.create_table(
        "promises",
        sa.Column("seq", _KEY, autoincrement=False, nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("contact", _KEY, nullable=False),
        sa.Column("call_at", sa.Float(), nullable=False),
        _text("agent"), _text("by"), _text("note"),
        sa.Column("made_at", sa.Float(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_promises")),
    )  # fmt: skip
    op.create_index(op.f("ix_promises_contact"), "promises", ["contact"], unique=False)
    op.create_index("ix_promises_campaign_open_call_at", "promises", ["campaign", "open", "call_at"], unique=False)
    op.add_column("imports", sa.Column("first", _KEY, server_default="0", nullable=False))
    op.add_column("imports", sa.Column("weight", sa.Integer(), server_default="1", nullable=False))
    op.add_column("imports", sa.Column("quota", sa.Integer(), server_default="0", nullable=False))
    op.add_column("imports", sa.Column("completed", sa.Integer(), server_default="0", nullable=False))

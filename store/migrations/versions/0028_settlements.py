"""What dispositions mean for the contacts of campaigns."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "settlements",
        sa.Column("seq", _KEY, primary_key=True, autoincrement=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("contact", _KEY, nullable=False),
        sa.Column("attempt", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("then", sa.Text(), server_default="", nullable=False),
        sa.Column("agreed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("again_at", sa.Float()),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("stands", sa.Boolean(), server_default=sa.true(), nullable=False),
    )
    op.create_index("ix_settlements_attempt", "settlements", ["attempt"])
    op.create_index("ix_settlements_campaign_stands", "settlements", ["campaign", "stands"])

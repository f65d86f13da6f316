"""In which round a contact was called. Of rounds before this only the last one is known: when it began."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "contact_rounds",
        sa.Column("contact", _KEY, autoincrement=False, nullable=False),
        sa.Column("round", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("since", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("contact", "round", name=op.f("pk_contact_rounds")),
    )
    op.create_index("ix_contact_rounds_campaign_round", "contact_rounds", ["campaign", "round"], unique=False)
    op.execute(
        "INSERT INTO contact_rounds (contact, round, campaign, since) "
        "SELECT id, 2, campaign, renewed_at FROM contacts WHERE renewed_at > 0"
    )

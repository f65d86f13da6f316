"""Who may be called: decisions, bars, consents and their ledger; contacts wait until they may be called."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_BigKey = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("contacts", sa.Column("not_before", sa.Float(), server_default="0", nullable=False))
    op.drop_index("ix_contacts_campaign_state_id", table_name="contacts")
    op.create_index(
        "ix_contacts_campaign_state_not_before_id", "contacts", ["campaign", "state", "not_before", "id"], unique=False
    )
    op.create_table(
        "decisions",
        sa.Column("seq", _BigKey, autoincrement=False, nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("contact", _BigKey, nullable=False),
        sa.Column("attempt", sa.Text(), server_default="", nullable=False),
        sa.Column("allowed", sa.Boolean(), nullable=False),
        sa.Column("rule", sa.Text(), server_default="", nullable=False),
        sa.Column("not_before", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_decisions")),
    )
    op.create_index("ix_decisions_contact_seq", "decisions", ["contact", "seq"], unique=False)
    op.create_table(
        "number_bars",
        sa.Column("seq", _BigKey, autoincrement=False, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("by", sa.Text(), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("campaign", sa.Text(), server_default="", nullable=False),
        sa.Column("contact", _BigKey, server_default="0", nullable=False),
        sa.Column("call_id", sa.Text(), server_default="", nullable=False),
        sa.Column("freed_at", sa.Float(), nullable=True),
        sa.Column("freed_by", sa.Text(), server_default="", nullable=False),
        sa.Column("freed_why", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_number_bars")),
    )
    op.create_index("ix_number_bars_number_kind", "number_bars", ["number", "kind"], unique=False)
    op.create_table(
        "consents",
        sa.Column("seq", _BigKey, autoincrement=False, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("given_at", sa.Float(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", sa.Float(), nullable=True),
        sa.Column("withdrawn_by", sa.Text(), server_default="", nullable=False),
        sa.Column("withdrawn_why", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_consents")),
    )
    op.create_index("ix_consents_number_purpose", "consents", ["number", "purpose"], unique=False)
    op.create_table(
        "ledger",
        sa.Column("line", _BigKey, autoincrement=False, nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("line", name=op.f("pk_ledger")),
        sa.UniqueConstraint("event", name=op.f("uq_ledger_event")),
    )

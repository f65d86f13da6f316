"""Consents are found by their evidence and refusals by their call: before a recording is deleted it is asked whether it
proves one.
"""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_consents_evidence", "consents", ["evidence"], unique=False)
    op.create_index("ix_number_bars_call_id", "number_bars", ["call_id"], unique=False)

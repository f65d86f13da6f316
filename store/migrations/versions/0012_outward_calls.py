"""Our own calls to a number are found by it."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    ours = sa.text("direction = 'outbound'")
    op.create_index(
        "ix_calls_outward", "calls", ["dnis", "started_at"], unique=False, sqlite_where=ours, postgresql_where=ours
    )

"""The log's facts of callers who came while a queue was closed are found by their time. Reads the log once."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    closed = sa.text("name = 'queue.closed'")
    op.create_index(
        "ix_events_queue_closed", "events", ["at"], unique=False, sqlite_where=closed, postgresql_where=closed
    )

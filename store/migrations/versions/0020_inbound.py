"""The log's facts of calls passed on, and of calls that found a trunk full, are found by their time. Reads the log once
for each.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for index, name in (("ix_events_transfer_completed", "transfer.completed"), ("ix_events_trunk_full", "trunk.full")):
        where = sa.text(f"name = '{name}'")
        op.create_index(index, "events", ["at"], unique=False, sqlite_where=where, postgresql_where=where)

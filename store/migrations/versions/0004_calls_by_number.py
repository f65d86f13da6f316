"""Calls are found by the number that calls: a caller's past is read when he arrives."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_calls_ani_started_at", "calls", ["ani", "started_at"], unique=False)

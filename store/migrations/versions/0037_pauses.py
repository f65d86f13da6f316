"""Why a campaign paused by itself. Of pauses before this the log alone says it."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("campaigns", sa.Column("why", sa.Text(), server_default="", nullable=False))

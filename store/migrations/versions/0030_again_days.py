"""Living selections that call people anew who match long after their last call."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("feeds", sa.Column("again_days", sa.Integer(), server_default="0", nullable=False))

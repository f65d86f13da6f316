"""Half hours are kept by queue, and by line apart. Those that were counted before are counted again."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("half_hours", sa.Column("line_tallies", sa.LargeBinary(), nullable=True))
    op.add_column("half_hours", sa.Column("line_sums", sa.LargeBinary(), nullable=True))
    halves = sa.table("half_hours", sa.column("counted", sa.Boolean()))
    op.execute(halves.update().values(counted=False))

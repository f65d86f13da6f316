"""Queue figures are kept by half hours, so that a long report need not look at every entry."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "half_hours",
        sa.Column("start", sa.Float(), autoincrement=False, nullable=False),
        sa.Column("counted", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("touched", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tallies", sa.LargeBinary(), nullable=False),
        sa.Column("sums", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("start", name=op.f("pk_half_hours")),
    )
    op.create_index(op.f("ix_half_hours_counted"), "half_hours", ["counted"], unique=False)
    op.create_table(
        "half_hour_cells",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("queue", sa.Text(), server_default="", nullable=False),
        sa.Column("line", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_half_hour_cells")),
        sa.UniqueConstraint("queue", "line", name=op.f("uq_half_hour_cells_queue_line")),
    )

"""What agents did is kept by half hours too. Those that were counted before are counted again, with it."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("half_hours", sa.Column("work", sa.LargeBinary(), nullable=True))
    op.create_table(
        "half_hour_agents",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_half_hour_agents")),
        sa.UniqueConstraint("agent", name=op.f("uq_half_hour_agents_agent")),
    )
    halves = sa.table("half_hours", sa.column("counted", sa.Boolean()))
    op.execute(halves.update().values(counted=False))

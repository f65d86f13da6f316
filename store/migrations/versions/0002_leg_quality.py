"""How the audio of legs travelled."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "leg_quality",
        sa.Column("leg", sa.Text(), nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), server_default="", nullable=False),
        sa.Column("party", sa.Text(), server_default="", nullable=False),
        sa.Column("codec", sa.Text(), server_default="", nullable=False),
        sa.Column("received_packets", sa.Integer(), nullable=False),
        sa.Column("received_lost", sa.Integer(), nullable=False),
        sa.Column("received_loss", sa.Float(), nullable=False),
        sa.Column("received_jitter_ms", sa.Float(), nullable=False),
        sa.Column("received_mos", sa.Float(), nullable=True),
        sa.Column("sent_packets", sa.Integer(), nullable=True),
        sa.Column("sent_lost", sa.Integer(), nullable=True),
        sa.Column("sent_loss", sa.Float(), nullable=True),
        sa.Column("sent_jitter_ms", sa.Float(), nullable=True),
        sa.Column("sent_mos", sa.Float(), nullable=True),
        sa.Column("round_trip_ms", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("leg", name=op.f("pk_leg_quality")),
    )
    op.create_index(op.f("ix_leg_quality_call_id"), "leg_quality", ["call_id"], unique=False)

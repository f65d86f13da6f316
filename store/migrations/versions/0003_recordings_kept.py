"""Recordings after their calls: final form, hashes, legal hold, deletion, gaps, waveforms."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in (
        sa.Column("keeping", sa.Text(), server_default="", nullable=False),
        sa.Column("keep_tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("keep_why", sa.Text(), server_default="", nullable=False),
        sa.Column("keep_as", sa.Text(), server_default="", nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.Text(), server_default="", nullable=False),
        sa.Column("pcm_sha256", sa.Text(), server_default="", nullable=False),
        sa.Column("key", sa.Text(), server_default="", nullable=False),
        sa.Column("held_at", sa.Float(), nullable=True),
        sa.Column("held_by", sa.Text(), server_default="", nullable=False),
        sa.Column("held_why", sa.Text(), server_default="", nullable=False),
        sa.Column("deleted_at", sa.Float(), nullable=True),
        sa.Column("leftover", sa.Text(), server_default="", nullable=False),
    ):
        op.add_column("recordings", column)
    op.create_index(op.f("ix_recordings_keeping"), "recordings", ["keeping"], unique=False)
    op.create_index(op.f("ix_recordings_leftover"), "recordings", ["leftover"], unique=False)
    op.create_index("ix_recordings_started_at", "recordings", ["started_at"], unique=False)
    op.execute("UPDATE recordings SET keeping = 'waiting' WHERE duration_s IS NOT NULL")
    op.create_table(
        "recording_gaps",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("recording", sa.Text(), nullable=False),
        sa.Column("start_s", sa.Float(), nullable=False),
        sa.Column("end_s", sa.Float(), nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_recording_gaps")),
    )
    op.create_index(op.f("ix_recording_gaps_recording"), "recording_gaps", ["recording"], unique=False)
    op.create_table(
        "recording_peaks",
        sa.Column("recording", sa.Text(), nullable=False),
        sa.Column("channels", sa.Integer(), nullable=False),
        sa.Column("peaks", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording"], ["recordings.id"], name=op.f("fk_recording_peaks_recording"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("recording", name=op.f("pk_recording_peaks")),
    )

"""Campaigns that people have made; attempts are found by their campaign."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "campaign_plans",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Float(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.Float(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_campaign_plans")),
    )
    op.add_column("survey_answers", sa.Column("form", sa.Text(), server_default="", nullable=False))
    op.create_table(
        "survey_forms",
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("survey", sa.Text(), nullable=False),
        sa.Column("questions", sa.Text(), nullable=False),
        sa.Column("since", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("form", name=op.f("pk_survey_forms")),
    )
    op.create_index("ix_attempts_campaign_started_at", "attempts", ["campaign", "started_at"], unique=False)

"""Tables of campaigns that people have made, see ``store.schema``."""

from typing import Final

from sqlalchemy import Column, Float, Index, Table, Text

from store.schema import attempts, metadata

campaign_plans: Final = Table(
    "campaign_plans",
    metadata,
    Column("name", Text, primary_key=True),
    Column("plan", Text, nullable=False),  # JSON object with the keys of [[campaign]]
    Column("made_at", Float, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("changed_at", Float, nullable=False),
    Column("changed_by", Text, nullable=False),
)
"""How campaigns call that are not those of the configuration; who made them, and who changed them last. All that was
ever changed is in the log (``campaign.made``, ``campaign.changed``).
"""

survey_forms: Final = Table(
    "survey_forms",
    metadata,
    Column("form", Text, primary_key=True),  # of the file: the first 12 digits of its SHA-256
    Column("survey", Text, nullable=False),
    Column("questions", Text, nullable=False),  # JSON: see ``campaigns.plan_facts.SurveyFormSeen``
    Column("since", Float, nullable=False),
)
"""Each version of a survey that was ever used, so that its answers can be read when the file says something else."""

Index("ix_attempts_campaign_started_at", attempts.c.campaign, attempts.c.started_at)

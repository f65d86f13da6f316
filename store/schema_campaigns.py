"""Tables of campaigns that people have made, see ``store.schema``."""

from typing import Final

from sqlalchemy import Column, Float, Index, Integer, Table, Text

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

survey_papers: Final = Table(
    "survey_papers",
    metadata,
    Column("survey", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("form", Text, nullable=False),
    Column("paper", Text, nullable=False),  # JSON: see ``campaigns.plan_facts.SurveyMade``
    Column("at", Float, nullable=False),
    Column("by", Text, nullable=False),
    Column("removed_at", Float),
)
"""Each version of the surveys that people have written on the page; the highest that was not removed holds."""

Index("ix_attempts_campaign_started_at", attempts.c.campaign, attempts.c.started_at)

"""From facts about campaigns' plans and surveys to their rows. Pure; part of ``store.projection``."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import insert

from campaigns.plan_facts import CampaignChanged, CampaignMade, SurveyFormSeen
from core.events import Event
from store.changes import Change, Values, changed, inserted, updating
from store.schema_campaigns import campaign_plans, survey_forms

_make: Final = insert(campaign_plans)
_form: Final = insert(survey_forms)
_change: Final = updating(campaign_plans, "name", "plan", "changed_at", "changed_by")


def plan_changes(event: Event) -> Sequence[Change]:
    """A plan is known by its campaign's name."""
    match event.fact:
        case CampaignMade() as it:
            whose: Values = {"made_at": event.at, "made_by": it.by, "changed_at": event.at, "changed_by": it.by}
            return [inserted(_make, name=it.campaign, plan=it.plan, **whose)]
        case CampaignChanged() as it:
            return [changed(_change, it.campaign, plan=it.plan, changed_at=event.at, changed_by=it.by)]
        case SurveyFormSeen() as it:
            return [inserted(_form, form=it.form, survey=it.survey, questions=it.questions, since=event.at)]
        case _:
            return []

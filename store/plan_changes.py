"""From facts about campaigns' plans and surveys to their rows. Pure; part of ``store.projection``."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import bindparam, delete, insert

from campaigns.plan_facts import (
    CampaignChanged,
    CampaignMade,
    CampaignRemoved,
    SurveyFormSeen,
    SurveyMade,
    SurveyRemoved,
)
from core.events import Event
from store.changes import Change, Values, changed, inserted, updating
from store.schema import campaigns
from store.schema_campaigns import campaign_plans, survey_forms, survey_papers

_make: Final = insert(campaign_plans)
_form: Final = insert(survey_forms)
_paper: Final = insert(survey_papers)
_remove: Final = updating(survey_papers, "survey", "removed_at", only_open="removed_at")
_change: Final = updating(campaign_plans, "name", "plan", "changed_at", "changed_by")
_unmake: Final = delete(campaign_plans).where(campaign_plans.c.name == bindparam("row"))
_unlist: Final = delete(campaigns).where(campaigns.c.name == bindparam("row"))


def plan_changes(event: Event) -> Sequence[Change]:
    """A plan is known by its campaign's name."""
    match event.fact:
        case CampaignMade() as it:
            whose: Values = {"made_at": event.at, "made_by": it.by, "changed_at": event.at, "changed_by": it.by}
            return [inserted(_make, name=it.campaign, plan=it.plan, **whose)]
        case CampaignChanged() as it:
            return [changed(_change, it.campaign, plan=it.plan, changed_at=event.at, changed_by=it.by)]
        case CampaignRemoved() as it:
            return [Change(_unmake, {"row": it.campaign}), Change(_unlist, {"row": it.campaign})]
        case SurveyFormSeen() as it:
            return [inserted(_form, form=it.form, survey=it.survey, questions=it.questions, since=event.at)]
        case SurveyMade() as it:
            what: Values = {"survey": it.survey, "number": it.number, "form": it.form, "paper": it.paper}
            return [inserted(_paper, **what, at=event.at, by=it.by)]
        case SurveyRemoved() as it:
            return [changed(_remove, it.survey, removed_at=event.at)]
        case _:
            return []

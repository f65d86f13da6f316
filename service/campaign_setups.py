"""What the dialers are told of each campaign: how it calls, what it asks, and why it cannot where it cannot."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from campaigns.gate import Plan
from campaigns.script import NO_SCRIPT, Script
from campaigns.survey import Survey
from core.errors import ConfigError
from service.campaign_book import CampaignBook, KnownCampaign
from service.campaign_fit import why_unfit
from service.config_campaigns import AgentsPlan, agents_plan_of, survey_name_of
from service.config_surveys import survey_of
from service.from_config import plan_of
from service.survey_fault import KEY as SURVEY_KEY

_HARMLESS: Final = frozenset({SURVEY_KEY, "trunk", "caller_id", "queue"})
"""Keys whose faults leave the rules and the plan of a campaign readable."""


@dataclass(frozen=True, slots=True)
class CampaignSetup:
    """What the configuration says of one campaign. ``agents`` None: whoever answers hears the ``survey``; else they
    read the ``script`` and fill the survey in (None: there is none). ``cannot`` says why it cannot call as things
    stand.
    """

    plan: Plan
    survey: Survey | None
    record: bool
    agents: AgentsPlan | None = None
    script: Script = NO_SCRIPT
    cannot: str = ""


def setups_of(book: CampaignBook) -> Mapping[str, CampaignSetup]:
    """By name, those too that cannot call: whoever is to be called by one waits in it."""
    return {it.name: _setup(it, book) for it in book.all()}


def _setup(known: KnownCampaign, book: CampaignBook) -> CampaignSetup:
    item, cannot = known.read, why_unfit(known)
    if item is None or not {fault.key for fault in known.faults} <= _HARMLESS:
        return CampaignSetup(Plan(known.name, "", ""), None, record=False, script=NO_SCRIPT, cannot=cannot)
    survey = _survey(survey_name_of(item), book)
    script = Script(item.script, item.script_en)
    return CampaignSetup(plan_of(item, book.config), survey, item.record, agents_plan_of(item), script, cannot)


def _survey(name: str, book: CampaignBook) -> Survey | None:
    """None where it asks nothing, or what it would ask is not there."""
    try:
        return survey_of(name, book.config, book.surveys.made) if name else None
    except ConfigError:
        return None

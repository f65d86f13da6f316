"""Campaigns with agents in the configuration: what may be written, what becomes of it, and what in it leads nowhere."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from acd.strategies import SEVERAL
from campaigns.preview import PreviewTerms
from campaigns.script import script_fault
from service.config_links import must_exist
from service.routes import RouteKind, parse_destination

if TYPE_CHECKING:
    from service.config_links import Places
    from service.config_model import CampaignConfig, Config

SURVEY: Final = "survey"
PREVIEW: Final = "preview"
MANUAL: Final = "manual"
SHOWN_FIRST: Final = (PREVIEW, MANUAL)
"""Modes in which an agent sees each contact before he calls him."""
MODES: Final = (SURVEY, "progressive", "predictive", PREVIEW, MANUAL)
ANEW_S: Final = 600.0
"""So often the rules decide anew about whom an agent looks at who has no time limit: the most ``preview_s``, too."""
LINES_PER_AGENT: Final = 3
USUAL_SURVEY: Final = "return_visit"
_SURVEY_NAME: Final = re.compile(r"[\w.-]{0,63}")


def _between(low: float, high: float, unit: str) -> Callable[[object], str | None]:
    return lambda value: (
        None if isinstance(value, int | float) and low <= value <= high else f"must be from {low:g} to {high:g}{unit}"
    )


CAMPAIGN_CHECKS: Final[Mapping[tuple[str, str], Callable[[object], str | None]]] = {
    ("campaign", "mode"): lambda value: None if value in MODES else f"must be one of {', '.join(MODES)}",
    ("campaign", "lines"): _between(0, 1000, " (0: by concurrency, or three for each agent)"),
    ("campaign", "within_s"): _between(0.5, 10, " seconds"),
    ("campaign", "abandon_pct"): _between(0, 10, " %"),
    ("campaign", "preview_s"): _between(10, 600, " seconds"),
    ("campaign", "preview_again_min"): _between(1, 10_080, " minutes"),
    ("campaign", "survey"): lambda value: (
        None
        if isinstance(value, str) and _SURVEY_NAME.fullmatch(value)
        else "must be a name of letters, digits, '.', '_' or '-', or left out"
    ),
    ("campaign", "script"): script_fault,
    ("campaign", "script_en"): script_fault,
    ("trunk", "reserve"): _between(0, 1000, " channels"),
}
"""By table and key, beside ``service.config_checks``."""


@dataclass(frozen=True, slots=True)
class AgentsPlan:
    """How a campaign works with the agents of ``queue``: ``predictive`` or one call for each free agent; whoever
    answers has one ``within_s``, but for the share ``cap`` of them. With ``preview`` they see each contact first,
    by hand too.
    """

    queue: str
    predictive: bool
    within_s: float = 2.0
    cap: float = 0.03
    preview: PreviewTerms | None = None


def lines_of(campaign: "CampaignConfig", config: "Config") -> int:
    """Its most calls at once."""
    if campaign.lines:
        return campaign.lines
    if campaign.mode == SURVEY:
        return campaign.concurrency
    return LINES_PER_AGENT * max(1, len(agents_serving(campaign.queue, config)))


def survey_name_of(campaign: "CampaignConfig") -> str:
    """The name of what it asks; "" where its agents have no form."""
    return campaign.survey or usual_survey(campaign.mode)


def usual_survey(mode: str) -> str:
    """What a campaign of ``mode`` asks that names no survey."""
    return USUAL_SURVEY if mode == SURVEY else ""


def agents_plan_of(campaign: "CampaignConfig") -> AgentsPlan | None:
    """How it works with agents; None for a survey."""
    if campaign.mode == SURVEY:
        return None
    predictive = campaign.mode == "predictive"
    shown: PreviewTerms | None = None
    if campaign.mode in SHOWN_FIRST:
        by_hand = campaign.mode == MANUAL
        again_s = campaign.preview_again_min * 60
        shown = PreviewTerms(ANEW_S if by_hand else campaign.preview_s, again_s, manual=by_hand)
    return AgentsPlan(campaign.queue, predictive, campaign.within_s, campaign.abandon_pct / 100, shown)


def check_campaigns(config: "Config", at: "Places") -> None:
    """Note campaigns whose agents are nobody, or whose phones are too slow; and queues that are given in vain."""
    queues = [queue.name for queue in config.queues]
    led_to = {target.name for target in (parse_destination(number.to) for number in config.numbers)
              if target.kind is RouteKind.QUEUE}  # fmt: skip
    by_hand = {agent.id for agent in config.agents if agent.auto_answer == "off"}
    for index, campaign in enumerate(config.campaigns):
        path = ("campaign", index, "queue")
        if campaign.mode == SURVEY:
            if campaign.script or campaign.script_en:
                at.warn(
                    ("campaign", index, "script"), "is read by agents; a survey of keys and voice has nobody to read it"
                )
            if campaign.queue:
                at.fault(
                    path,
                    'is for agents; take mode = "predictive", "progressive", "preview" or "manual", or leave '
                    f"{path[-1]} out",
                )
            continue
        if not campaign.queue:
            at.fault(("campaign", index, "mode"), f"{campaign.mode} needs queue: whose agents talk with the people")
            continue
        must_exist(campaign.queue, queues, "queue", path, at)
        if campaign.queue in led_to:
            at.warn(
                path,
                f"callers are led to {campaign.queue!r} too, so its figures mix both; take a queue of its own with the "
                "same agents",
            )
        if campaign.mode in SHOWN_FIRST:  # he has his phone in hand, and nobody waits for him
            if any(queue.name == campaign.queue and queue.strategy in SEVERAL for queue in config.queues):
                at.fault(
                    path, "rings several agents at once; a preview is one agent's, so take another strategy for it"
                )
            continue
        slow = sorted(by_hand & set(agents_serving(campaign.queue, config)))
        if slow:
            at.warn(
                path,
                f"the phones of {', '.join(slow)} do not answer by themselves (auto_answer): whoever picks up later "
                f"than {campaign.within_s:g} s has the person told that nobody is there",
            )


def agents_serving(queue: str, config: "Config") -> list[str]:
    """Who serves ``queue``."""
    named = next((one.agents for one in config.queues if one.name == queue), ())
    return [agent.id for agent in config.agents if agent.id in named or "*" in named or queue in agent.queues]

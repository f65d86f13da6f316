"""What a flow needs of the house, and whether the house has it. Used by ``line400 check`` and before serving. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain
from typing import Final

from ivr.flow import Asking, Exit, Flow, HoursCheck, Menu, Node, Play, Question, Remark, ToAgent, ToPromise, ToQueue
from ivr.hours import Hours, announced_until
from ivr.prompts import Prompts
from ivr.section import suggestion

AHEAD: Final = timedelta(days=31)
"""So long before a year begins its holidays should be known."""
LISTED: Final = 7
"""Who has listed so many days of a year that are closed has listed its holidays by hand."""


@dataclass(frozen=True, slots=True)
class House:
    """What there is: prompts, opening hours, queues, agents and priorities by name."""

    prompts: Prompts
    hours: Mapping[str, Hours]
    queues: Collection[str]
    agents: Collection[str]
    priorities: Collection[str] = ()


def check_flow(flow: Flow, house: House) -> list[str]:
    """Every name in ``flow`` that ``house`` does not have, each with how to mend it."""
    faults = []
    prompts = sorted(house.prompts.names())
    for name, node in flow.nodes.items():
        place = f"flow {flow.name}, nodes.{name}"
        if voiceless(node):
            faults.append(f"{place}: has no prompts, so no voice can ask it; add prompts, or let agents ask")
        for prompt in dict.fromkeys(prompts_of(node)):
            if prompt not in prompts:
                meant = suggestion(prompt, prompts)
                faults.append(f"{place}: no prompt {prompt!r}{meant}; put {prompt}.wav into the prompts folder")
        if isinstance(node, HoursCheck) and node.calendar not in house.hours:
            meant = suggestion(node.calendar, list(house.hours))
            faults.append(f"{place}: no opening hours {node.calendar!r}{meant}; add [[hours]] of that name")
        if isinstance(node, Exit):
            match node.outcome:
                case ToQueue(queue=queue) if queue not in house.queues:
                    meant = suggestion(queue, list(house.queues))
                    faults.append(f"{place}: no queue {queue!r}{meant}; add [[queue]] of that name")
                case ToQueue(priority=priority) if priority and priority not in house.priorities:
                    meant = suggestion(priority, list(house.priorities))
                    faults.append(f"{place}: no priority {priority!r}{meant}; add it to [distribution] priorities")
                case ToAgent(agent) if agent not in house.agents:
                    meant = suggestion(agent, list(house.agents))
                    faults.append(f"{place}: no agent {agent!r}{meant}; add [[agent]] of that id")
    return faults


def check_promises(flow: Flow, campaigns: Collection[str]) -> list[str]:
    """Exits of ``flow``, which is no survey, that promise calls of campaigns that are not there."""
    wanted = {name: node.outcome.campaign for name, node in flow.nodes.items()
              if isinstance(node, Exit) and isinstance(node.outcome, ToPromise)}  # fmt: skip
    return [
        f"flow {flow.name}, nodes.{name}: "
        + (f"no campaign {campaign!r}{suggestion(campaign, list(campaigns))}" if campaign else "campaign is missing")
        + "; name a [[campaign]], which is to call then"
        for name, campaign in wanted.items()
        if campaign not in campaigns
    ]


def check_hours(hours: Mapping[str, Hours], today: date) -> list[str]:
    """Warnings about opening hours that count on public holidays, where those of this year, or of the next when it is
    near, are neither known yet nor listed by hand.
    """
    known = announced_until()
    return [
        f"hours {name}: Chinese public holidays are known up to {known} only; update the package chinesecalendar, "
        f"or list the days of {year} in extra_closed and extra_open"
        for name, calendar in hours.items()
        for year in dict.fromkeys((today.year, (today + AHEAD).year))
        if calendar.chinese_holidays
        and year > known
        and sum(day.year == year for day in calendar.extra_closed) < LISTED
    ]


def voiceless(node: Node) -> bool:
    """True where something is asked that only an agent can read out."""
    match node:
        case Menu() | Question():
            return not node.asking.prompts
        case Remark():
            return not node.prompts
        case _:
            return False


def prompts_of(node: Node) -> tuple[str, ...]:
    """Every prompt that ``node`` may say."""
    match node:
        case Play() | Exit() | Remark():
            return node.prompts
        case Menu() | Question():
            return _of_asking(node.asking)
        case _:
            return ()


def _of_asking(asking: Asking) -> tuple[str, ...]:
    return tuple(chain(asking.prompts, asking.again, asking.no_input, asking.invalid, asking.rejected))

"""The world of a simulation: queues and agents of the configuration, or plain ones made of the command's options."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from acd.agents import Profile
from acd.day_plan import DayPlan, constant, parse_plan
from acd.queues import QueueRules, Strategy
from acd.shifts import Crew
from core.errors import ParseError
from reports.erlang import MOST_AGENTS
from service.config_distribution import profiles_of
from service.config_model import Config
from service.from_config import queues_of

MOST_CALLS_PER_H: Final = 1e6
_LARGEST_FILE: Final = 100_000
_FILE: Final = "@"


@dataclass(frozen=True, slots=True)
class World:
    """``rules`` of queues, ``agents`` with their ``profiles`` in ``crews``, ``arrivals`` in calls an hour by queue."""

    rules: tuple[QueueRules, ...]
    agents: tuple[str, ...]
    crews: tuple[Crew, ...]
    arrivals: Mapping[str, DayPlan]
    profiles: Mapping[str, Profile] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Changes:
    """Rules that are to be other than they are, for all queues; None leaves them. Of ``max_wait_s`` and ``max_length``
    0 means no limit.
    """

    wrap_up_s: float | None = None
    strategy: Strategy | None = None
    max_wait_s: float | None = None
    max_length: int | None = None

    def of(self, rules: QueueRules) -> QueueRules:
        """``rules`` so changed."""
        if self.wrap_up_s is not None:
            rules = replace(rules, wrap_up_s=self.wrap_up_s)
        if self.strategy is not None:
            rules = replace(rules, strategy=self.strategy)
        if self.max_wait_s is not None:
            rules = replace(rules, max_wait_s=self.max_wait_s or None)
        if self.max_length is not None:
            rules = replace(rules, max_length=self.max_length or None)
        return rules


def bare_world(
    arrivals: Mapping[str, DayPlan], crews: Sequence[tuple[DayPlan, tuple[str, ...]]], changes: Changes
) -> World:
    """Queues with ``arrivals``, and ``crews``: how many agents, for which queues (none named: all). Callers wait as
    long as they like, unless ``changes`` say otherwise. ``ParseError`` for a queue that nobody serves, a crew of none.
    """
    made = []
    members: dict[str, list[str]] = {queue: [] for queue in arrivals}
    for number, (plan, queues) in enumerate(crews):
        names = tuple(f"{chr(ord('A') + number)}{place:03}" for place in range(1, round(plan.most) + 1))
        made.append(Crew(names, plan))
        for queue in queues or tuple(arrivals):
            if queue not in members:
                raise ParseError(f"there is no queue {queue!r}; there are: {', '.join(members)}", where="--crew")
            members[queue] += names
    idle = [queue for queue, names in members.items() if not names]
    if idle:
        raise ParseError(f"nobody serves {', '.join(idle)}", where="--crew")
    rules = tuple(
        changes.of(QueueRules(queue, tuple(names), wrap_up_s=10.0, max_wait_s=None, max_length=None))
        for queue, names in members.items()
    )
    return World(rules, tuple(name for crew in made for name in crew.agents), tuple(made), dict(arrivals))


def house_world(
    config: Config, arrivals: Mapping[str, DayPlan], in_all: DayPlan, agents: DayPlan | None, changes: Changes
) -> World:
    """Queues, agents and skills of the configuration. ``arrivals`` by queue; where it is empty the calls ``in_all`` are
    shared evenly by the queues that have agents. ``agents``: so many of them are on duty, in their order (None: all).
    """
    # Nobody says here what came of calls, so no wrap-up waits for it.
    rules = tuple(changes.of(replace(one, needs_disposition=False)) for one in queues_of(config))
    names = tuple(agent.id for agent in config.agents)
    served = [one.name for one in rules if one.agents]
    if not names or not served:
        raise ParseError(
            "the configuration has no agents in queues; leave --config out to simulate with --agents", where="--config"
        )
    unknown = arrivals.keys() - {one.name for one in rules}
    if unknown:
        raise ParseError(
            f"there is no queue {min(unknown)!r}; configured are: {', '.join(one.name for one in rules)}",
            where="--queue",
        )
    if agents is not None and agents.most > len(names):
        raise ParseError(f"the configuration has {len(names)} agents", where="--agents")
    crew = Crew(names, constant(len(names)) if agents is None else agents)
    share = {queue: in_all.times(1 / len(served)) for queue in served}
    profiles = profiles_of(config)
    if changes.wrap_up_s is not None:
        profiles = {name: replace(profile, wrap_up_s=None) for name, profile in profiles.items()}
    return World(rules, names, (crew,), dict(arrivals) or share, profiles)


def plan_of(text: str, where: str) -> DayPlan:
    """A figure, its steps through the day, or ``@FILE`` with such steps; ``ParseError`` names ``where``."""
    return parse_plan(_steps_of(Path(text[1:]), where) if text.startswith(_FILE) else text.strip(), where)


def _steps_of(path: Path, where: str) -> str:
    """Lines such as ``08:30,12`` (comma, semicolon, tab or equals sign), a heading before them if it must be."""
    if path.stat().st_size > _LARGEST_FILE:
        raise ParseError(f"{path} is too large for a day in half hours", where=where)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ParseError(f"{path} is not UTF-8 (byte {error.start})", where=where) from None
    lines = [line.strip() for line in text.splitlines()]
    signs = str.maketrans(",;\t", "===")
    steps = [line.replace(" ", "").translate(signs) for line in lines if line[:1].isdigit()]
    if not steps:
        raise ParseError(f"{path} has no lines such as 08:30,12", where=where)
    return ",".join(steps)


def arrivals_of(text: str, where: str) -> DayPlan:
    """Calls an hour."""
    plan = plan_of(text, where)
    if not 0 < plan.most <= MOST_CALLS_PER_H:
        raise ParseError(f"must be more than 0 at some time of the day, at most {MOST_CALLS_PER_H:.0f}", where=where)
    return plan


def agents_of(text: str, where: str) -> DayPlan:
    """How many agents are on duty."""
    plan = plan_of(text, where)
    if not 1 <= plan.most <= MOST_AGENTS or any(value != round(value) for _, value in plan.steps):
        raise ParseError(f"must be whole numbers, at some time of the day 1 to {MOST_AGENTS}", where=where)
    return plan


def named(texts: Sequence[str]) -> dict[str, DayPlan]:
    """``--queue sales=40`` (or a plan of the day after the sign), by name."""
    found: dict[str, DayPlan] = {}
    for text in texts:
        name, sign, plan = text.partition("=")
        if not sign or not name.strip() or name in found:
            raise ParseError(f"{text[:40]!r}: write each queue once, as NAME=CALLS_PER_HOUR", where="--queue")
        found[name.strip()] = arrivals_of(plan, "--queue")
    return found


def crews_of(texts: Sequence[str]) -> list[tuple[DayPlan, tuple[str, ...]]]:
    """``--crew 6@sales,service``."""
    found = []
    for text in texts:
        plan, sign, queues = text.rpartition("@")
        if not sign or not plan:
            raise ParseError(f"{text[:40]!r}: write how many agents, for which queues: 6@sales,service", where="--crew")
        found.append((agents_of(plan, "--crew"), tuple(dict.fromkeys(queues.split(",")))))
    if len(found) > 26:
        raise ParseError("at most 26 crews", where="--crew")
    return found

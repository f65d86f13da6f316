"""What ``line400 simulate`` was asked for, and the world, period and chance that follow from it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from acd.day_plan import DAY_S, parse_surge, surged
from acd.laws import Law, Shape, parse_law
from core.errors import ParseError
from reports.model import Bucket
from service.config_model import Config
from service.from_config import thresholds_of
from service.simulation_past import PastDay
from service.simulation_run import Asked, Conditions, Period
from service.simulation_world import (
    Changes,
    World,
    agents_of,
    arrivals_of,
    bare_world,
    crews_of,
    house_world,
    named,
)

CALLS: Final = 10_000
MOST_CALLS: Final = 20_000_000
MOST_DAYS: Final = 3_660.0
FIRST_YEAR, LAST_YEAR = 1971, 2900
ZONE: Final = "Asia/Shanghai"
AGENTS: Final = "12"
ONE_QUEUE: Final = "queue"
"""The queue where none is named."""
TALK: Final = Law(Shape.EXPONENTIAL, 170.0)
PATIENCE: Final = Law(Shape.EXPONENTIAL, 180.0)
THRESHOLD_S: Final = 20.0


@dataclass(frozen=True, slots=True)
class Options:
    """As the command takes them; "" and None for what was not said."""

    calls: int | None
    days: float | None
    day: str
    arrivals: str
    queues: tuple[str, ...]
    surges: tuple[str, ...]
    agents: str
    crews: tuple[str, ...]
    talk: str
    patience: str
    ring: str
    missed: float
    changes: Changes
    threshold_s: float | None
    bucket: Bucket
    start: str
    seed: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that a run needs. ``by_past`` says which laws are to be those of the replayed day."""

    world: World
    period: Period
    conditions: Conditions
    asked: Asked
    talk_by_past: bool
    patience_by_past: bool

    def after(self, past: PastDay) -> "Prepared":
        """With the laws that fit ``past``, where none was asked for and there was enough to estimate them."""
        talk = past.talk if self.talk_by_past and past.talk is not None else self.conditions.talk
        patience = past.patience if self.patience_by_past and past.patience is not None else self.conditions.patience
        return replace(self, conditions=replace(self.conditions, talk=talk, patience=patience))


def prepared(options: Options, config: Config | None) -> Prepared:
    """With the queues and agents of ``config`` (None: plain ones). ``ParseError`` names the option that is wrong."""
    _refuse_contradictions(options, config)
    talk = parse_law(options.talk, "--talk") if options.talk else TALK
    if talk.shape is Shape.NEVER:
        raise ParseError("a talk that never ends keeps its agent for ever", where="--talk")
    conditions = Conditions(
        talk=talk,
        patience=parse_law(options.patience, "--patience") if options.patience else PATIENCE,
        ring=parse_law(options.ring, "--ring"),
        missed=options.missed,
        seed=options.seed,
    )
    thresholds = thresholds_of(config) if config is not None and options.threshold_s is None else ()
    threshold_s = THRESHOLD_S if options.threshold_s is None else options.threshold_s
    return Prepared(
        world=_world(options, config),
        period=_period(options, ZONE if config is None else config.zone),
        conditions=conditions,
        asked=Asked(options.bucket, threshold_s, thresholds),
        talk_by_past=not options.talk,
        patience_by_past=not options.patience,
    )


def _refuse_contradictions(options: Options, config: Config | None) -> None:
    if options.day and (options.queues or options.surges or options.calls or options.days):
        raise ParseError("replays that day as it was; leave --calls, --days, --queue and --surge out", where="--day")
    if options.calls and options.days:
        raise ParseError("say how many calls or how many days, not both", where="--calls")
    if options.agents and options.crews:
        raise ParseError("say --agents or --crew, not both", where="--crew")
    if config is not None and options.crews:
        raise ParseError("the agents of a configuration name their queues themselves", where="--crew")


def _world(options: Options, config: Config | None) -> World:
    surges = [parse_surge(text, "--surge") for text in options.surges]
    in_all = surged(arrivals_of(options.arrivals, "--arrivals"), surges)
    by_queue = {name: surged(plan, surges) for name, plan in named(options.queues).items()}
    if config is None:
        crews = crews_of(options.crews) or [(agents_of(options.agents or AGENTS, "--agents"), ())]
        return bare_world(by_queue or {ONE_QUEUE: in_all}, crews, options.changes)
    agents = agents_of(options.agents, "--agents") if options.agents else None
    return house_world(config, by_queue, in_all, agents, options.changes)


def _period(options: Options, zone: str) -> Period:
    """From a local midnight; a day of the log ends at the next one, be it after 23 or 25 hours."""
    where, text = ("--day", options.day) if options.day else ("--start", options.start)
    try:
        first = datetime.fromisoformat(text)
    except ValueError:
        first = datetime.max
    if first != first.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None):
        raise ParseError(f"{text[:40]!r} is no day; write 2026-05-20", where=where)
    if not FIRST_YEAR <= first.year <= LAST_YEAR:
        raise ParseError(f"must be of the years {FIRST_YEAR} to {LAST_YEAR}", where=where)
    midnight = first.replace(tzinfo=ZoneInfo(zone))
    since = midnight.timestamp()
    if options.day:
        return Period(since, (midnight + timedelta(days=1)).timestamp(), MOST_CALLS, zone)
    until = None if options.days is None else since + options.days * DAY_S
    return Period(since, until, options.calls or CALLS, zone)

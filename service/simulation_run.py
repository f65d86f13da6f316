"""One simulation from its world to its reports."""

import math
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count, islice, takewhile
from typing import Final

from acd.arrivals import Caller, callers, poisson, together
from acd.laws import Law
from acd.scheduler import Scheduler
from acd.shifts import shifts
from acd.simulation import Phones, Simulation
from reports.model import AgentReport, Bucket, QueueReport, ReportQuery
from service.simulation_figures import Figures
from service.simulation_world import World

AT_ONCE: Final = 2_000
"""Callers between two looks at how far it is."""
LONGEST_DRAIN_S: Final = 86_400.0
"""So long after the last caller nobody is waited for any more: whoever waits still is counted as waiting."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """Chance: laws of ``talk``, ``patience`` and ``ring``, the share of rings that are ``missed``, and the ``seed``."""

    talk: Law
    patience: Law
    ring: Law
    missed: float
    seed: int


@dataclass(frozen=True, slots=True)
class Period:
    """From local midnight ``since`` until ``until`` (epoch seconds), or (None) until ``calls`` have come."""

    since: float
    until: float | None
    calls: int
    zone: str


@dataclass(frozen=True, slots=True)
class Asked:
    """How the report is cut, and T of its service levels."""

    bucket: Bucket
    threshold_s: float
    thresholds: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it. ``seconds`` on the wall clock and ``cpu_s`` of this process, reports included."""

    queues: QueueReport
    agents: AgentReport
    calls: int
    seconds: float
    cpu_s: float


def chance(seed: int, what: str) -> random.Random:
    """A source of lots of its own for each purpose, so that one more draw here changes nothing there."""
    return random.Random(f"{seed} {what}")


def coming(
    world: World, conditions: Conditions, period: Period, recorded: dict[str, list[float]] | None = None
) -> Iterator[Caller]:
    """All callers of the period, at random or at the ``recorded`` moments of each queue."""
    streams = []
    for queue in recorded or world.arrivals:
        seed = conditions.seed
        moments = (
            iter(recorded[queue])
            if recorded
            else poisson(world.arrivals[queue], period.since, chance(seed, f"arrivals {queue}").random)
        )
        patience = conditions.patience.drawn_by(chance(seed, f"patience {queue}").random)
        talk = conditions.talk.drawn_by(chance(seed, f"talk {queue}").random)
        streams.append(callers(moments, queue, patience, talk))
    stream = together(streams)
    if period.until is None:
        return islice(stream, period.calls)
    end = period.until
    return takewhile(lambda one: one.at < end, stream)


def run(
    world: World,
    conditions: Conditions,
    period: Period,
    stream: Iterator[Caller],
    asked: Asked,
    told: Callable[[int, float], None],
) -> Outcome:
    """Simulate and count. ``told`` hears now and then how many callers have come and what time it is there."""
    began, began_cpu = time.monotonic(), time.process_time()
    offers = count(1)
    scheduler = Scheduler(
        world.rules,
        lambda: f"o{next(offers)}",
        agents=world.agents,
        profiles=world.profiles,
        draw=chance(conditions.seed, "lots").random,
    )
    figures = Figures()
    lots = chance(conditions.seed, "missed").random
    missed = (lambda: lots() < conditions.missed) if conditions.missed > 0 else (lambda: False)
    phones = Phones(conditions.ring.drawn_by(chance(conditions.seed, "ring").random), missed)
    simulation = Simulation(scheduler, stream, shifts(world.crews, period.since), phones, figures.take, period.since)
    while simulation.serve(AT_ONCE):
        told(simulation.calls, simulation.now)
    until = math.floor(simulation.now) + 1.0 if period.until is None else period.until
    simulation.run_to(until)
    figures.close(until)
    simulation.drain(until + LONGEST_DRAIN_S)
    query = ReportQuery(
        period.since,
        until,
        asked.bucket,
        zone=period.zone,
        threshold_s=asked.threshold_s,
        thresholds=asked.thresholds,
    )
    queues = figures.queues(query, until)
    agents = figures.agents(period.since, until, period.zone, until)
    told(simulation.calls, until)
    return Outcome(queues, agents, simulation.calls, time.monotonic() - began, time.process_time() - began_cpu)

"""Callers of the simulation: when each comes, to which queue, how long he would wait and how long he talks.

A caller brings his patience and his talk with him, drawn when he comes. So the same seed gives the same callers
whatever the staffing and the rules are, and two rosters are compared on the same day.
"""

import heapq
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter

from acd.day_plan import DayPlan
from acd.laws import Seconds
from acd.strategies import Draw


@dataclass(frozen=True, slots=True)
class Caller:
    """Comes to ``queue`` ``at`` (epoch seconds), hangs up after ``patience_s`` of waiting (infinite: never), and talks
    for ``talk_s`` once he is answered.
    """

    at: float
    queue: str
    patience_s: float
    talk_s: float


def poisson(plan: DayPlan, midnight: float, draw: Draw) -> Iterator[float]:
    """Moments of arrivals at random, ``plan`` calls an hour, without end. Exact: gaps are exponential in the expected
    number of calls, which is carried over the steps of the plan. ``plan`` must not be 0 all day.
    """
    to_come = -math.log(1.0 - draw())
    for since, until, per_hour in plan.spans(midnight):
        per_s = per_hour / 3600.0
        at = since
        while per_s > 0.0:
            following = at + to_come / per_s
            if following >= until:
                to_come = max(0.0, to_come - (until - at) * per_s)
                break
            at = following
            yield at
            to_come = -math.log(1.0 - draw())


def callers(moments: Iterable[float], queue: str, patience: Seconds, talk: Seconds) -> Iterator[Caller]:
    """One who comes to ``queue`` at each of ``moments``."""
    return (Caller(at, queue, patience(), talk()) for at in moments)


def together(streams: Iterable[Iterator[Caller]]) -> Iterator[Caller]:
    """All of them in the order of time."""
    listed = list(streams)
    return listed[0] if len(listed) == 1 else heapq.merge(*listed, key=attrgetter("at"))

"""Staffing of one day by half hours: calls to be expected, agents they need, and who was there.

Each half hour is taken by itself, as if it were long and steady: Erlang A where callers' patience is known, else Erlang
C. What is left over from a half hour with too few agents is not carried into the next; the simulator does that.
"""

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from core.errors import ParseError
from reports.columns import Entries
from reports.erlang import Demand, Promise, agents_needed, service
from reports.forecast import SLOTS, DayKind, Forecast
from reports.rows import StateSpan

AT_WORK: Final = frozenset({"available", "ringing", "talking", "wrap_up"})
"""States of agents who take calls, now or next."""
HALF_HOURS_PER_H: Final = 2.0
MOST_WEEKS: Final = 26
MOST_SHRINKAGE: Final = 0.9


@dataclass(frozen=True, slots=True)
class StaffingQuery:
    """What is asked: ``day`` (in ``zone``) and ``queue`` ("": all), from the ``weeks`` before it.

    ``agents`` are those of the queue (none named: everybody); ``handle_s`` and ``patience_s`` None: as the past has
    them (patience ``inf``: nobody ever hangs up). ``shrinkage`` is the share of paid time in which an agent is not at
    the phone.
    """

    day: date
    queue: str = ""
    agents: frozenset[str] = frozenset()
    weeks: int = 8
    zone: str = "Asia/Shanghai"
    promise: Promise = field(default_factory=Promise)
    handle_s: float | None = None
    patience_s: float | None = None
    shrinkage: float = 0.0


@dataclass(frozen=True, slots=True)
class Assumed:
    """``handle_s`` a call keeps an agent busy, of which ``talk_s`` talk; ``patience_s`` on average (None: endless).
    ``talks`` and ``abandoned`` are how many of each that was learnt from; 0: it was said, or not known.
    """

    handle_s: float
    talk_s: float | None
    patience_s: float | None
    talks: int
    abandoned: int


@dataclass(frozen=True, slots=True)
class StaffingSlot:
    """A half hour from ``since`` to ``until``. ``calls`` to be expected, 90 % between ``low`` and ``high``; ``came``
    those that came (None: it is not over).

    ``needed`` agents for ``calls``, ``needed_high`` for ``high``; ``rostered`` with shrinkage; ``within`` and
    ``occupancy`` are what ``needed`` agents would make of it. ``there`` agents were at work on average (None: it is not
    over), ``usual`` on the days that the forecast was made of; ``gap`` is ``there`` − ``needed``.
    """

    since: float
    until: float
    label: str
    calls: float
    low: float
    high: float
    came: int | None
    needed: int
    needed_high: int
    rostered: int
    there: float | None
    usual: float
    gap: float | None
    within: float | None
    occupancy: float | None


@dataclass(frozen=True, slots=True)
class StaffingReport:
    """The half hours of the day, and what they were reckoned from."""

    day: date
    queue: str
    zone: str
    kind: DayKind
    alike: str
    days: tuple[date, ...]
    scatter: float
    promise: Promise
    shrinkage: float
    assumed: Assumed
    made_at: float
    slots: tuple[StaffingSlot, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """Of one day: ``counts`` of calls and mean number of agents at work (``there``), by half hour."""

    counts: tuple[int, ...]
    there: tuple[float, ...]


def check(query: StaffingQuery) -> None:
    """``ParseError`` for what cannot be asked."""
    if not 1 <= query.weeks <= MOST_WEEKS:
        raise ParseError(f"must be from 1 to {MOST_WEEKS}", where="weeks")
    if not 0 <= query.shrinkage <= MOST_SHRINKAGE:
        raise ParseError(f"must be a share from 0 to {MOST_SHRINKAGE}", where="shrinkage")
    if query.handle_s is not None and not 1 <= query.handle_s <= 36_000:
        raise ParseError("must be from 1 to 36000 seconds", where="aht")
    if query.patience_s is not None and query.patience_s != math.inf and not 1 <= query.patience_s <= 86_400:
        raise ParseError("must be from 1 to 86400 seconds, or endless", where="patience")
    agents_needed(Demand(0.0, 1.0), query.promise)


def half_hours(day: date, zone: ZoneInfo) -> tuple[float, ...]:
    """Epoch seconds at which the half hours of the wall clock begin, and the end of the last. Where clocks are put
    forward two of them are empty; where they are put back one is longer.
    """
    midnight = datetime(day.year, day.month, day.day)
    edges = [(midnight + timedelta(minutes=30 * slot)).replace(tzinfo=zone).timestamp() for slot in range(SLOTS + 1)]
    for slot in range(SLOTS - 1, -1, -1):
        edges[slot] = min(edges[slot], edges[slot + 1])
    return tuple(edges)


def counts_of(entries: Entries, edges: Sequence[float]) -> tuple[int, ...]:
    """Entries in each half hour."""
    return tuple(np.diff(np.searchsorted(entries.entered_at, edges)).tolist())


def presence(spans: Iterable[StateSpan], edges: Sequence[float], agents: frozenset[str]) -> tuple[float, ...]:
    """How many of ``agents`` (none named: everybody) were at work on average in each half hour."""
    seconds = [0.0] * SLOTS
    for span in spans:
        if span.state not in AT_WORK or (agents and span.agent not in agents):
            continue
        slot = max(0, bisect_right(edges, span.since) - 1)
        while slot < SLOTS and edges[slot] < span.until:
            seconds[slot] += max(0.0, min(span.until, edges[slot + 1]) - max(span.since, edges[slot]))
            slot += 1
    lengths = (until - since for since, until in pairwise(edges))
    return tuple(busy / length if length > 0 else 0.0 for busy, length in zip(seconds, lengths, strict=True))


def staffing_report(
    query: StaffingQuery,
    expected: Forecast,
    assumed: Assumed,
    seen: Seen,
    usual: Sequence[Seen],
    now: float,
) -> StaffingReport:
    """``seen`` is the day itself as far as it has come, ``usual`` the days before. ``ParseError`` where a promise needs
    more agents than there can be.
    """
    edges = half_hours(query.day, ZoneInfo(query.zone))
    needs = _Needs(query.promise, assumed, query.shrinkage)
    slots = []
    for number, calls in enumerate(expected.slots):
        since, until = edges[number], edges[number + 1]
        over = until <= now
        needed = needs.agents(calls.calls)
        there = seen.there[number] if over else None
        served = needs.service(calls.calls, needed)
        slots.append(
            StaffingSlot(
                since=since,
                until=until,
                label=f"{number // 2:02}:{30 * (number % 2):02}",
                calls=calls.calls,
                low=calls.low,
                high=calls.high,
                came=seen.counts[number] if over else None,
                needed=needed,
                needed_high=needs.agents(calls.high),
                rostered=needs.rostered(needed),
                there=there,
                usual=sum(one.there[number] for one in usual) / len(usual) if usual else 0.0,
                gap=None if there is None else there - needed,
                within=served[0],
                occupancy=served[1],
            )
        )
    return StaffingReport(
        day=query.day,
        queue=query.queue,
        zone=query.zone,
        kind=expected.kind,
        alike=expected.alike.value,
        days=expected.days,
        scatter=expected.scatter,
        promise=query.promise,
        shrinkage=query.shrinkage,
        assumed=assumed,
        made_at=now,
        slots=tuple(slots),
    )


class _Needs:
    """Agents for calls of a half hour."""

    def __init__(self, promise: Promise, assumed: Assumed, shrinkage: float) -> None:
        self._promise = promise
        self._assumed = assumed
        self._shrinkage = shrinkage

    def _demand(self, calls: float) -> Demand:
        return Demand(HALF_HOURS_PER_H * calls, self._assumed.handle_s, self._assumed.patience_s)

    def agents(self, calls: float) -> int:
        return agents_needed(self._demand(calls), self._promise)

    def rostered(self, needed: int) -> int:
        """So many must be paid for that ``needed`` are at the phone."""
        return math.ceil(needed / (1.0 - self._shrinkage) - 1e-9)

    def service(self, calls: float, agents: int) -> tuple[float | None, float | None]:
        """Share answered in time, and occupancy; None where nobody calls."""
        if calls <= 0:
            return None, None
        found = service(self._demand(calls), agents, self._promise.within_s)
        return found.within, found.occupancy

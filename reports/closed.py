"""Callers who came while a queue was closed, by queue, dialled number and hour of the day: is anybody missing there?"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from reports.formulas import Formula

HOLIDAY: Final = "holiday"
"""Why a queue is closed all day; else it is out of hours."""

CLOSED_FORMULAS: Final = (
    Formula(
        "came",
        "非服务时间来电",
        "came while closed",
        "时段内转入时队列未开放的来电，同一通来电对同一队列只计一次",
        "calls led in the period to a queue that was closed, once for each call and queue",
        "count",
    ),
    Formula("holiday", "其中节假日", "of which holiday", "其中当天为节假日", "of these on a holiday", "count"),
    Formula(
        "calls",
        "来电数",
        "calls",
        "其中不同的来电；一通来电可先后转入几个未开放的队列",
        "different calls among these; one call may be led to several closed queues",
        "count",
    ),
)


@dataclass(frozen=True, slots=True)
class ClosedCall:
    """A call was led to ``queue`` at ``at`` while that was closed, ``why``: closed or holiday. ``number`` is the
    caller's ("" where he hid it), ``line`` the number that was dialled.
    """

    call_id: str
    number: str
    line: str
    queue: str
    at: float
    why: str


@dataclass(frozen=True, slots=True)
class ClosedHour:
    """So many ``came`` to ``queue`` by ``line`` in the ``hour`` of the day (0: from midnight to one), over all days."""

    queue: str
    line: str
    hour: int
    came: int
    holiday: int


@dataclass(frozen=True, slots=True)
class ClosedFigures:
    """By ``CLOSED_FORMULAS``."""

    came: int
    holiday: int
    calls: int


def closed_figures(came: Iterable[ClosedCall]) -> ClosedFigures:
    """Over all queues and lines."""
    everybody = tuple(came)
    return ClosedFigures(
        len(everybody), sum(it.why == HOLIDAY for it in everybody), len({it.call_id for it in everybody})
    )


def closed_hours(came: Iterable[ClosedCall], zone: tzinfo) -> tuple[ClosedHour, ...]:
    """By queue, line and hour of the day in ``zone``."""
    counted: Counter[tuple[str, str, int]] = Counter()
    holiday: Counter[tuple[str, str, int]] = Counter()
    for it in came:
        cell = (it.queue, it.line, datetime.fromtimestamp(it.at, zone).hour)
        counted[cell] += 1
        holiday[cell] += it.why == HOLIDAY
    return tuple(ClosedHour(*cell, counted[cell], holiday[cell]) for cell in sorted(counted))

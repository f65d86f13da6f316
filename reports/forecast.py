"""How many calls a day will bring, half hour by half hour: a weighted mean of past days of the same kind.

An ordinary day is compared with the same weekday of the weeks before, but for those that were holidays or made up for
one; a public holiday with public holidays; a weekend day on which people work (调休) with such days and ordinary
working days. Where a kind has too few days the next best is taken, and the forecast says which. The weight of a day
halves every four weeks.

The 90 % interval is that of one more such day: with weighted mean λ of the past and n effective days, the variance is
φ·λ·(1 + 1/n). φ is how much more days scatter than chance alone would make them (Poisson: φ = 1, and never less),
estimated over the whole day, since a single half hour of a few weeks tells too little. The law is taken as normal, cut
at 0.

It knows no trend, no season, no advertising: whoever knows of those multiplies.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

SLOTS: Final = 48
"""Half hours of the wall clock."""
HALF_LIFE_DAYS: Final = 28.0
FEWEST_DAYS: Final = 2
_90_PERCENT: Final = 1.6449
_SUNDAY: Final = 6
_SATURDAY: Final = 5


class DayKind(StrEnum):
    """What the calendar says of a day."""

    ORDINARY = "ordinary"
    HOLIDAY = "holiday"
    MAKE_UP = "make_up"  # a weekend day that makes up for a holiday: people work


class Alike(StrEnum):
    """Which days a forecast was made of."""

    WEEKDAY = "weekday"  # the same weekday
    HOLIDAYS = "holidays"
    SUNDAYS = "sundays"  # for a holiday where there were too few of them
    WORKING_DAYS = "working_days"


@dataclass(frozen=True, slots=True)
class PastDay:
    """A day with ``counts`` calls in each half hour of the wall clock."""

    day: date
    kind: DayKind
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Expected:
    """Calls of one half hour; ``low`` to ``high`` holds with 90 %."""

    calls: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """``slots`` are the half hours of the day; ``alike`` and ``days`` say what it was made of; ``scatter`` is φ."""

    day: date
    kind: DayKind
    alike: Alike
    days: tuple[date, ...]
    scatter: float
    slots: tuple[Expected, ...]


_Fits: TypeAlias = Callable[[PastDay], bool]


def forecast(day: date, kind: DayKind, past: Sequence[PastDay]) -> Forecast | None:
    """Of ``day``, from ``past`` days before it; None where fewer than two of them are like it."""
    for alike, fits in _choices(day, kind):
        days = [one for one in past if one.day < day and fits(one)]
        if len(days) >= FEWEST_DAYS:
            scatter, slots = _expected(day, days)
            return Forecast(day, kind, alike, tuple(one.day for one in days), scatter, slots)
    return None


def _choices(day: date, kind: DayKind) -> list[tuple[Alike, _Fits]]:
    """Which past days to take, best first."""
    weekday = day.weekday()
    match kind:
        case DayKind.HOLIDAY:
            return [
                (Alike.HOLIDAYS, lambda one: one.kind is DayKind.HOLIDAY),
                (Alike.SUNDAYS, lambda one: one.kind is DayKind.ORDINARY and one.day.weekday() == _SUNDAY),
            ]
        case DayKind.MAKE_UP:
            return [(Alike.WORKING_DAYS, _works)]
        case DayKind.ORDINARY:
            return [(Alike.WEEKDAY, lambda one: one.kind is DayKind.ORDINARY and one.day.weekday() == weekday)]


def _works(one: PastDay) -> bool:
    return one.kind is DayKind.MAKE_UP or (one.kind is DayKind.ORDINARY and one.day.weekday() < _SATURDAY)


def _expected(day: date, days: Sequence[PastDay]) -> tuple[float, tuple[Expected, ...]]:
    counts: NDArray[np.float64] = np.array([one.counts for one in days], dtype=np.float64)
    weights = 0.5 ** (np.array([(day - one.day).days for one in days], dtype=np.float64) / HALF_LIFE_DAYS)
    weights /= weights.sum()
    effective = 1.0 / float((weights**2).sum())
    means = weights @ counts
    variances = weights @ (counts - means) ** 2 * effective / (effective - 1.0)
    scatter = max(1.0, float(variances.sum() / means.sum())) if means.sum() > 0 else 1.0
    found = []
    for calls in means.tolist():
        reach = _90_PERCENT * math.sqrt(scatter * calls * (1.0 + 1.0 / effective))
        found.append(Expected(calls, max(0.0, calls - reach), calls + reach))
    return scatter, tuple(found)

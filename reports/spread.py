"""How numbers that people have named are spread: mean, median with its interval, and a histogram with even bins."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_Z: Final = 1.959963984540054
MAX_BINS: Final = 10


@dataclass(frozen=True, slots=True)
class Spread:
    """Of all answers. ``low`` and ``high`` bound the median with 95 %, whatever the distribution is: they are order
    statistics (W. J. Conover: Practical Nonparametric Statistics, 3.2); None with fewer than six answers.
    """

    mean: float
    median: float
    low: int | None
    high: int | None
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Bin:
    """``times`` answers from ``low`` to ``high``, both included."""

    low: int
    high: int
    times: int


def spread_of(counts: Mapping[int, int]) -> Spread | None:
    """``counts``: how often each number was named; None where there is none."""
    ordered = sorted((number, times) for number, times in counts.items() if times)
    people = sum(times for _, times in ordered)
    if not people:
        return None
    middle = (_nth(ordered, (people + 1) // 2) + _nth(ordered, people // 2 + 1)) / 2
    rank = math.floor((people + 1 - _Z * math.sqrt(people)) / 2)
    return Spread(
        mean=sum(number * times for number, times in ordered) / people,
        median=middle,
        low=_nth(ordered, rank) if rank >= 1 else None,
        high=_nth(ordered, people + 1 - rank) if rank >= 1 else None,
        least=ordered[0][0],
        most=ordered[-1][0],
    )


def bins_of(counts: Mapping[int, int]) -> tuple[Bin, ...]:
    """At most ``MAX_BINS`` of one width, which is 1, 2 or 5 times a power of ten; empty ones between others too."""
    named = [number for number, times in counts.items() if times]
    if not named:
        return ()
    width = _width(min(named), max(named))
    first, last = min(named) // width, max(named) // width
    return tuple(
        Bin(at * width, (at + 1) * width - 1, sum(times for number, times in counts.items() if number // width == at))
        for at in range(first, last + 1)
    )


def _width(least: int, most: int) -> int:
    power = 1
    while True:
        for step in (1, 2, 5):
            width = step * power
            if most // width - least // width < MAX_BINS:
                return width
        power *= 10


def _nth(ordered: list[tuple[int, int]], nth: int) -> int:
    """The ``nth`` smallest, from 1."""
    seen = 0
    for number, times in ordered:
        seen += times
        if seen >= nth:
            return number
    raise IndexError(nth)

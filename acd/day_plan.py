"""Figures that change in the course of a day, the same every day: calls an hour, agents on duty. A day has 24 hours."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Final

from core.errors import ParseError

DAY_S: Final = 86_400.0
_NUMBER: Final = re.compile(r"[0-9]{1,7}(\.[0-9]{1,6})?")
_STEP: Final = re.compile(r"(?P<hour>[01]?[0-9]|2[0-3]):(?P<minute>[0-5][0-9])=(?P<value>[0-9]{1,7}(?:\.[0-9]{1,6})?)")
_SURGE: Final = re.compile(
    r"(?P<hour>[01]?[0-9]|2[0-3]):(?P<minute>[0-5][0-9])\+(?P<minutes>[0-9]{1,4})"
    r"x(?P<factor>[0-9]{1,3}(?:\.[0-9]{1,3})?)"
)


@dataclass(frozen=True, slots=True)
class DayPlan:
    """``steps`` are (seconds after midnight, figure from then on), in order, the first at midnight."""

    steps: tuple[tuple[float, float], ...]

    def at(self, second: float) -> float:
        """The figure at ``second`` after midnight."""
        return next(value for since, value in reversed(self.steps) if since <= second)

    @property
    def most(self) -> float:
        """The highest figure of the day."""
        return max(value for _, value in self.steps)

    def times(self, factor: float) -> "DayPlan":
        """All figures multiplied."""
        return DayPlan(tuple((since, value * factor) for since, value in self.steps))

    def spans(self, midnight: float) -> Iterator[tuple[float, float, float]]:
        """From, until and the figure between, from ``midnight`` on, day after day without end."""
        ends = [since for since, _ in self.steps[1:]] + [DAY_S]
        for day in count():
            start = midnight + day * DAY_S
            for (since, value), end in zip(self.steps, ends, strict=True):
                yield start + since, start + end, value


@dataclass(frozen=True, slots=True)
class Surge:
    """Every day, ``since_s`` after midnight and for ``length_s``, everything is multiplied by ``factor``."""

    since_s: float
    length_s: float
    factor: float


def constant(value: float) -> DayPlan:
    """The same figure all day."""
    return DayPlan(((0.0, value),))


def surged(plan: DayPlan, surges: Sequence[Surge]) -> DayPlan:
    """``plan`` with ``surges``; of several at the same time each multiplies. They end at midnight at the latest."""
    ends = (min(one.since_s + one.length_s, DAY_S) for one in surges)
    cuts = sorted({since for since, _ in plan.steps} | {one.since_s for one in surges} | set(ends) - {DAY_S})
    steps = []
    for cut in cuts:
        value = plan.at(cut)
        for one in surges:
            if one.since_s <= cut < one.since_s + one.length_s:
                value *= one.factor
        steps.append((cut, value))
    return DayPlan(tuple(steps))


def parse_plan(text: str, where: str) -> DayPlan:
    """``12`` or ``08:00=4,12:30=8,20:00=0`` (nothing before the first); ``ParseError`` names ``where``."""
    if _NUMBER.fullmatch(text):
        return constant(float(text))
    steps: dict[float, float] = {0.0: 0.0}
    last = -1.0
    for part in text.split(","):
        match = _STEP.fullmatch(part.strip())
        if match is None:
            raise ParseError(
                f"{part[:40]!r}: write a number, or times of the day in order with the number from then on, such as "
                "08:00=4,12:30=8,20:00=0",
                where=where,
            )
        since = 3600.0 * int(match["hour"]) + 60.0 * int(match["minute"])
        if since <= last:
            raise ParseError(f"{part[:40]!r} is not later than what stands before it", where=where)
        steps[since] = float(match["value"])
        last = since
    return DayPlan(tuple(steps.items()))


def parse_surge(text: str, where: str) -> Surge:
    """``10:00+60x3``: from ten o'clock, for 60 minutes, three times as many; ``ParseError`` names ``where``."""
    match = _SURGE.fullmatch(text)
    if match is None or int(match["minutes"]) == 0:
        raise ParseError(
            f"{text[:40]!r} is no surge; write 10:00+60x3 for three times as many from ten o'clock for 60 minutes",
            where=where,
        )
    since = 3600.0 * int(match["hour"]) + 60.0 * int(match["minute"])
    return Surge(since, 60.0 * int(match["minutes"]), float(match["factor"]))

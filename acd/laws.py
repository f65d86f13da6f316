"""How long things take that nobody decides: patience, talks, rings. Laws are values; lots are drawn outside."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from acd.strategies import Draw
from core.errors import ParseError

Seconds: TypeAlias = Callable[[], float]
"""Draws one duration."""
LONGEST_S: Final = 86_400.0
_TEXT: Final = re.compile(r"(?P<kind>exp|const|lognormal):(?P<mean>[0-9.]{1,10})(?:,(?P<spread>[0-9.]{1,10}))?")
_FORMS: Final = "exp:MEAN, const:SECONDS, lognormal:MEAN,DEVIATION or never"


class Shape(StrEnum):
    """The form of a law."""

    EXPONENTIAL = "exp"
    LOG_NORMAL = "lognormal"
    CONSTANT = "const"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Law:
    """Durations of mean ``mean_s``; ``spread_s`` is the standard deviation of log-normal ones. NEVER: endless."""

    shape: Shape
    mean_s: float = 0.0
    spread_s: float = 0.0

    def drawn_by(self, draw: Draw) -> Seconds:
        """A source of such durations."""
        mean_s = self.mean_s
        match self.shape:
            case Shape.EXPONENTIAL:
                return lambda: -mean_s * math.log(1.0 - draw())
            case Shape.CONSTANT:
                return lambda: mean_s
            case Shape.NEVER:
                return lambda: math.inf
            case Shape.LOG_NORMAL:
                variance = math.log1p((self.spread_s / mean_s) ** 2)
                middle, width = math.log(mean_s) - variance / 2, math.sqrt(variance)
                return lambda: math.exp(middle + width * _normal(draw))

    def __str__(self) -> str:
        """As ``parse_law`` reads it."""
        match self.shape:
            case Shape.NEVER:
                return "never"
            case Shape.LOG_NORMAL:
                return f"lognormal:{self.mean_s:.6g},{self.spread_s:.6g}"
            case _:
                return f"{self.shape.value}:{self.mean_s:.6g}"


NEVER: Final = Law(Shape.NEVER)
"""Of callers who wait for ever."""


def _normal(draw: Draw) -> float:
    """By Box and Muller."""
    return math.sqrt(-2.0 * math.log(1.0 - draw())) * math.cos(2.0 * math.pi * draw())


def parse_law(text: str, where: str) -> Law:
    """``exp:180``, ``lognormal:170,110``, ``const:60``, ``never``; ``ParseError`` says how to write it."""
    if text == "never":
        return NEVER
    match = _TEXT.fullmatch(text)
    if match is None or (match["spread"] is None) == (match["kind"] == Shape.LOG_NORMAL):
        raise ParseError(f"{text[:40]!r} is no law of durations; write {_FORMS}, in seconds", where=where)
    try:
        mean_s, spread_s = float(match["mean"]), float(match["spread"] or 0)
    except ValueError:
        raise ParseError(f"{text[:40]!r}: not a number; write {_FORMS}", where=where) from None
    smallest = 0.0 if match["kind"] == Shape.CONSTANT else 0.001
    if not smallest <= mean_s <= LONGEST_S or not 0 <= spread_s <= LONGEST_S:
        raise ParseError(f"{text[:40]!r}: must be more than 0 and at most a day", where=where)
    return Law(Shape(match["kind"]), mean_s, spread_s)

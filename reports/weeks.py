"""Calendar weeks as ISO 8601 counts them: Monday to Sunday by the wall clock, named ``2026-W46``."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Self
from zoneinfo import ZoneInfo

from core.errors import ParseError

_NAME: Final = re.compile(r"([0-9]{4})-?W([0-9]{2})")
_WEEK: Final = timedelta(days=7)
_FIRST_YEAR: Final = 1971
_LAST_YEAR: Final = 2900
"""Beyond these, weeks are mistakes."""


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """Week ``number`` of ``year``; the first of a year is the one that holds its first Thursday."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Self:
        """The week that ``day`` lies in."""
        iso = day.isocalendar()
        return cls(iso.year, iso.week)

    @property
    def monday(self) -> date:
        """Its first day."""
        return date.fromisocalendar(self.year, self.number, 1)

    @property
    def sunday(self) -> date:
        """Its last day."""
        return date.fromisocalendar(self.year, self.number, 7)

    @property
    def before(self) -> Self:
        """The week before it."""
        return type(self).of(self.monday - _WEEK)

    @property
    def following(self) -> Self:
        """The week after it."""
        return type(self).of(self.monday + _WEEK)

    def span(self, zone: ZoneInfo) -> tuple[float, float]:
        """Where it begins and ends, epoch seconds: local midnights, whatever clocks do in between."""
        return _midnight(self.monday, zone), _midnight(self.monday + _WEEK, zone)

    def __str__(self) -> str:
        return f"{self.year}-W{self.number:02}"


def parse_week(text: str) -> Week:
    """``2026-W46``; ``ParseError`` for what is no week."""
    match = _NAME.fullmatch(text.strip())
    if match is None or not _FIRST_YEAR <= int(match[1]) <= _LAST_YEAR:
        raise ParseError(f"{text[:40]!r} is no week; write a year and its ISO week, such as 2026-W46", where="week")
    week = Week(int(match[1]), int(match[2]))
    try:
        _ = week.monday
    except ValueError:
        raise ParseError(f"the year {week.year} has no week {week.number}", where="week") from None
    return week


def last_week(now: float, zone: ZoneInfo) -> Week:
    """The newest week that is over at ``now``, epoch seconds."""
    return Week.of(datetime.fromtimestamp(now, zone).date()).before


def _midnight(day: date, zone: ZoneInfo) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()

"""Opening hours: is the centre open at this moment, is today a holiday, when does it open next.

Chinese public holidays and make-up working days (调休) come from the library ``chinesecalendar``, which carries what
the State Council has announced; in a year that it does not know yet days count by weekday (``announced_until``).
Pure: ``now`` is epoch seconds. ``ivr.hours_text`` reads the lines of the configuration.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import chinese_calendar

MINUTES_A_DAY: Final = 1440
_LOOK_AHEAD_DAYS: Final = 400
MONDAY: Final = 0
SATURDAY: Final = 5


class HoursStatus(StrEnum):
    """What the clock says of an opening-hours calendar."""

    OPEN = "open"
    CLOSED = "closed"
    HOLIDAY = "holiday"  # closed all day, because of a public holiday or a date declared closed


def zone_of(calendars: Mapping[str, "Hours"]) -> tzinfo:
    """The zone of the house, which all its calendars have."""
    return next((calendar.zone for calendar in calendars.values()), ZoneInfo("Asia/Shanghai"))


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Open from ``start`` to ``end`` minutes after midnight; ``end`` above 1440 runs into the next day."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Hours:
    """Opening hours of one calendar.

    ``week`` holds the spans of Monday to Sunday. A span that runs over midnight belongs to the day on which it starts,
    also when the next day is a holiday. With ``chinese_holidays`` a public holiday is closed, and a weekend day that
    makes up for one has Monday's hours (its own, where Monday has none). ``extra_open`` and ``extra_closed`` overrule
    all of that for single dates; a date in both is closed.
    """

    week: tuple[tuple[Span, ...], ...]
    zone: tzinfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    chinese_holidays: bool = True
    extra_open: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)
    extra_closed: frozenset[date] = frozenset()

    def status(self, now: float) -> HoursStatus:
        """Open, closed, or closed for a holiday, at ``now``."""
        today, minute = self._local(now)
        if any(span.start <= minute < span.end for span in self.spans(today)):
            return HoursStatus.OPEN
        from_yesterday = minute + MINUTES_A_DAY
        if any(span.start <= from_yesterday < span.end for span in self.spans(today - timedelta(days=1))):
            return HoursStatus.OPEN
        return HoursStatus.HOLIDAY if self.is_holiday(today) else HoursStatus.CLOSED

    def is_open(self, now: float) -> bool:
        """True where ``status`` is OPEN."""
        return self.status(now) is HoursStatus.OPEN

    def next_open(self, now: float) -> float | None:
        """The moment, ``now`` or later, at which it is open; None if it does not open within 400 days."""
        if self.is_open(now):
            return now
        today, _ = self._local(now)
        for ahead in range(_LOOK_AHEAD_DAYS):
            day = today + timedelta(days=ahead)
            midnight = datetime(day.year, day.month, day.day, tzinfo=self.zone)
            for span in sorted(self.spans(day)):
                opens = (midnight + timedelta(minutes=span.start)).timestamp()
                if opens >= now:
                    return opens
        return None

    def is_holiday(self, day: date) -> bool:
        """Closed all day by declaration or as a public holiday that no extra opening overrules."""
        if day in self.extra_closed:
            return True
        return day not in self.extra_open and self.chinese_holidays and _public_holiday(day)

    def spans(self, day: date) -> tuple[Span, ...]:
        """When it opens on ``day``."""
        if self.is_holiday(day):
            return ()
        declared = self.extra_open.get(day)
        if declared:
            return declared
        of_day = self.week[day.weekday()]
        if declared is not None or (self.chinese_holidays and _makes_up(day)):
            working_day = self.week[MONDAY]
            if declared is not None and of_day:
                return of_day
            return working_day or of_day
        return of_day

    def _local(self, now: float) -> tuple[date, int]:
        local = datetime.fromtimestamp(now, self.zone)
        return local.date(), local.hour * 60 + local.minute


def announced_until() -> int:
    """The last year whose public holidays are known."""
    latest: date = max(chinese_calendar.constants.holidays)
    return latest.year


@lru_cache(maxsize=4096)  # the library looks through all its years each time: 60 µs
def _detail(day: date) -> tuple[bool, str | None]:
    try:
        rests, occasion = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:  # the library's word for a year outside its table
        return day.weekday() >= SATURDAY, None
    return bool(rests), occasion


def _public_holiday(day: date) -> bool:
    rests, occasion = _detail(day)
    return rests and occasion is not None


def _makes_up(day: date) -> bool:
    rests, _ = _detail(day)
    return day.weekday() >= SATURDAY and not rests

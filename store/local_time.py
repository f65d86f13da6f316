"""Hours and days of a place, told by the database itself; only integer arithmetic, so SQLite and PostgreSQL agree."""

from datetime import datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, ColumnElement, Integer, and_, case, cast, false, func, or_

from reports.buckets import WEEK_HOURS

_HOUR_S: Final = 3600
_DAY_S: Final = 86_400
_QUARTER_S: Final = 900
_DAYS: Final = range(1_420_070_400, 2_208_988_800, _DAY_S)
"""Of 2015 to 2039: clocks that are put forward and back then are known."""
_FOREVER: Final = 1 << 40
_DAY_HOURS: Final = 24
_MONDAY_S: Final = 3 * _DAY_S
"""The first day of the epoch was a Thursday."""
_BEFORE_EPOCH: Final = 719_469


def second_of(at: ColumnElement[float]) -> ColumnElement[int]:
    """The whole second of a moment: PostgreSQL rounds where SQLite cuts off."""
    near = cast(at, BigInteger)
    return near - case((near > at, 1), else_=0)


def in_hour(second: ColumnElement[int], hour: int, zone: ZoneInfo) -> ColumnElement[bool]:
    """``second`` (epoch) lies in that hour of the day."""
    return _within(second, hour, zone, _DAY_HOURS, 0)


def in_week_hour(second: ColumnElement[int], hour: int, zone: ZoneInfo) -> ColumnElement[bool]:
    """``second`` (epoch) lies in that hour of the week, 0 for Mondays from 0 to 1; see ``reports.buckets``."""
    return _within(second, hour, zone, WEEK_HOURS, _MONDAY_S)


def local_day(second: ColumnElement[int], zone: ZoneInfo) -> ColumnElement[int]:
    """The day of ``second`` (epoch), counted from 1970-01-01."""
    spans = _spans(zone)
    offset = case(*((second < until, offset) for _, until, offset in spans[:-1]), else_=spans[-1][2])
    return (second + (offset if len(spans) > 1 else spans[0][2])) // _DAY_S


def day_number(day: ColumnElement[str]) -> ColumnElement[int]:
    """The day that is written as 2026-06-01, counted from 1970-01-01; NULL for "". The years begin in March, as in
    Zeller's congruence.
    """
    year, month, of_month = (cast(func.substr(day, at, length), Integer) for at, length in ((1, 4), (6, 2), (9, 2)))
    moved = (month + 9) % 12
    years = year - moved // 10
    before = 365 * years + years // 4 - years // 100 + years // 400
    return case((day != "", before + (153 * moved + 2) // 5 + of_month - _BEFORE_EPOCH))


def _within(second: ColumnElement[int], hour: int, zone: ZoneInfo, of: int, shift: int) -> ColumnElement[bool]:
    fits = (
        and_(second >= since, second < until, (second + offset + shift) // _HOUR_S % of == hour)
        for since, until, offset in _spans(zone)
    )
    return or_(false(), *fits)


@lru_cache(maxsize=8)
def _spans(zone: ZoneInfo) -> tuple[tuple[int, int, int], ...]:
    """From when until when (epoch seconds) the clocks of ``zone`` were so many seconds ahead of UTC."""
    found: list[tuple[int, int, int]] = []
    since = 0
    for day in _DAYS:
        if _offset(day, zone) != _offset(day + _DAY_S, zone):
            moments = range(day, day + _DAY_S + 1, _QUARTER_S)
            at = next(moment for moment in moments if _offset(moment, zone) != _offset(day, zone))
            found.append((since, at, _offset(day, zone)))
            since = at
    return (*found, (since, _FOREVER, _offset(_DAYS.stop, zone)))


def _offset(at: int, zone: ZoneInfo) -> int:
    ahead = datetime.fromtimestamp(at, zone).utcoffset()
    return 0 if ahead is None else int(ahead.total_seconds())

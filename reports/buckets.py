"""Cuts a period into half hours, hours, days, weeks or months of a local wall clock, also where clocks are put forward
and back.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.errors import ParseError
from reports.model import Bucket

WEEK_HOURS: Final = 7 * 24
_STEP: Final = {Bucket.HALF_HOUR: timedelta(minutes=30), Bucket.HOUR: timedelta(hours=1)}
_DATES: Final = (Bucket.DAY, Bucket.WEEK, Bucket.MONTH)
_QUARTER_S: Final = 900.0
_HALF_A_DAY_S: Final = 43_200.0
HALF_HOUR_S: Final = 1800.0
HOUR_S: Final = 3600.0
_WEEK_S: Final = 7 * 86_400
_LOOKED_AT_S: Final = 10 * 366 * 86_400.0
MAX_BUCKETS: Final = 20_000


def zone_of(name: str) -> ZoneInfo:
    """The time zone of that IANA name; ``ParseError`` where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ParseError(f"no such time zone: {name!r}; write one like Asia/Shanghai", where="zone") from None


def bucket_start(at: float, bucket: Bucket, zone: ZoneInfo) -> float:
    """Epoch seconds at which the bucket that holds ``at`` began. When clocks go back, the hour that comes twice is two
    buckets; a day is from local midnight to local midnight, be it of 23, 24 or 25 hours; a week begins on Monday.
    """
    local = datetime.fromtimestamp(at, zone)
    if bucket in _DATES:
        return _first_day(local.date(), bucket, zone)
    minute = 30 * (local.minute // 30) if bucket is Bucket.HALF_HOUR else 0
    start = local.replace(minute=minute, second=0, microsecond=0).timestamp()
    # Where clocks jump inside the bucket's wall-clock span, its start on the other side of the jump may lie ahead.
    return min(start, at)


def _first_day(day: date, bucket: Bucket, zone: ZoneInfo) -> float:
    """Midnight of the day, week or month that ``day`` belongs to, epoch seconds."""
    if bucket is Bucket.WEEK:
        day -= timedelta(days=day.weekday())
    elif bucket is Bucket.MONTH:
        day = day.replace(day=1)
    return datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()


def bucket_end(start: float, bucket: Bucket, zone: ZoneInfo) -> float:
    """Epoch seconds at which the bucket that began at ``start`` ends and the next begins."""
    if bucket in _DATES:
        # From the middle of the first day, so that a midnight that is skipped (clocks put forward) does no harm.
        first = datetime.fromtimestamp(start + _HALF_A_DAY_S, zone).date()
        longest = {Bucket.DAY: 1, Bucket.WEEK: 7, Bucket.MONTH: 31}[bucket]
        return _first_day(first + timedelta(days=longest), bucket, zone)
    end = start + _STEP[bucket].total_seconds()
    # Clocks that go back by less than a bucket (Lord Howe Island) bring part of it twice: it is that much longer.
    while bucket_start(end, bucket, zone) <= start:
        end += _QUARTER_S
    return bucket_start(end, bucket, zone)


def bucket_starts(since: float, until: float, bucket: Bucket, zone: ZoneInfo) -> Iterator[float]:
    """The starts of all buckets that touch [``since``, ``until``); ``ParseError`` where there are more than
    ``MAX_BUCKETS``.
    """
    start = bucket_start(since, bucket, zone)
    for _ in range(MAX_BUCKETS):
        if start >= until:
            return
        yield start
        start = bucket_end(start, bucket, zone)
    raise ParseError(f"more than {MAX_BUCKETS} buckets; ask for a shorter period or larger buckets", where="bucket")


def week_hour_of(at: float, zone: ZoneInfo) -> int:
    """The hour of the week of ``at``: 0 for Mondays from 0 to 1, 167 for the last of Sundays."""
    local = datetime.fromtimestamp(at, zone)
    return 24 * local.weekday() + local.hour


def week_hour_label(number: int) -> str:
    """``1T09`` for Mondays from 9 to 10: the day as in ISO 8601, and the hour."""
    return f"{number // 24 + 1}T{number % 24:02}"


def label_of(at: float, zone: ZoneInfo) -> str:
    """``2026-03-02T09:30+08:00``: local time to the minute, with its offset."""
    return datetime.fromtimestamp(at, zone).isoformat(timespec="minutes")


def in_half_hours(since: float, until: float, zone: ZoneInfo, step_s: float = HALF_HOUR_S) -> bool:
    """Whether the clocks of ``zone`` are whole half hours (or ``step_s``) from UTC all the time (looked at once a
    week).
    """
    last = int(min(until, since + _LOOKED_AT_S))
    return all(_offset(at, zone) % step_s == 0.0 for at in (*range(int(since), last, _WEEK_S), until))


def _offset(at: float, zone: ZoneInfo) -> float:
    ahead = datetime.fromtimestamp(at, zone).utcoffset()
    return 0.0 if ahead is None else ahead.total_seconds()

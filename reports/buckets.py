"""Cuts a period into half hours, hours or days of a local wall clock, also where clocks are put forward and back."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.errors import ParseError
from reports.model import Bucket

_STEP: Final = {
    Bucket.HALF_HOUR: timedelta(minutes=30),
    Bucket.HOUR: timedelta(hours=1),
    Bucket.DAY: timedelta(days=1),
}
_QUARTER_S: Final = 900.0
MAX_BUCKETS: Final = 20_000


def zone_of(name: str) -> ZoneInfo:
    """The time zone of that IANA name; ``ParseError`` where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ParseError(f"no such time zone: {name!r}; write one like Asia/Shanghai", where="zone") from None


def bucket_start(at: float, bucket: Bucket, zone: ZoneInfo) -> float:
    """Epoch seconds at which the bucket that holds ``at`` began. When clocks go back, the hour that comes twice is two
    buckets; a day is from local midnight to local midnight, be it of 23, 24 or 25 hours.
    """
    local = datetime.fromtimestamp(at, zone)
    if bucket is Bucket.DAY:
        return local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0).timestamp()
    minute = 30 * (local.minute // 30) if bucket is Bucket.HALF_HOUR else 0
    start = local.replace(minute=minute, second=0, microsecond=0).timestamp()
    # Where clocks jump inside the bucket's wall-clock span, its start on the other side of the jump may lie ahead.
    return min(start, at)


def bucket_end(start: float, bucket: Bucket, zone: ZoneInfo) -> float:
    """Epoch seconds at which the bucket that began at ``start`` ends and the next begins."""
    step = _STEP[bucket]
    if bucket is Bucket.DAY:
        day = datetime.fromtimestamp(start, zone).replace(tzinfo=None, fold=0)
        midnight = day.replace(hour=0, minute=0, second=0, microsecond=0)
        return (midnight + step).replace(tzinfo=zone).timestamp()
    end = start + step.total_seconds()
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


def label_of(at: float, zone: ZoneInfo) -> str:
    """``2026-03-02T09:30+08:00``: local time to the minute, with its offset."""
    return datetime.fromtimestamp(at, zone).isoformat(timespec="minutes")

"""Which bucket each moment of a report falls into."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from core.errors import ParseError
from reports.buckets import (
    HALF_HOUR_S,
    HOUR_S,
    MAX_BUCKETS,
    WEEK_HOURS,
    bucket_end,
    bucket_start,
    bucket_starts,
    in_half_hours,
    label_of,
    week_hour_label,
    week_hour_of,
    zone_of,
)
from reports.model import Bucket, ReportQuery

_STEPS: Final = {Bucket.HALF_HOUR: HALF_HOUR_S, Bucket.HOUR: HOUR_S}
"""Buckets that follow each other on the clock of UTC too, in zones that are such steps from it."""


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """Pieces of the period by time (not all of it need be there), and the bucket that each belongs to: its own place,
    or with ``folded`` an hour of the week.
    """

    starts: NDArray[np.float64]
    ends: NDArray[np.float64]
    zone: ZoneInfo
    folded: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        """How many buckets there are."""
        return len(self.starts) if self.folded is None else WEEK_HOURS

    def of(self, moments: NDArray[np.float64]) -> NDArray[np.int64]:
        """The number of the bucket that each moment lies in."""
        pieces: NDArray[np.int64] = np.searchsorted(self.starts, moments, side="right") - 1
        return pieces if self.folded is None else self.folded[pieces]

    def span(self, bucket: int) -> tuple[float, float] | None:
        """Where a bucket begins and ends; None of one that is many hours."""
        return (float(self.starts[bucket]), float(self.ends[bucket])) if self.folded is None else None

    def label(self, bucket: int) -> str:
        """The bucket for people."""
        return label_of(float(self.starts[bucket]), self.zone) if self.folded is None else week_hour_label(bucket)


def cut_of(query: ReportQuery, moments: NDArray[np.float64]) -> Cut:
    """The buckets that hold one of ``moments`` (ascending), or with ``fill`` all of the period; cut to the period.
    ``ParseError`` for more than ``MAX_BUCKETS``.
    """
    zone = zone_of(query.zone)
    if query.bucket is Bucket.TOTAL:
        return Cut(np.array([query.since]), np.array([query.until]), zone)
    folding = query.bucket is Bucket.WEEK_HOUR
    bucket = Bucket.HOUR if folding else query.bucket
    starts, ends = _all(query, bucket, zone) if query.fill else _occupied(moments, bucket, zone)
    if len(starts) > MAX_BUCKETS:
        raise ParseError(f"more than {MAX_BUCKETS} buckets; ask for a shorter period or larger buckets", where="bucket")
    folded = np.array([week_hour_of(start, zone) for start in starts], dtype=np.int64) if folding else None
    return Cut(np.maximum(starts, query.since), np.minimum(ends, query.until), zone, folded)


def week_hours(query: ReportQuery) -> list[tuple[float, float]]:
    """The hours of the period that are the query's hour of the week; ``ParseError`` for too many buckets."""
    zone = zone_of(query.zone)
    return [
        (max(start, query.since), min(bucket_end(start, Bucket.HOUR, zone), query.until))
        for start in bucket_starts(query.since, query.until, Bucket.HOUR, zone)
        if week_hour_of(start, zone) == query.week_hour
    ]


def _all(query: ReportQuery, bucket: Bucket, zone: ZoneInfo) -> tuple[Sequence[float], Sequence[float]]:
    starts = list(bucket_starts(query.since, query.until, bucket, zone))
    return starts, [*starts[1:], bucket_end(starts[-1], bucket, zone)]


def _occupied(moments: NDArray[np.float64], bucket: Bucket, zone: ZoneInfo) -> tuple[Sequence[float], Sequence[float]]:
    step_s = _STEPS.get(bucket)
    if step_s and len(moments) and in_half_hours(float(moments[0]), float(moments[-1]), zone, step_s):
        aligned = np.unique(moments // step_s * step_s)
        return aligned.tolist(), (aligned + step_s).tolist()
    starts: list[float] = []
    ends: list[float] = []
    place = 0
    while place < len(moments):
        starts.append(bucket_start(float(moments[place]), bucket, zone))
        ends.append(bucket_end(starts[-1], bucket, zone))
        place = int(np.searchsorted(moments, ends[-1]))
    return starts, ends

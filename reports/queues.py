"""Queue metrics: entries and kept half hours in, figures out, by bucket and by queue or line.

An entry belongs to the bucket in which it *entered* the queue, however long it waited. An entry that our own crash cut
(interrupted) counts with the abandoned, is shown apart, and is never excused as a short abandon.
"""

from collections.abc import Iterable
from typing import Final

import numpy as np

from core.errors import ParseError
from reports.bins import STANDARD
from reports.buckets import offset_of, zone_of
from reports.cells import Cells
from reports.columns import Entries
from reports.cuts import Cut, cut_of
from reports.half_hours import HALF_HOUR_S, NOTHING_KEPT, Kept
from reports.levels import Level, Limits
from reports.model import Bucket, By, QueueReport, ReportQuery
from reports.records import Ints, Names, of_entries, of_kept
from reports.rows import EntryRow

ALL: Final = ""
MAX_CELLS: Final = 500_000


def queue_report(
    query: ReportQuery, rows: Entries | Iterable[EntryRow], made_at: float, kept: Kept = NOTHING_KEPT
) -> QueueReport:
    """Count ``rows`` and ``kept`` half hours, which must lie within the period and hold none of ``rows``; rows outside
    of the query's period, queue or line are left out. ``made_at`` is when, for the heading.

    Raises ``ParseError`` for a period or zone that can't be, ``IdentityBroken`` where the rows contradict themselves.
    """
    if not query.since < query.until:
        raise ParseError("the period must end after it begins", where="from, to")
    if len(kept.starts) and not keepable(query):
        raise ParseError("kept half hours do not have these limits or this zone", where="bucket")
    return _Counting(query, rows if isinstance(rows, Entries) else Entries.of(rows), kept).report(made_at)


def keepable(query: ReportQuery) -> bool:
    """Whether kept half hours can answer: its limits are edges of their bins, and its zone's half hours are theirs."""
    zone = zone_of(query.zone)
    offsets = {offset_of(at, zone) % HALF_HOUR_S for at in (query.since, query.until)}
    return offsets == {0.0} and all(limit in STANDARD for limit in _limits(query))


def _limits(query: ReportQuery) -> list[float]:
    return [query.threshold_s, query.short_s, *(seconds for _, seconds in query.thresholds)]


class _Counting:
    """One report being counted."""

    def __init__(self, query: ReportQuery, entries: Entries, kept: Kept) -> None:
        self._query = query
        self._zone = zone_of(query.zone)
        self._bins = STANDARD.with_edges(_limits(query))
        queues, lines = Names(), Names()
        records = of_entries(query, entries, self._bins, queues, lines)
        if len(kept.starts):
            records = records.joined(of_kept(query, kept, queues, lines))
        self._records = records
        self._thresholds = [query.threshold_of(name) for name in queues.all()]
        self._queue_names = queues.all()
        by_line = query.by is By.LINE
        self._names = lines.all() if by_line else self._queue_names
        self._name = records.line if by_line else records.queue
        self._sum_name = records.sum_line if by_line else records.sum_queue
        within = [self._bins.last_within(seconds) for seconds in self._thresholds]
        self._limits = Limits(np.array(within, dtype=np.int64), self._bins.last_within(query.short_s))

    def report(self, made_at: float) -> QueueReport:
        """Count it."""
        query, records = self._query, self._records
        whole = Cut(np.array([query.since]), np.array([query.until]), self._zone)
        cut = cut_of(query, records.moments)
        bucket_of = cut.of(records.moments)
        bucket, sum_bucket = bucket_of[records.moment], bucket_of[records.sum_moment]
        nothing, no_sum = np.zeros_like(bucket), np.zeros_like(sum_bucket)
        shown = self._shown()
        named = self._cells(whole, nothing, no_sum, shown, everything=True)
        total = self._cells(whole, nothing, no_sum, None, everything=True)
        if query.bucket is Bucket.TOTAL:
            return QueueReport(query, made_at, cells=named, buckets=total, queues=named, total=total[0])
        return QueueReport(
            query,
            made_at,
            cells=self._cells(cut, bucket, sum_bucket, shown, everything=query.fill),
            buckets=self._cells(cut, bucket, sum_bucket, None, everything=True),
            queues=named,
            total=total[0],
        )

    def _cells(self, cut: Cut, bucket: Ints, sum_bucket: Ints, shown: list[int] | None, *, everything: bool) -> Cells:
        """By bucket, and by the names ``shown`` (None: all together); without those nobody came to unless
        ``everything``.
        """
        query, records = self._query, self._records
        if shown is None:
            level = Level(len(cut), bucket, sum_bucket, records, self._limits, self._bins)
            return Cells(level, np.arange(len(cut)), cut, [ALL], [self._common()], query)
        width = max(1, len(shown))
        if len(cut) * width > MAX_CELLS:
            raise ParseError(f"more than {MAX_CELLS} cells; ask for a shorter period or larger buckets", where="bucket")
        column = np.zeros(max(1, len(self._names)), dtype=np.int64)
        column[shown] = np.arange(len(shown))
        group, sum_group = bucket * width + column[self._name], sum_bucket * width + column[self._sum_name]
        level = Level(len(cut) * width, group, sum_group, records, self._limits, self._bins)
        picked = np.arange(len(cut) * width) if everything else np.flatnonzero(level.offered)
        if not shown:
            picked = picked[:0]
        names = [self._names[place] for place in shown]
        return Cells(level, picked, cut, names, [self._threshold_of(place) for place in shown], query)

    def _shown(self) -> list[int]:
        """Places of the names that have a row, by name: those that somebody came to, and the one that was asked for."""
        query = self._query
        present = set(np.unique(self._name).tolist())
        asked = query.line if query.by is By.LINE else query.queue
        if asked and asked in self._names:
            present.add(self._names.index(asked))
        return sorted(present, key=lambda place: self._names[place])

    def _threshold_of(self, place: int) -> float | None:
        return self._common() if self._query.by is By.LINE else self._thresholds[place]

    def _common(self) -> float | None:
        """T that all queues of the report share, else None."""
        query = self._query
        if query.queue:
            return query.threshold_of(query.queue)
        found = {self._thresholds[place] for place in np.unique(self._records.queue).tolist()}
        found = found or {seconds for _, seconds in query.thresholds} or {query.threshold_s}
        return found.pop() if len(found) == 1 else None

"""Queue metrics: entries and kept half hours in, figures out, by bucket and by queue or line.

An entry belongs to the bucket in which it *entered* the queue, however long it waited. An entry that our own crash cut
(interrupted) counts with the abandoned, is shown apart, and is never excused as a short abandon.
"""

from collections.abc import Iterable
from typing import Final

import numpy as np

from core.errors import ParseError
from reports.bins import STANDARD
from reports.buckets import in_half_hours, zone_of
from reports.cells import Cells
from reports.columns import Entries
from reports.cuts import Cut, cut_of
from reports.half_hours import NOTHING_KEPT, Kept
from reports.levels import Level
from reports.model import Bucket, By, QueueReport, ReportQuery
from reports.packed_rows import Rows
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
    return in_half_hours(query.since, query.until, zone) and all(limit in STANDARD for limit in _limits(query))


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
            counted = of_kept(query, kept, queues, lines)
            records = counted.joined(records) if len(records.moments) else counted
        self._records = records
        self._thresholds = [query.threshold_of(name) for name in queues.all()]
        self._queue_names = queues.all()
        by_line = query.by is By.LINE
        self._names = lines.all() if by_line else self._queue_names
        self._name = records.line if by_line else records.queue
        self._sum_name = records.sum_line if by_line else records.sum_queue
        within = np.array([self._bins.last_within(seconds) for seconds in self._thresholds], dtype=np.int64)
        self._late = (records.bin > within[records.queue]).astype(np.int64)
        self._short = self._bins.last_within(query.short_s)
        self._present = np.flatnonzero(np.bincount(records.queue)).tolist()

    def report(self, made_at: float) -> QueueReport:
        """Count it."""
        query, records = self._query, self._records
        whole = Cut(np.array([query.since]), np.array([query.until]), self._zone)
        cut = cut_of(query, records.moments)
        shown = self._shown()
        width = max(1, len(shown))
        if len(cut) * width > MAX_CELLS:
            raise ParseError(f"more than {MAX_CELLS} cells; ask for a shorter period or larger buckets", where="bucket")
        column = np.zeros(max(1, len(self._names)), dtype=np.int64)
        column[shown] = np.arange(len(shown))
        bucket_of = cut.of(records.moments)
        group = bucket_of[records.moment] * width + column[self._name]
        sum_group = bucket_of[records.sum_moment] * width + column[self._sum_name]
        # Counted finely once; all that is coarser is added up from that.
        rows = Rows.of(group, records.outcome, self._late, records.bin, records.count)
        named = self._level(width, rows.regrouped(rows.group % width), sum_group % width)
        total = self._level(1, rows.regrouped(np.zeros_like(rows.keys)), np.zeros_like(sum_group))
        names = [self._names[place] for place in shown]
        thresholds = [self._threshold_of(place) for place in shown]
        everybody = [self._common()]
        queues = Cells(named, np.arange(len(shown)), whole, names, thresholds, query)
        every = Cells(total, np.arange(1), whole, [ALL], everybody, query)
        if query.bucket is Bucket.TOTAL:
            return QueueReport(query, made_at, cells=queues, buckets=every, queues=queues, total=every[0])
        fine = self._level(len(cut) * width, rows, sum_group)
        by_bucket = self._level(len(cut), rows.regrouped(rows.group // width), sum_group // width)
        picked = np.arange(len(cut) * width) if query.fill else np.flatnonzero(fine.offered)
        return QueueReport(
            query,
            made_at,
            cells=Cells(fine, picked if shown else picked[:0], cut, names, thresholds, query),
            buckets=Cells(by_bucket, np.arange(len(cut)), cut, [ALL], everybody, query),
            queues=queues,
            total=every[0],
        )

    def _level(self, groups: int, rows: Rows, sum_group: Ints) -> Level:
        return Level(groups, rows, sum_group, self._records, self._short, self._bins)

    def _shown(self) -> list[int]:
        """Places of the names that have a row, by name: those that somebody came to, and the one that was asked for."""
        query = self._query
        present = set(np.flatnonzero(np.bincount(self._name)).tolist())
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
        found = {self._thresholds[place] for place in self._present}
        found = found or {seconds for _, seconds in query.thresholds} or {query.threshold_s}
        return found.pop() if len(found) == 1 else None

"""Queue metrics: entries and kept half hours in, figures out, by bucket and by queue or line.

An entry belongs to the bucket in which it *entered* the queue, however long it waited. An entry that our own crash cut
(interrupted) counts with the abandoned, is shown apart, and is never excused as a short abandon.
"""

from collections.abc import Iterable
from dataclasses import replace
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
from reports.records import EntryRecords, Grouping, KeptRecords, Names, Records
from reports.rows import EntryRow
from reports.totals import Totals

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
    if len(kept.starts) and query.with_lines and not kept.with_lines:
        raise ParseError("these kept half hours do not tell lines apart", where="line")
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
        self._records: list[Records] = [EntryRecords(query, entries, self._bins, queues, lines)]
        if len(kept.starts):
            self._records.append(KeptRecords(query, kept, queues, lines))
        asked, numbers = (query.line, lines) if query.by is By.LINE else (query.queue, queues)
        present = {number for records in self._records for number in self._columns_of(records)}
        if asked:
            present.add(numbers(asked))
        self._queue_names, self._names = queues.all(), numbers.all()
        self._thresholds = [query.threshold_of(name) for name in self._queue_names]
        self._present = sorted({number for records in self._records for number in records.queues})
        self._shown = sorted(present, key=lambda number: self._names[number])

    def report(self, made_at: float) -> QueueReport:
        """Count it."""
        query = self._query
        whole = Cut(np.array([query.since]), np.array([query.until]), self._zone)
        cut = cut_of(query, np.unique(np.concatenate([records.moments for records in self._records])))
        buckets, width = len(cut), max(1, len(self._shown))
        if buckets * width > MAX_CELLS:
            raise ParseError(f"more than {MAX_CELLS} cells; ask for a shorter period or larger buckets", where="bucket")
        # Counted finely once; all that is coarser is added up from that.
        totals, waits = self._counted(cut, width)
        bucket, place = np.divmod(np.arange(buckets * width), width)
        of_column = waits.regrouped(place)
        named = totals.over(buckets, width, axis=0)
        column = Level(named, of_column, self._bins)
        total = Level(named.over(1, width, axis=1), of_column.regrouped(np.zeros(width, dtype=np.int64)), self._bins)
        names = [self._names[number] for number in self._shown]
        thresholds = [self._threshold_of(number) for number in self._shown]
        everybody = [self._common()]
        queues = Cells(column, np.arange(len(names)), whole, names, thresholds, query)
        every = Cells(total, np.arange(1), whole, [ALL], everybody, replace(query, histograms=True))
        if query.bucket is Bucket.TOTAL:
            return QueueReport(query, made_at, cells=queues, buckets=every, queues=queues, total=every[0])
        fine = Level(totals, waits, self._bins)
        by_bucket = Level(totals.over(buckets, width, axis=1), waits.regrouped(bucket), self._bins)
        picked = np.arange(buckets * width) if query.fill else np.flatnonzero(fine.offered)
        return QueueReport(
            query,
            made_at,
            cells=Cells(fine, picked if names else picked[:0], cut, names, thresholds, query),
            buckets=Cells(by_bucket, np.arange(buckets), cut, [ALL], everybody, query),
            queues=queues,
            total=every[0],
        )

    def _counted(self, cut: Cut, width: int) -> tuple[Totals, Rows]:
        columns = np.zeros(max(1, len(self._names)), dtype=np.int64)
        columns[self._shown] = np.arange(len(self._shown))
        within = np.zeros(max(1, len(self._thresholds)), dtype=np.int64)
        within[: len(self._thresholds)] = [self._bins.last_within(seconds) for seconds in self._thresholds]
        short = self._bins.last_within(self._query.short_s)
        grouping = Grouping(cut, columns, self._query.by is By.LINE, width, within, short)
        parts = [records.counted(grouping) for records in self._records]
        totals = Totals.of(len(cut) * width, [part.ends for part in parts])
        return totals, Rows.joined([rows for part in parts for rows in part.waits])

    def _columns_of(self, records: Records) -> frozenset[int]:
        return records.lines if self._query.by is By.LINE else records.queues

    def _threshold_of(self, place: int) -> float | None:
        return self._common() if self._query.by is By.LINE else self._thresholds[place]

    def _common(self) -> float | None:
        """T that all queues of the report share, else None."""
        query = self._query
        if query.queue:
            return query.threshold_of(query.queue)
        found = {self._thresholds[number] for number in self._present}
        found = found or {seconds for _, seconds in query.thresholds} or {query.threshold_s}
        return found.pop() if len(found) == 1 else None

"""Queue metrics: entries in, figures out, by bucket and queue.

An entry belongs to the bucket in which it *entered* the queue, however long it waited. An entry that our own crash cut
(interrupted) counts with the abandoned, is shown apart, and is never excused as a short abandon.
"""

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np

from core.errors import ParseError
from reports.buckets import bucket_end, bucket_start, bucket_starts, label_of, zone_of
from reports.columns import (
    ABANDONED,
    ANSWERED,
    CALLED_BACK,
    CODE,
    INTERRUPTED,
    LEFT_BY_KEY,
    OUTCOMES,
    OVERFLOWED,
    WAITING,
    Entries,
    IdentityBroken,
    Places,
)
from reports.model import Bucket, Cell, Counts, QueueReport, Rates, ReportQuery
from reports.rows import EntryRow
from reports.waits import bins_of, waits_of

ALL_QUEUES: Final = ""


def queue_report(query: ReportQuery, rows: Entries | Iterable[EntryRow], made_at: float) -> QueueReport:
    """Count ``rows``; those outside of the query's period or queue are left out. ``made_at`` is when, for the heading.

    Raises ``ParseError`` for a period or zone that can't be, ``IdentityBroken`` where the rows contradict themselves.
    """
    if not query.since < query.until:
        raise ParseError("the period must end after it begins", where="from, to")
    counting = _Counting(query, rows if isinstance(rows, Entries) else Entries.of(rows))
    wanted = counting.wanted()
    queues = counting.queues(wanted)
    total = counting.cell(ALL_QUEUES, query.since, query.until, wanted)
    whole = tuple(counting.cell(queue, query.since, query.until, counting.of_queue(queue, wanted)) for queue in queues)
    if query.bucket is Bucket.TOTAL:
        return QueueReport(query, made_at, cells=whole, buckets=(total,), queues=whole, total=total)
    cells: list[Cell] = []
    buckets: list[Cell] = []
    for start, end, inside in counting.buckets(wanted):
        since, until = max(start, query.since), min(end, query.until)
        buckets.append(counting.cell(ALL_QUEUES, since, until, inside))
        for queue in queues:
            mine = counting.of_queue(queue, inside)
            if len(mine) or query.fill:
                cells.append(counting.cell(queue, since, until, mine))
    return QueueReport(query, made_at, cells=tuple(cells), buckets=tuple(buckets), queues=whole, total=total)


class _Counting:
    """One report being counted."""

    def __init__(self, query: ReportQuery, entries: Entries) -> None:
        self._query = query
        self._entries = entries
        self._zone = zone_of(query.zone)
        self._thresholds = np.array([query.threshold_of(name) for name in entries.queue_names], dtype=np.float64)
        self._common_s = self._common()

    def wanted(self) -> Places:
        """The entries that the query asks for, by time of entry."""
        first, end = np.searchsorted(self._entries.entered_at, (self._query.since, self._query.until))
        inside: Places = np.arange(first, end)
        return self.of_queue(self._query.queue, inside) if self._query.queue else inside

    def queues(self, places: Places) -> list[str]:
        """Names of the queues to show."""
        names = {self._entries.queue_names[code] for code in np.unique(self._entries.queues[places]).tolist()}
        return sorted(names | ({self._query.queue} if self._query.queue else set()))

    def _common(self) -> float | None:
        """T that all queues of the report share, else None."""
        if self._query.queue:
            return self._query.threshold_of(self._query.queue)
        found = set(self._thresholds.tolist()) or {seconds for _, seconds in self._query.thresholds}
        found = found or {self._query.threshold_s}
        return float(found.pop()) if len(found) == 1 else None

    def of_queue(self, queue: str, places: Places) -> Places:
        """Those of ``places`` that are in ``queue``."""
        names = self._entries.queue_names
        code = names.index(queue) if queue in names else -1
        mine: Places = places[self._entries.queues[places] == code]
        return mine

    def buckets(self, places: Places) -> Iterator[tuple[float, float, Places]]:
        """The query's buckets with their entries, those without any only if asked for."""
        query = self._query
        entered_at = self._entries.entered_at[places]
        if query.fill:
            starts = list(bucket_starts(query.since, query.until, query.bucket, self._zone))
        else:
            starts = []
            place = 0
            while place < len(places):
                starts.append(bucket_start(float(entered_at[place]), query.bucket, self._zone))
                place = int(np.searchsorted(entered_at, bucket_end(starts[-1], query.bucket, self._zone)))
        for start in starts:
            end = bucket_end(start, query.bucket, self._zone)
            first, last = np.searchsorted(entered_at, (start, end))
            yield start, end, places[first:last]

    def cell(self, queue: str, since: float, until: float, places: Places) -> Cell:
        """All figures of these entries."""
        query = self._query
        waits, outcomes = self._entries.waits[places], self._entries.outcomes[places]
        answered = np.sort(waits[outcomes == CODE[ANSWERED]])
        gave_up = waits[outcomes == CODE[ABANDONED]]
        by_outcome = dict(zip(OUTCOMES, np.bincount(outcomes, minlength=len(OUTCOMES)).tolist(), strict=True))
        counts = _counts(by_outcome, len(places), int(np.count_nonzero(gave_up < query.short_s)))
        early = waits <= self._thresholds[self._entries.queues[places]]
        gone = (outcomes == CODE[ABANDONED]) | (outcomes == CODE[INTERRUPTED])
        in_time = int(np.count_nonzero(early & (outcomes == CODE[ANSWERED])))
        gone_in_time = int(np.count_nonzero(early & gone))
        abandoned = np.sort(waits[gone])
        answered_waits = waits_of(answered)
        return Cell(
            queue=queue,
            since=since,
            until=until,
            label=label_of(since, self._zone),
            threshold_s=self._common_s if queue == ALL_QUEUES else query.threshold_of(queue),
            counts=counts,
            rates=rates(counts, answered_in_time=in_time, abandoned_in_time=gone_in_time),
            asa_s=answered_waits.mean_s,
            answered_waits=answered_waits,
            abandoned_waits=waits_of(abandoned),
            answered_bins=bins_of(answered),
            abandoned_bins=bins_of(abandoned),
            entries=self._entries,
            places=places,
        )


def _counts(by_outcome: dict[str, int], offered: int, short: int) -> Counts:
    counts = Counts(
        offered=offered,
        answered=by_outcome[ANSWERED],
        abandoned=by_outcome[ABANDONED] + by_outcome[INTERRUPTED],
        overflowed=by_outcome[OVERFLOWED],
        called_back=by_outcome[CALLED_BACK],
        left_by_key=by_outcome[LEFT_BY_KEY],
        waiting=by_outcome[WAITING],
        short_abandons=short,
        interrupted=by_outcome[INTERRUPTED],
    )
    if counts.offered != ends(counts):
        raise IdentityBroken(f"offered {counts.offered} is not the sum of how entries ended, {ends(counts)}")
    return counts


def ends(counts: Counts) -> int:
    """The right-hand side of the identity."""
    gone = counts.abandoned + counts.overflowed + counts.called_back + counts.left_by_key
    return counts.answered + gone + counts.waiting


def is_short(row: EntryRow, short_s: float) -> bool:
    """Whether the caller gave up before anybody could have answered."""
    return row.outcome == ABANDONED and row.wait_s is not None and row.wait_s < short_s


def rates(counts: Counts, *, answered_in_time: int, abandoned_in_time: int) -> Rates:
    """All shares, by the formulas of ``reports.formulas``; ``…_in_time`` are those with a wait of at most T."""
    without_short = counts.offered - counts.short_abandons
    abandoned_late = counts.abandoned - abandoned_in_time
    return Rates(
        answer_rate=share(counts.answered, counts.offered),
        answer_rate_without_short=share(counts.answered, without_short),
        answer_rate_without_key=share(counts.answered, counts.offered - counts.left_by_key),
        abandon_rate=share(counts.abandoned, counts.offered),
        abandon_rate_without_short=share(counts.abandoned - counts.short_abandons, without_short),
        service_level_a=share(answered_in_time, counts.answered),
        service_level_b=share(answered_in_time, counts.offered),
        service_level_c=share(answered_in_time, counts.answered + abandoned_late),
        service_level_d=share(answered_in_time + abandoned_in_time, counts.answered + counts.abandoned),
    )


def share(part: float, whole: float) -> float | None:
    """part / whole; None where there is nothing to share."""
    return part / whole if whole else None

"""Queue metrics: entries in, figures out, by bucket and queue.

An entry belongs to the bucket in which it *entered* the queue, however long it waited. An entry that our own crash cut
(interrupted) counts with the abandoned, is shown apart, and is never excused as a short abandon.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from core.errors import Line400Error, ParseError
from reports.buckets import bucket_end, bucket_start, bucket_starts, label_of, zone_of
from reports.model import Bucket, Cell, Counts, QueueReport, Rates, ReportQuery
from reports.rows import EntryRow
from reports.waits import histogram, waits_of

ANSWERED: Final = "answered"
ABANDONED: Final = "abandoned"
OVERFLOWED: Final = "overflowed"
CALLED_BACK: Final = "called_back"
LEFT_BY_KEY: Final = "left_by_key"
INTERRUPTED: Final = "interrupted"
WAITING: Final = ""
OUTCOMES: Final = (ANSWERED, ABANDONED, OVERFLOWED, CALLED_BACK, LEFT_BY_KEY, INTERRUPTED, WAITING)

ALL_QUEUES: Final = ""


class IdentityBroken(Line400Error):  # noqa: N818 - named for what happened
    """offered ≠ answered + abandoned + overflowed + called back + left by key + waiting: the log is wrong somewhere."""


def queue_report(query: ReportQuery, rows: Iterable[EntryRow], made_at: float) -> QueueReport:
    """Count ``rows``; those outside of the query's period or queue are left out. ``made_at`` is when, for the heading.

    Raises ``ParseError`` for a period or zone that can't be, ``IdentityBroken`` where the rows contradict themselves.
    """
    if not query.since < query.until:
        raise ParseError("the period must end after it begins", where="from, to")
    zone = zone_of(query.zone)
    wanted = [
        row for row in rows if query.since <= row.entered_at < query.until and query.queue in (ALL_QUEUES, row.queue)
    ]
    queues = sorted({row.queue for row in wanted} | ({query.queue} if query.queue else set()))
    by_queue = {queue: [row for row in wanted if row.queue == queue] for queue in queues}
    total = _cell(query, ALL_QUEUES, query.since, query.until, wanted)
    whole = tuple(_cell(query, queue, query.since, query.until, by_queue[queue]) for queue in queues)
    if query.bucket is Bucket.TOTAL:
        return QueueReport(query, made_at, cells=whole, buckets=(total,), queues=whole, total=total)
    cells: list[Cell] = []
    buckets: list[Cell] = []
    by_bucket = _by_bucket(query, wanted)
    for start in sorted(by_bucket):
        end = bucket_end(start, query.bucket, zone)
        since, until = max(start, query.since), min(end, query.until)
        inside = by_bucket[start]
        buckets.append(_cell(query, ALL_QUEUES, since, until, inside))
        for queue in queues:
            mine = [row for row in inside if row.queue == queue]
            if mine or query.fill:
                cells.append(_cell(query, queue, since, until, mine))
    return QueueReport(query, made_at, cells=tuple(cells), buckets=tuple(buckets), queues=whole, total=total)


def _by_bucket(query: ReportQuery, rows: Sequence[EntryRow]) -> Mapping[float, list[EntryRow]]:
    zone = zone_of(query.zone)
    found: dict[float, list[EntryRow]] = {}
    if query.fill:
        found = {start: [] for start in bucket_starts(query.since, query.until, query.bucket, zone)}
    start, end = 0.0, 0.0
    for row in sorted(rows, key=_entered_at):
        if not start <= row.entered_at < end:
            start = bucket_start(row.entered_at, query.bucket, zone)
            end = bucket_end(start, query.bucket, zone)
        found.setdefault(start, []).append(row)
    return found


def _entered_at(row: EntryRow) -> float:
    return row.entered_at


def _cell(query: ReportQuery, queue: str, since: float, until: float, rows: Sequence[EntryRow]) -> Cell:
    counts = count(rows, query.short_s)
    answered = sorted(_wait(row) for row in rows if row.outcome == ANSWERED)
    abandoned = sorted(_wait(row) for row in rows if row.outcome in (ABANDONED, INTERRUPTED))
    in_time = sum(wait_s <= query.threshold_s for wait_s in answered)
    gone_in_time = sum(wait_s <= query.threshold_s for wait_s in abandoned)
    answered_waits = waits_of(answered)
    return Cell(
        queue=queue,
        since=since,
        until=until,
        label=label_of(since, zone_of(query.zone)),
        counts=counts,
        rates=rates(counts, answered_in_time=in_time, abandoned_in_time=gone_in_time),
        asa_s=answered_waits.mean_s,
        answered_waits=answered_waits,
        abandoned_waits=waits_of(abandoned),
        histogram=histogram(answered, abandoned),
        rows=tuple(rows),
    )


def count(rows: Iterable[EntryRow], short_s: float) -> Counts:
    """How many ended how; ``IdentityBroken`` for an entry whose end is none that we know, or is there twice."""
    by_outcome = dict.fromkeys(OUTCOMES, 0)
    seen: set[str] = set()
    short = 0
    for row in rows:
        if row.outcome not in by_outcome or row.id in seen:
            raise IdentityBroken(f"queue entry {row.id} is there twice or ended as {row.outcome!r}")
        seen.add(row.id)
        by_outcome[row.outcome] += 1
        short += is_short(row, short_s)
    counts = Counts(
        offered=len(seen),
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
    return row.outcome == ABANDONED and _wait(row) < short_s


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


def _wait(row: EntryRow) -> float:
    if row.wait_s is None:
        raise IdentityBroken(f"queue entry {row.id} ended as {row.outcome!r} without a wait")
    return row.wait_s

"""What a report counts, from entries and from kept half hours alike: so many entries that ended the same way after
about the same wait, in batches small enough to stay in the processor's cache.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from reports.bins import Bins
from reports.columns import Entries
from reports.cuts import Cut
from reports.half_hours import WAITS_SHOWN, Kept
from reports.model import ReportQuery
from reports.packed_rows import Floats, Ints
from reports.totals import Batch, Sums

BATCH: Final = 1 << 16
"""About so many rows of kept half hours are counted at a time."""


class Names:
    """The report's numbers for names."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}

    def __call__(self, name: str) -> int:
        """The number of ``name``, a new one where it has none."""
        return self._codes.setdefault(name, len(self._codes))

    def all(self) -> list[str]:
        """Names by number."""
        return list(self._codes)


@dataclass(frozen=True, slots=True, eq=False)
class Grouping:
    """Groups are the buckets of ``cut``, and in each ``width`` columns. ``columns`` has the column of each queue, or
    with ``by_line`` of each line, by number; ``within`` the last bin that is in time, by the queue's number.
    """

    cut: Cut
    columns: Ints
    by_line: bool
    width: int
    within: Ints

    def starts(self, moments: Floats) -> Ints:
        """The first group of the bucket of each moment."""
        return self.cut.of(moments) * self.width

    def column(self, queue: Ints, line: Ints) -> Ints:
        """The column of each pair."""
        return self.columns[line if self.by_line else queue]


class Records(Protocol):
    """Entries of a query. ``moments``, ascending, are when they came, or the half hours in which they did; ``queues``
    and ``lines`` the numbers of those they came to.
    """

    moments: Floats
    queues: frozenset[int]
    lines: frozenset[int]

    def batches(self, grouping: Grouping) -> Iterator[Batch]:
        """Their counts."""
        ...

    def sums(self, grouping: Grouping) -> Sums:
        """Their waits, of outcomes whose waits are shown."""
        ...


class EntryRecords:
    """Of ``entries`` those that ``query`` asks for."""

    def __init__(self, query: ReportQuery, entries: Entries, bins: Bins, queues: Names, lines: Names) -> None:
        first, end = np.searchsorted(entries.entered_at, (query.since, query.until)).tolist()
        queue, line = entries.queues[first:end], entries.lines[first:end]
        by_queue, by_line = _is(query.queue, entries.queue_names), _is(query.line, entries.line_names)
        wanted = np.flatnonzero(by_queue[queue] & by_line[line])
        self._queue = _numbers(entries.queue_names, queues)[queue[wanted]]
        self._line = _numbers(entries.line_names, lines)[line[wanted]]
        self._outcome = entries.outcomes[first:end][wanted].astype(np.int64)
        self._waits = entries.waits[first:end][wanted]
        self._shown = np.isin(self._outcome, WAITS_SHOWN)
        self._bin = np.where(self._shown, bins.of(self._waits), 0)
        self.moments, self._moment = np.unique(entries.entered_at[first:end][wanted], return_inverse=True)
        self.queues = frozenset(np.flatnonzero(np.bincount(self._queue)).tolist())
        self.lines = frozenset(np.flatnonzero(np.bincount(self._line)).tolist())

    def batches(self, grouping: Grouping) -> Iterator[Batch]:
        """One, where there are any."""
        if len(self._queue):
            late = (self._bin > grouping.within[self._queue]).astype(np.int64)
            yield Batch(self._group(grouping), self._outcome, self._bin, late, np.ones_like(self._queue))

    def sums(self, grouping: Grouping) -> Sums:
        """A row for each."""
        waits = self._waits[self._shown]
        return Sums(self._group(grouping)[self._shown], self._outcome[self._shown], waits, waits)

    def _group(self, grouping: Grouping) -> Ints:
        return grouping.starts(self.moments)[self._moment] + grouping.column(self._queue, self._line)


class KeptRecords:
    """Of ``kept`` half hours, which lie within its period, what ``query`` asks for."""

    def __init__(self, query: ReportQuery, kept: Kept, queues: Names, lines: Names) -> None:
        self._kept = kept
        size = max(kept.cells, default=0) + 1
        self._wanted = np.ones(size, dtype=np.bool_)
        for number, (queue, line) in kept.cells.items():
            self._wanted[number] = query.queue in ("", queue) and query.line in ("", line)
        present, self._came = np.zeros(size, dtype=np.bool_), np.zeros(len(kept.starts), dtype=np.bool_)
        for _, half, cell in self._batches():
            present[cell] = self._came[half] = True
        self.moments = kept.starts[self._came]
        self._queue, self._line = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
        for number in np.flatnonzero(present).tolist():
            queue, line = kept.cells[number]
            self._queue[number], self._line[number] = queues(queue), lines(line)
        self.queues = frozenset(self._queue[present].tolist())
        self.lines = frozenset(self._line[present].tolist())

    def batches(self, grouping: Grouping) -> Iterator[Batch]:
        """By time."""
        starts = self._starts(grouping)
        column, within = grouping.column(self._queue, self._line), grouping.within[self._queue]
        for tallies, half, cell in self._batches():
            bins = tallies["bin"].astype(np.int64)
            yield Batch(
                group=starts[half] + column[cell],
                outcome=tallies["outcome"].astype(np.int64),
                bin=bins,
                late=(bins > within[cell]).astype(np.int64),
                count=tallies["count"].astype(np.int64),
            )

    def sums(self, grouping: Grouping) -> Sums:
        """A row for each half hour, cell and outcome."""
        rows = self._kept.sums
        half = np.repeat(np.arange(len(self._kept.starts)), self._kept.sum_counts)
        mine = np.flatnonzero(self._wanted[rows["cell"]])
        rows, cell = rows[mine], rows["cell"][mine].astype(np.int64)
        return Sums(
            self._starts(grouping)[half[mine]] + grouping.column(self._queue, self._line)[cell],
            rows["outcome"].astype(np.int64),
            total_s=rows["total_s"].astype(np.float64),
            longest_s=rows["longest_s"].astype(np.float64),
        )

    def _starts(self, grouping: Grouping) -> Ints:
        """The first group of each half hour that somebody came in."""
        starts = np.zeros(len(self._came), dtype=np.int64)
        starts[self._came] = grouping.starts(self.moments)
        return starts

    def _batches(self) -> Iterator[tuple[NDArray[np.void], Ints, Ints]]:
        """The wanted ones of about ``BATCH`` rows of whole half hours; the place of each row's half hour; its cell."""
        counts = self._kept.tally_counts
        ends = np.concatenate(([0], np.cumsum(counts)))
        cuts = np.unique(np.minimum(np.searchsorted(ends, np.arange(0, ends[-1] + BATCH, BATCH)), len(counts)))
        for first, end in pairwise(cuts.tolist()):
            rows = self._kept.tallies[ends[first] : ends[end]]
            half, cell = np.repeat(np.arange(first, end), counts[first:end]), rows["cell"].astype(np.int64)
            if not self._wanted.all():
                mine = np.flatnonzero(self._wanted[cell])
                rows, half, cell = rows[mine], half[mine], cell[mine]
            yield rows, half, cell


def _is(asked: str, names: Sequence[str]) -> NDArray[np.bool_]:
    return np.array([asked in ("", name) for name in names], dtype=np.bool_)


def _numbers(names: Sequence[str], number: Names) -> Ints:
    return np.array([number(name) for name in names], dtype=np.int64)

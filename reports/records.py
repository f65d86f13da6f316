"""What a report counts, from entries and from kept half hours alike: how many entries ended how, and the waits of those
whose waits are shown, in batches small enough to stay in the processor's cache.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from reports.bins import Bins
from reports.columns import ABANDONED, CODE, Entries
from reports.cuts import Cut
from reports.half_hours import Kept
from reports.model import ReportQuery
from reports.packed_rows import KINDS, Floats, Ints, Rows
from reports.totals import KIND, Counted, Ends

BATCH: Final = 1 << 16
"""About so many tallies of kept half hours are counted at a time."""
_ABANDONED: Final = CODE[ABANDONED]


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
    with ``by_line`` of each line, by number; ``within`` the last bin that is in time, by the queue's number. Abandons
    below bin ``short`` are short.
    """

    cut: Cut
    columns: Ints
    by_line: bool
    width: int
    within: Ints
    short: int

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

    def counted(self, grouping: Grouping) -> Counted:
        """All of them."""
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
        self._shown = KIND[self._outcome] < KINDS
        self._bin = np.where(self._shown, bins.of(self._waits), 0)
        self.moments, self._moment = np.unique(entries.entered_at[first:end][wanted], return_inverse=True)
        self.queues = frozenset(np.flatnonzero(np.bincount(self._queue)).tolist())
        self.lines = frozenset(np.flatnonzero(np.bincount(self._line)).tolist())

    def counted(self, grouping: Grouping) -> Counted:
        """Each is a row of its own."""
        column = grouping.column(self._queue, self._line)
        group = grouping.starts(self.moments)[self._moment] + column
        in_time = self._shown & (self._bin <= grouping.within[self._queue])
        short = (self._outcome == _ABANDONED) & (self._bin < grouping.short)
        waits = np.where(self._shown, self._waits, 0.0)
        one = np.ones_like(group)
        ends = Ends(group, self._outcome, one, in_time.astype(np.int64), short.astype(np.int64), waits, waits)
        row, shown = group * KINDS + KIND[self._outcome], self._shown
        return Counted(ends, [Rows.of(row[shown], self._bin[shown], one[shown])])


class KeptRecords:
    """Of ``kept`` half hours, which lie within its period, what ``query`` asks for."""

    def __init__(self, query: ReportQuery, kept: Kept, queues: Names, lines: Names) -> None:
        size = max(kept.cells, default=0) + 1
        wanted = np.ones(size, dtype=np.bool_)
        for number, (queue, line) in kept.cells.items():
            wanted[number] = query.queue in ("", queue) and query.line in ("", line)
        groups, self._tallies = kept.groups, kept.tallies
        half = np.repeat(np.arange(len(kept.starts)), kept.group_counts)
        mine = wanted[groups["cell"]]
        if not mine.all():
            self._tallies = self._tallies[np.repeat(mine, groups["bins"])]
            groups, half = groups[mine], half[mine]
        self._groups, self._cell = groups, groups["cell"].astype(np.int64)
        self._bins = groups["bins"].astype(np.int64)
        came = np.zeros(len(kept.starts), dtype=np.bool_)
        came[half] = True
        self.moments = kept.starts[came]
        self._half = (np.cumsum(came) - 1)[half]
        self._queue, self._line = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
        present = np.unique(self._cell)
        for number in present.tolist():
            queue, line = kept.cells[number]
            self._queue[number], self._line[number] = queues(queue), lines(line if kept.with_lines else "")
        self.queues = frozenset(self._queue[present].tolist())
        self.lines = frozenset(self._line[present].tolist())

    def counted(self, grouping: Grouping) -> Counted:
        """By time."""
        groups, bins = self._groups, self._bins
        column = grouping.column(self._queue, self._line)
        group = grouping.starts(self.moments)[self._half] + column[self._cell]
        outcome = groups["outcome"].astype(np.int64)
        row, within = group * KINDS + KIND[outcome], grouping.within[self._queue][self._cell]
        in_time, short = np.zeros(len(group), dtype=np.int64), np.zeros(len(group), dtype=np.int64)
        waits: list[Rows] = []
        upto = np.concatenate(([0], np.cumsum(bins)))
        for first, end in pairwise(self._cuts(upto)):
            some = first + np.flatnonzero(bins[first:end])
            if not len(some):
                continue
            tallies = self._tallies[upto[first] : upto[end]]
            bin_of, count = tallies["bin"].astype(np.int64), tallies["count"].astype(np.int64)
            sizes, starts = bins[some], upto[some] - upto[first]
            in_time[some] = np.add.reduceat(count * (bin_of <= np.repeat(within[some], sizes)), starts)
            short[some] = np.add.reduceat(count * (bin_of < grouping.short), starts)
            waits.append(Rows.of(np.repeat(row[some], sizes), bin_of, count))
        short *= outcome == _ABANDONED
        total_s, longest_s = (groups[name].astype(np.float64) for name in ("total_s", "longest_s"))
        count = groups["count"].astype(np.int64)
        return Counted(Ends(group, outcome, count, in_time, short, total_s, longest_s), waits)

    def _cuts(self, upto: Ints) -> list[int]:
        """Groups at which half hours begin, about ``BATCH`` tallies apart; ``upto`` counts those before each group."""
        if not len(self._half):
            return []
        near = np.searchsorted(upto, np.arange(0, upto[-1], BATCH), side="right") - 1
        cuts = np.searchsorted(self._half, self._half[np.minimum(near, len(self._half) - 1)])
        found: list[int] = np.unique(np.append(cuts, (0, len(self._half)))).tolist()
        return found


def _is(asked: str, names: Sequence[str]) -> NDArray[np.bool_]:
    return np.array([asked in ("", name) for name in names], dtype=np.bool_)


def _numbers(names: Sequence[str], number: Names) -> Ints:
    return np.array([number(name) for name in names], dtype=np.int64)

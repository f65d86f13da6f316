"""What a report counts, from kept half hours and from entries alike: rows of so many entries that ended the same way
after about the same wait.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from reports.bins import Bins
from reports.columns import Entries
from reports.half_hours import WAITS_SHOWN, Kept
from reports.model import ReportQuery

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Records:
    """Rows by ``moment`` (a place in ``moments``, ascending), queue and line (places in the report's names).

    The first five are counts, the others the sums of waits and the longest, of outcomes whose waits are shown.
    """

    moments: Floats
    moment: Ints
    queue: Ints
    line: Ints
    outcome: Ints
    bin: Ints
    count: Ints
    sum_moment: Ints
    sum_queue: Ints
    sum_line: Ints
    sum_outcome: Ints
    total_s: Floats
    longest_s: Floats

    def joined(self, other: Self) -> "Records":
        """Both."""
        moments, places = np.unique(np.concatenate((self.moments, other.moments)), return_inverse=True)
        mine, theirs = places[: len(self.moments)], places[len(self.moments) :]

        def both(name: str) -> NDArray[np.int64]:
            found: NDArray[np.int64] = np.concatenate((getattr(self, name), getattr(other, name)))
            return found

        return Records(
            moments,
            moment=np.concatenate((mine[self.moment], theirs[other.moment])),
            queue=both("queue"),
            line=both("line"),
            outcome=both("outcome"),
            bin=both("bin"),
            count=both("count"),
            sum_moment=np.concatenate((mine[self.sum_moment], theirs[other.sum_moment])),
            sum_queue=both("sum_queue"),
            sum_line=both("sum_line"),
            sum_outcome=both("sum_outcome"),
            total_s=np.concatenate((self.total_s, other.total_s)),
            longest_s=np.concatenate((self.longest_s, other.longest_s)),
        )


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


def of_entries(query: ReportQuery, entries: Entries, bins: Bins, queues: Names, lines: Names) -> Records:
    """Rows of one entry each, of those that ``query`` asks for."""
    first, end = np.searchsorted(entries.entered_at, (query.since, query.until)).tolist()
    queue = _translated(entries.queue_names, queues)[entries.queues[first:end]]
    line = _translated(entries.line_names, lines)[entries.lines[first:end]]
    wanted = np.flatnonzero(_wanted(query, queue, line, queues, lines))
    queue, line = queue[wanted], line[wanted]
    outcome = entries.outcomes[first:end][wanted].astype(np.int64)
    waits = entries.waits[first:end][wanted]
    moments, moment = np.unique(entries.entered_at[first:end][wanted], return_inverse=True)
    shown = np.isin(outcome, WAITS_SHOWN)
    return Records(
        moments,
        moment,
        queue,
        line,
        outcome,
        bin=np.where(shown, bins.of(waits), 0),
        count=np.ones(len(wanted), dtype=np.int64),
        sum_moment=moment[shown],
        sum_queue=queue[shown],
        sum_line=line[shown],
        sum_outcome=outcome[shown],
        total_s=waits[shown],
        longest_s=waits[shown],
    )


def of_kept(query: ReportQuery, kept: Kept, queues: Names, lines: Names) -> Records:
    """Rows of kept half hours, of those that ``query`` asks for; they lie within its period."""
    pairs = sorted(kept.cells.items())
    most = pairs[-1][0] + 1 if pairs else 1
    queue_of, line_of = np.zeros(most, dtype=np.int64), np.zeros(most, dtype=np.int64)
    for number, (queue, line) in pairs:
        queue_of[number], line_of[number] = queues(queue), lines(line)
    wanted = _wanted(query, queue_of, line_of, queues, lines)

    def picked(rows: NDArray[np.void], counts: Ints) -> tuple[NDArray[np.void], Ints, Ints]:
        cell = rows["cell"].astype(np.int64)
        moment = np.repeat(np.arange(len(counts)), counts)
        if wanted.all():
            return rows, moment, cell
        mine = np.flatnonzero(wanted[cell])
        return rows[mine], moment[mine], cell[mine]

    tallies, moment, cell = picked(kept.tallies, kept.tally_counts)
    sums, sum_moment, sum_cell = picked(kept.sums, kept.sum_counts)
    present = np.flatnonzero(np.bincount(moment, minlength=len(kept.starts)))
    place = np.zeros(len(kept.starts), dtype=np.int64)
    place[present] = np.arange(len(present))
    return Records(
        kept.starts[present],
        place[moment],
        queue_of[cell],
        line_of[cell],
        tallies["outcome"].astype(np.int64),
        tallies["bin"].astype(np.int64),
        tallies["count"].astype(np.int64),
        place[sum_moment],
        queue_of[sum_cell],
        line_of[sum_cell],
        sums["outcome"].astype(np.int64),
        total_s=sums["total_s"].astype(np.float64),
        longest_s=sums["longest_s"].astype(np.float64),
    )


def _translated(names: Sequence[str], code: Callable[[str], int]) -> Ints:
    return np.array([code(name) for name in names], dtype=np.int64)


def _wanted(query: ReportQuery, queue: Ints, line: Ints, queues: Names, lines: Names) -> NDArray[np.bool_]:
    wanted = np.ones(len(queue), dtype=np.bool_)
    if query.queue:
        wanted &= queue == queues(query.queue)
    if query.line:
        wanted &= line == lines(query.line)
    return wanted

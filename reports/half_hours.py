"""Half hours as they are kept: entries counted by queue, line, outcome and bin of the wait, packed in two byte strings.

What is kept adds up exactly: counts, sums and longest waits of any half hours, and bins (``reports.bins``) for the
percentiles. A year of a busy centre is some millions of packed rows, which numpy reads as they lie.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from reports.bins import STANDARD
from reports.columns import ABANDONED, ANSWERED, CODE, INTERRUPTED, Entries

HALF_HOUR_S: Final = 1800.0

TALLY: Final = np.dtype([("cell", "<u4"), ("outcome", "u1"), ("bin", "<u2"), ("count", "<u4")])
"""So many entries of ``cell`` (a queue and a line) ended so, after a wait in this bin (0 where waits are not shown)."""
SUM: Final = np.dtype([("cell", "<u4"), ("outcome", "u1"), ("total_s", "<f8"), ("longest_s", "<f8")])
"""The waits of those that ended so: their sum and the longest."""

WAITS_SHOWN: Final = np.array([CODE[ANSWERED], CODE[ABANDONED], CODE[INTERRUPTED]])
"""Outcomes whose waits are shown as distributions."""

CellKey: TypeAlias = tuple[str, str]
"""Queue and line."""


def half_hour_of(at: float) -> float:
    """The start of the half hour (UTC) that ``at`` lies in."""
    return at // HALF_HOUR_S * HALF_HOUR_S


@dataclass(frozen=True, slots=True)
class HalfHour:
    """One of them, packed."""

    start: float
    tallies: bytes
    sums: bytes


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """Half hours as read, by time: ``tally_counts[i]`` of the ``tallies`` belong to ``starts[i]``, likewise the
    ``sums``; ``cells`` by their id."""

    starts: NDArray[np.float64]
    tallies: NDArray[np.void]
    tally_counts: NDArray[np.int64]
    sums: NDArray[np.void]
    sum_counts: NDArray[np.int64]
    cells: Mapping[int, CellKey] = field(default_factory=dict)

    @classmethod
    def of(cls, halves: Sequence[HalfHour], cells: Mapping[int, CellKey]) -> "Kept":
        """``halves`` by time, unpacked."""
        return cls(
            starts=np.array([half.start for half in halves], dtype=np.float64),
            tallies=_unpacked([half.tallies for half in halves], TALLY),
            tally_counts=np.array([len(half.tallies) // TALLY.itemsize for half in halves], dtype=np.int64),
            sums=_unpacked([half.sums for half in halves], SUM),
            sum_counts=np.array([len(half.sums) // SUM.itemsize for half in halves], dtype=np.int64),
            cells=cells,
        )


def _unpacked(parts: Sequence[bytes], kind: np.dtype[np.void]) -> NDArray[np.void]:
    return np.frombuffer(b"".join(parts), dtype=kind) if any(parts) else np.zeros(0, dtype=kind)


NOTHING_KEPT: Final = Kept.of((), {})


def cells_of(entries: Entries) -> list[CellKey]:
    """The queues and lines that ``entries`` came through, each pair once."""
    pairs = set(zip(entries.queues.tolist(), entries.lines.tolist(), strict=True))
    return [(entries.queue_names[queue], entries.line_names[line]) for queue, line in sorted(pairs)]


def packed(entries: Entries, starts: Sequence[float], cells: Mapping[CellKey, int]) -> list[HalfHour]:
    """The half hours that begin at ``starts``, counted; ``cells`` has the id of every pair in ``entries``."""
    ids = np.zeros((max(1, len(entries.queue_names)), max(1, len(entries.line_names))), dtype=np.int64)
    for (queue, line), number in cells.items():
        if queue in entries.queue_names and line in entries.line_names:
            ids[entries.queue_names.index(queue), entries.line_names.index(line)] = number
    cell = ids[entries.queues, entries.lines]
    shown = np.isin(entries.outcomes, WAITS_SHOWN)
    bins = np.where(shown, STANDARD.of(entries.waits), 0)
    return [
        _half_hour(
            start,
            cell[first:end],
            entries.outcomes[first:end].astype(np.int64),
            bins[first:end],
            entries.waits[first:end],
        )
        for start in starts
        for first, end in [np.searchsorted(entries.entered_at, (start, start + HALF_HOUR_S)).tolist()]
    ]


def _half_hour(
    start: float,
    cell: NDArray[np.int64],
    outcome: NDArray[np.int64],
    bins: NDArray[np.int64],
    waits: NDArray[np.float64],
) -> HalfHour:
    kind = cell << 8 | outcome
    keys, counts = np.unique(kind << 16 | bins, return_counts=True)
    tallies = np.zeros(len(keys), dtype=TALLY)
    tallies["cell"], tallies["outcome"] = keys >> 24, keys >> 16 & 0xFF
    tallies["bin"], tallies["count"] = keys & 0xFFFF, counts
    shown = np.isin(outcome, WAITS_SHOWN)
    kinds, places = np.unique(kind[shown], return_inverse=True)
    sums = np.zeros(len(kinds), dtype=SUM)
    sums["cell"], sums["outcome"] = kinds >> 8, kinds & 0xFF
    sums["total_s"] = np.bincount(places, weights=waits[shown], minlength=len(kinds))
    longest = np.zeros(len(kinds))
    np.maximum.at(longest, places, waits[shown])
    sums["longest_s"] = longest
    return HalfHour(start, tallies.tobytes(), sums.tobytes())

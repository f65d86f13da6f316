"""Half hours as they are kept: entries counted by queue, outcome and bin of the wait, packed in two byte strings; and
the same by line besides, in two others, which only reports on lines read.

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

GROUP: Final = np.dtype(
    [
        ("cell", "<u4"),
        ("outcome", "u1"),
        ("bins", "<u2"),
        ("count", "<u4"),
        ("total_s", "<f8"),
        ("longest_s", "<f8"),
    ]
)
"""``count`` entries of ``cell`` ended so. Where their waits are shown, these lie in so many ``bins``, whose tallies
follow those of the group before, and are ``total_s`` in all and ``longest_s`` at most; else all three are 0.
"""
TALLY: Final = np.dtype([("bin", "<u2"), ("count", "<u4")])
"""So many waits of its group lie in this bin; the bins of a group ascend."""

WAITS_SHOWN: Final = np.array([CODE[ANSWERED], CODE[ABANDONED], CODE[INTERRUPTED]])
"""Outcomes whose waits are shown as distributions."""

CellKey: TypeAlias = tuple[str, str]
"""Queue and line."""


def half_hour_of(at: float) -> float:
    """The start of the half hour (UTC) that ``at`` lies in."""
    return at // HALF_HOUR_S * HALF_HOUR_S


@dataclass(frozen=True, slots=True)
class Packed:
    """The groups of a half hour and their tallies. Groups are by name, so that those of a report need no sorting."""

    groups: bytes = b""
    tallies: bytes = b""


@dataclass(frozen=True, slots=True)
class HalfHour:
    """One of them, counted by queue (the ``cell`` of a group is one of the queue's) and by queue and line."""

    start: float
    queues: Packed
    lines: Packed


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """Half hours as read, by time: ``group_counts[i]`` of the ``groups`` belong to ``starts[i]``; ``cells`` by their
    id. Lines are told apart only ``with_lines``.
    """

    starts: NDArray[np.float64]
    groups: NDArray[np.void]
    group_counts: NDArray[np.int64]
    tallies: NDArray[np.void]
    cells: Mapping[int, CellKey] = field(default_factory=dict)
    with_lines: bool = False

    @classmethod
    def of(
        cls,
        starts: Sequence[float],
        groups: Sequence[bytes],
        tallies: Sequence[bytes],
        cells: Mapping[int, CellKey],
        *,
        with_lines: bool = False,
    ) -> "Kept":
        """What was packed of the half hours ``starts``, which ascend."""
        return cls(
            starts=np.array(starts, dtype=np.float64),
            groups=np.frombuffer(b"".join(groups), dtype=GROUP),
            group_counts=np.array([len(packed) // GROUP.itemsize for packed in groups], dtype=np.int64),
            tallies=np.frombuffer(b"".join(tallies), dtype=TALLY),
            cells=cells,
            with_lines=with_lines,
        )


NOTHING_KEPT: Final = Kept.of((), (), (), {})


def cells_of(entries: Entries) -> list[CellKey]:
    """The queues and lines that ``entries`` came through, each pair once."""
    pairs = set(zip(entries.queues.tolist(), entries.lines.tolist(), strict=True))
    return [(entries.queue_names[queue], entries.line_names[line]) for queue, line in sorted(pairs)]


def packed(entries: Entries, starts: Sequence[float], cells: Mapping[CellKey, int]) -> list[HalfHour]:
    """The half hours that begin at ``starts``, counted; ``cells`` has the id of every pair in ``entries``."""
    shape = (max(1, len(entries.queue_names)), max(1, len(entries.line_names)))
    ids, places = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    first_ids: dict[str, int] = {}
    for place, ((queue, line), number) in enumerate(sorted(cells.items())):
        first_ids[queue] = min(number, first_ids.get(queue, number))
        if queue in entries.queue_names and line in entries.line_names:
            at = entries.queue_names.index(queue), entries.line_names.index(line)
            ids[at], places[at] = number, place
    of_queue = np.array([first_ids.get(queue, 0) for queue in entries.queue_names] or [0], dtype=np.int64)
    queue_places = np.argsort(np.argsort(np.array(entries.queue_names or [""])))
    shown = np.isin(entries.outcomes, WAITS_SHOWN)
    bins = np.where(shown, STANDARD.of(entries.waits), 0)
    by_queue = queue_places[entries.queues] << 8 | entries.outcomes, of_queue[entries.queues]
    by_line = places[entries.queues, entries.lines] << 8 | entries.outcomes, ids[entries.queues, entries.lines]
    halves = []
    for start in starts:
        part = slice(*np.searchsorted(entries.entered_at, (start, start + HALF_HOUR_S)).tolist())
        rest = (shown[part], bins[part], entries.waits[part])
        queues, lines = (_packed(kind[part], cell[part], *rest) for kind, cell in (by_queue, by_line))
        halves.append(HalfHour(start, queues, lines))
    return halves


def _packed(
    kind: NDArray[np.int64],
    cell: NDArray[np.int64],
    shown: NDArray[np.bool_],
    bins: NDArray[np.int64],
    waits: NDArray[np.float64],
) -> Packed:
    """Entries of one half hour; ``kind`` is the place of the cell by name and the outcome (8 bits)."""
    kinds, firsts, places, counts = np.unique(kind, return_index=True, return_inverse=True, return_counts=True)
    groups = np.zeros(len(kinds), dtype=GROUP)
    groups["cell"], groups["outcome"], groups["count"] = cell[firsts], kinds & 0xFF, counts
    places, waits = places[shown], waits[shown]
    keys, in_bins = np.unique(places << 16 | bins[shown], return_counts=True)
    groups["bins"] = np.bincount(keys >> 16, minlength=len(kinds))
    groups["total_s"] = np.bincount(places, weights=waits, minlength=len(kinds))
    longest = np.zeros(len(kinds))
    np.maximum.at(longest, places, waits)
    groups["longest_s"] = longest
    tallies = np.zeros(len(keys), dtype=TALLY)
    tallies["bin"], tallies["count"] = keys & 0xFFFF, in_bins
    return Packed(groups.tobytes(), tallies.tobytes())

"""What adds up: by group how entries ended, and sums of waits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from reports.columns import ABANDONED, ANSWERED, CODE, INTERRUPTED, OUTCOMES
from reports.packed_rows import KINDS, Floats, Ints, Rows

ANSWERED_KIND, ABANDONED_KIND = 0, 1
_OUTCOME_BITS: Final = 4
_ENDS: Final = 1 << _OUTCOME_BITS
KIND: Final = np.full(_ENDS, KINDS)
"""The kind of each outcome, by code; ``KINDS`` where its waits are not shown."""
KIND[CODE[ANSWERED]] = ANSWERED_KIND
KIND[[CODE[ABANDONED], CODE[INTERRUPTED]]] = ABANDONED_KIND


@dataclass(frozen=True, slots=True, eq=False)
class Ends:
    """Columns: ``count`` entries of ``group`` ended as ``outcome``. Where the waits of that are shown, so many of them
    waited at most T of their queue (``in_time``), so many gave up sooner than the limit (``short``), and their waits
    are ``total_s`` in all, the longest ``longest_s``. In any order; the same may come again.
    """

    group: Ints
    outcome: Ints
    count: Ints
    in_time: Ints
    short: Ints
    total_s: Floats
    longest_s: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """How entries ended, and the waits of those that are shown: each part with ``KINDS`` rows for each group."""

    ends: Ends
    waits: Sequence[Rows]


@dataclass(frozen=True, slots=True, eq=False)
class Totals:
    """By group: entries ``offered`` and how they ended (``ends``, by code), short abandons; and by group and kind those
    ``in_time``, the sum of their waits and the longest.
    """

    offered: Ints
    ends: Ints
    short: Ints
    in_time: Ints
    total_s: Floats
    longest_s: Floats

    @classmethod
    def of(cls, groups: int, parts: Iterable[Ends]) -> Self:
        """Of so many ``groups`` all ``parts``."""
        ends, rows = np.zeros(groups * _ENDS, dtype=np.int64), groups * KINDS
        short, in_time = np.zeros(groups, dtype=np.int64), np.zeros(rows, dtype=np.int64)
        total_s, longest_s = np.zeros(rows), np.zeros(rows)
        for part in parts:
            ends += _added(part.group << _OUTCOME_BITS | part.outcome, part.count, len(ends))
            short += _added(part.group, part.short, groups)
            kind = KIND[part.outcome]
            shown = np.flatnonzero(kind < KINDS)
            row = part.group[shown] * KINDS + kind[shown]
            in_time += _added(row, part.in_time[shown], rows)
            total_s += np.bincount(row, weights=part.total_s[shown], minlength=rows)
            np.maximum.at(longest_s, row, part.longest_s[shown])
        by_code = ends.reshape(groups, _ENDS)
        return cls(
            offered=by_code.sum(axis=1),
            ends=by_code[:, : len(OUTCOMES)],
            short=short,
            in_time=in_time.reshape(groups, KINDS),
            total_s=total_s.reshape(groups, KINDS),
            longest_s=longest_s.reshape(groups, KINDS),
        )

    def over(self, buckets: int, width: int, axis: int) -> "Totals":
        """Groups are ``buckets`` times ``width``: added up over the first (``axis`` 0) or the second."""

        def added(column: Ints) -> Ints:
            found: Ints = column.reshape(buckets, width, *column.shape[1:]).sum(axis)
            return found

        shape = (buckets, width, KINDS)
        return Totals(
            added(self.offered),
            added(self.ends),
            added(self.short),
            added(self.in_time),
            total_s=self.total_s.reshape(shape).sum(axis),
            longest_s=self.longest_s.reshape(shape).max(axis, initial=0.0),
        )


def _added(places: Ints, counts: Ints, size: int) -> Ints:
    found: Ints = np.bincount(places, weights=counts, minlength=size).astype(np.int64)
    return found

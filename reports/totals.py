"""What adds up: by group how entries ended, and sums of waits; and, gathered on the way, the waits themselves."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from reports.columns import ABANDONED, ANSWERED, CODE, INTERRUPTED, OUTCOMES
from reports.packed_rows import KINDS, Floats, Ints, Rows

ANSWERED_KIND, ABANDONED_KIND = 0, 1
_OUTCOME_BITS: Final = 4
_ENDS: Final = 1 << _OUTCOME_BITS
_KIND: Final = np.full(_ENDS, KINDS)
_KIND[CODE[ANSWERED]] = ANSWERED_KIND
_KIND[[CODE[ABANDONED], CODE[INTERRUPTED]]] = ABANDONED_KIND


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Columns: ``count`` entries of ``group`` ended as ``outcome`` after a wait in ``bin``, ``late`` where that is
    longer than T of their queue. In any order; the same may come again.
    """

    group: Ints
    outcome: Ints
    bin: Ints
    late: Ints
    count: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """Columns: the waits of so many entries of ``group`` that ended as ``outcome``, in all and the longest."""

    group: Ints
    outcome: Ints
    total_s: Floats
    longest_s: Floats


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


class Tally:
    """Adds up batches of ``groups`` groups; abandons below bin ``short`` are short."""

    def __init__(self, groups: int, short: int) -> None:
        self._short_bin = short
        self._ends = np.zeros((groups, _ENDS), dtype=np.int64)
        self._short = np.zeros(groups, dtype=np.int64)
        self._in_time = np.zeros((groups, KINDS), dtype=np.int64)
        self._total_s = np.zeros((groups, KINDS))
        self._longest_s = np.zeros((groups, KINDS))
        self._waits: list[Rows] = []

    def add(self, batch: Batch) -> None:
        """Count it; quick where its groups are near to each other."""
        if not len(batch.group):
            return
        first = int(batch.group.min())
        group, size = batch.group - first, int(batch.group.max()) + 1 - first
        mine = slice(first, first + size)
        self._ends[mine] += _added(group << _OUTCOME_BITS | batch.outcome, batch.count, size * _ENDS).reshape(size, -1)
        gone = np.flatnonzero((batch.outcome == CODE[ABANDONED]) & (batch.bin < self._short_bin))
        self._short[mine] += _added(group[gone], batch.count[gone], size)
        kind = _KIND[batch.outcome]
        shown = np.flatnonzero(kind < KINDS)
        row, count = group[shown] * KINDS + kind[shown], batch.count[shown]
        self._in_time[mine] += _added(row, count * (1 - batch.late[shown]), size * KINDS).reshape(size, -1)
        self._waits.append(Rows.of(row + first * KINDS, batch.bin[shown], count))

    def add_sums(self, sums: Sums) -> None:
        """Add them; of outcomes whose waits are shown."""
        row = sums.group * KINDS + _KIND[sums.outcome]
        self._total_s += np.bincount(row, weights=sums.total_s, minlength=self._total_s.size).reshape(-1, KINDS)
        np.maximum.at(self._longest_s.reshape(-1), row, sums.longest_s)

    def totals(self) -> Totals:
        """All that was added."""
        ends = self._ends[:, : len(OUTCOMES)]
        offered = self._ends.sum(axis=1)
        return Totals(offered, ends, self._short, self._in_time, self._total_s, self._longest_s)

    def waits(self) -> Rows:
        """The waits that were added, by row: ``KINDS`` times the group, and the kind."""
        return Rows.joined(self._waits)


def _added(places: Ints, counts: Ints, size: int) -> Ints:
    found: Ints = np.bincount(places, weights=counts, minlength=size).astype(np.int64)
    return found

"""Waits by group, kind and bin, all in one whole number: those sort and merge several times as fast as columns do.

Each group has two distributions of waits: of those who were answered, and of those who gave up. Each is a row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]

KINDS: Final = 2
"""Rows of a group."""
_BIN_BITS: Final = 13
_BIN_MASK: Final = (1 << _BIN_BITS) - 1
_GROUP_AT: Final = _BIN_BITS + 1
_REST: Final = (1 << _GROUP_AT) - 1
_DENSE: Final = 16
"""Where a table of rows and bins has no more than so many places for each key, keys are counted in it, not sorted."""
_PIECE: Final = 1 << 16
"""About so many keys are regrouped at a time: as many as stay in the processor's cache."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """``counts`` of waits by ``keys``, ascending: the row (``KINDS`` times the group, and the kind) and the bin."""

    keys: Ints
    counts: Ints

    @classmethod
    def of(cls, row: Ints, bins: Ints, counts: Ints) -> Self:
        """Of columns in any order; quick where rows, and the bins of a row, ascend."""
        keys = row << _BIN_BITS
        keys |= bins
        return cls(keys, counts) if bool(np.all(keys[1:] > keys[:-1])) else cls(*_merged(keys, counts))

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """All of ``parts``, each key once."""
        some = sorted((part for part in parts if len(part.keys)), key=lambda part: int(part.keys[0]))
        if not some:
            return cls(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
        keys = np.concatenate([part.keys for part in some])
        counts = np.concatenate([part.counts for part in some])
        if all(before.keys[-1] < after.keys[0] for before, after in pairwise(some)):
            return cls(keys, counts)
        return cls(*_merged(keys, counts))

    def regrouped(self, group: Ints) -> "Rows":
        """The same in other groups: ``group`` has the new one of each group."""
        parts: list[Rows] = []
        begin, size, ascends = 0, len(self.keys), bool(np.all(group[1:] >= group[:-1]))
        while begin < size:
            end = min(begin + _PIECE, size)
            if ascends and end < size:  # no new group is in two pieces
                last = group[self.keys[end - 1] >> _GROUP_AT]
                end = int(np.searchsorted(self.keys, np.searchsorted(group, last, side="right") << _GROUP_AT))
            keys = self.keys[begin:end]
            new = group[keys >> _GROUP_AT] << _GROUP_AT
            new |= keys & _REST
            parts.append(Rows(*_merged(new, self.counts[begin:end])))
            begin = end
        return Rows.joined(parts)

    def firsts(self, rows: int) -> Ints:
        """Where each of so many rows begins, and where the last one ends."""
        found: Ints = np.searchsorted(self.keys, np.arange(rows + 1) << _BIN_BITS)
        return found

    def bins(self, which: Ints | slice) -> Ints:
        """The bins of those at ``which`` places."""
        return self.keys[which] & _BIN_MASK


def _merged(keys: Ints, counts: Ints) -> tuple[Ints, Ints]:
    """Each key once, ascending, with the sum of its counts."""
    if not len(keys):
        return keys, counts
    row, bins = keys >> _BIN_BITS, keys & _BIN_MASK
    first, bits = int(row.min()), int(bins.max()).bit_length()
    if (int(row.max()) + 1 - first) << bits < _DENSE * len(keys):
        row -= first
        row <<= bits
        row |= bins
        found = np.bincount(row, weights=counts)
        places = np.flatnonzero(found != 0.0)  # several times as quick as of numbers
        return (places >> bits) + first << _BIN_BITS | places & ((1 << bits) - 1), found[places].astype(np.int64)
    bits = int(counts.max()).bit_length()
    both = keys << bits | counts
    both.sort(kind="stable")  # which is quick where much is in order already, as half hours are
    counts = both & ((1 << bits) - 1)
    both >>= bits
    firsts = np.flatnonzero(np.concatenate(([True], both[1:] != both[:-1])))
    return both[firsts], np.add.reduceat(counts, firsts)

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
_DENSE: Final = 8
"""Keys that are no more than so many times as far apart as there are of them are counted by place, not sorted."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """``counts`` of waits by ``keys``, ascending: the row (``KINDS`` times the group, and the kind) and the bin."""

    keys: Ints
    counts: Ints

    @classmethod
    def of(cls, row: Ints, bins: Ints, counts: Ints) -> Self:
        """Of columns in any order, each key once."""
        return cls(*_merged(row << _BIN_BITS | bins, counts))

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """All of ``parts``, each key once."""
        some = [part for part in parts if len(part.keys)]
        if not some:
            return cls(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
        keys = np.concatenate([part.keys for part in some])
        counts = np.concatenate([part.counts for part in some])
        if all(before.keys[-1] < after.keys[0] for before, after in pairwise(some)):
            return cls(keys, counts)
        return cls(*_merged(keys, counts))

    def regrouped(self, group: Ints) -> "Rows":
        """The same in other groups: ``group`` has the new one of each."""
        return Rows(*_merged(group << _GROUP_AT | self.keys & _REST, self.counts))

    @property
    def group(self) -> Ints:
        """The group of each."""
        return self.keys >> _GROUP_AT

    @property
    def row(self) -> Ints:
        """The row of each."""
        return self.keys >> _BIN_BITS

    @property
    def bins(self) -> Ints:
        """The bin of each."""
        return self.keys & _BIN_MASK


def _merged(keys: Ints, counts: Ints) -> tuple[Ints, Ints]:
    """Each key once, ascending, with the sum of its counts."""
    if not len(keys):
        return keys, counts
    first = int(keys.min())
    if int(keys.max()) - first < _DENSE * len(keys):
        found = np.bincount(keys - first, weights=counts)
        places = np.flatnonzero(found)
        return places + first, found[places].astype(np.int64)
    bits = int(counts.max()).bit_length()
    both = keys << bits | counts
    both.sort(kind="stable")  # which is quick where much is in order already, as half hours are
    counts = both & ((1 << bits) - 1)
    both >>= bits
    firsts = np.flatnonzero(np.concatenate(([True], both[1:] != both[:-1])))
    return both[firsts], np.add.reduceat(counts, firsts)

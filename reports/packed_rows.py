"""Counts by group, outcome, lateness and bin of the wait, each in one whole number: those sort and merge several times
as fast as columns do.
"""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from reports.records import Ints

BIN_BITS: Final = 13
BIN_MASK: Final = (1 << BIN_BITS) - 1
LATE: Final = 1 << BIN_BITS
"""Set where the wait was longer than T of its queue."""
OUTCOME_AT: Final = BIN_BITS + 1
OUTCOME_MASK: Final = 0xF
GROUP_AT: Final = OUTCOME_AT + 4
_REST: Final = (1 << GROUP_AT) - 1
_DENSE: Final = 1 << 22
"""Up to so many possible keys are counted by place instead of sorted."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """``counts`` of entries by ``keys``, ascending, each once."""

    keys: Ints
    counts: Ints

    @classmethod
    def of(cls, group: Ints, outcome: Ints, late: Ints, bins: Ints, counts: Ints) -> Self:
        """Rows of columns; ``late`` is 0 or 1."""
        keys = group << GROUP_AT | outcome << OUTCOME_AT | late << BIN_BITS | bins
        return cls(*merged(keys, counts))

    def regrouped(self, group: Ints) -> "Rows":
        """The same in other groups: ``group`` has a row's new one."""
        return Rows(*merged(group << GROUP_AT | self.keys & _REST, self.counts))

    @property
    def group(self) -> Ints:
        """The group of each row."""
        return self.keys >> GROUP_AT


def merged(keys: Ints, counts: Ints) -> tuple[Ints, Ints]:
    """Each key once, ascending, with the sum of its counts."""
    if not len(keys):
        return keys, counts
    most = int(keys.max())
    if most < _DENSE:
        found = np.bincount(keys, weights=counts)
        places = np.flatnonzero(found)
        return places.astype(np.int64), found[places].astype(np.int64)
    bits = int(counts.max()).bit_length()
    both = keys << bits | counts
    both.sort(kind="stable")  # which is quick where much is in order already, as half hours are
    counts = both & ((1 << bits) - 1)
    both >>= bits
    firsts = np.flatnonzero(np.concatenate(([True], both[1:] != both[:-1])))
    return both[firsts], np.add.reduceat(counts, firsts)

"""Figures of many groups at once, as columns: a group is a bucket, a queue, or a bucket of a queue."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from reports.bins import Bins
from reports.columns import (
    ABANDONED,
    ANSWERED,
    CALLED_BACK,
    INTERRUPTED,
    LEFT_BY_KEY,
    OUTCOMES,
    OVERFLOWED,
    WAITING,
    IdentityBroken,
)
from reports.model import BIN_S, LAST_BIN, Counts, HistogramBin, Rates, Waits
from reports.packed_rows import KINDS, Floats, Ints, Rows
from reports.totals import ABANDONED_KIND, ANSWERED_KIND, Totals

PERCENTS: Final = np.array((50, 80, 90, 95))
_AT_ONCE: Final = 1024
"""Rows whose percentiles are looked up together: those of a year, as one, are far from the processor's cache."""


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """Distributions of ``waits``, ``KINDS`` rows for each group: ``firsts`` is where those of a row begin;
    ``percentiles`` has a column for each of ``PERCENTS``.
    """

    waits: Rows
    firsts: Ints
    sizes: Ints
    percentiles: Floats

    @classmethod
    def of(cls, waits: Rows, longest_s: Floats, bins: Bins) -> Self:
        """Of ``waits`` in rows whose longest are ``longest_s``."""
        size = len(longest_s)
        firsts = waits.firsts(size)
        running = np.zeros(len(waits.counts) + 1, dtype=np.int64)
        np.cumsum(waits.counts, out=running[1:])
        base = running[firsts]
        sizes = np.diff(base)
        percentiles = np.full((size, len(PERCENTS)), np.nan)
        some = np.flatnonzero(sizes)
        for begin in range(0, len(some), _AT_ONCE):
            rows = some[begin : begin + _AT_ONCE]
            first, end = int(firsts[rows[0]]), int(firsts[rows[-1] + 1])
            ranks = base[rows, np.newaxis] - -PERCENTS * sizes[rows, np.newaxis] // 100
            at = first + np.searchsorted(running[first : end + 1], ranks) - 1
            percentiles[rows] = np.minimum(bins.tops[waits.bins(at)], longest_s[rows, np.newaxis])
        return cls(waits, firsts, sizes, percentiles)


class Level:
    """The figures of groups: what adds up in ``totals``, and their ``waits`` by row. ``IdentityBroken`` where offered
    is not the sum of how entries ended.
    """

    def __init__(self, totals: Totals, waits: Rows, bins: Bins) -> None:
        self._totals = totals
        self._bins = bins
        self._spread = Spread.of(waits, totals.longest_s.reshape(-1), bins)

    @property
    def offered(self) -> Ints:
        """Entries by group."""
        return self._totals.offered

    def counts(self, group: int) -> Counts:
        """How the entries of a group ended; ``IdentityBroken`` as above."""
        ends = self._totals.ends[group].tolist()
        by_outcome = dict(zip(OUTCOMES, ends, strict=True))
        found = Counts(
            offered=int(self._totals.offered[group]),
            answered=by_outcome[ANSWERED],
            abandoned=by_outcome[ABANDONED] + by_outcome[INTERRUPTED],
            overflowed=by_outcome[OVERFLOWED],
            called_back=by_outcome[CALLED_BACK],
            left_by_key=by_outcome[LEFT_BY_KEY],
            waiting=by_outcome[WAITING],
            short_abandons=int(self._totals.short[group]),
            interrupted=by_outcome[INTERRUPTED],
        )
        if found.offered != sum_of_ends(found):
            raise IdentityBroken(f"offered {found.offered} is not the sum of how entries ended, {sum_of_ends(found)}")
        return found

    def rates(self, group: int, counts: Counts) -> Rates:
        """All shares of a group."""
        answered, abandoned = self._totals.in_time[group].tolist()
        return rates(counts, answered_in_time=answered, abandoned_in_time=abandoned)

    def answered_waits(self, group: int) -> Waits:
        """How long the answered waited."""
        return self._waits(group, ANSWERED_KIND)

    def abandoned_waits(self, group: int) -> Waits:
        """How long those waited who gave up."""
        return self._waits(group, ABANDONED_KIND)

    def histogram(self, group: int) -> tuple[HistogramBin, ...]:
        """Both, in steps of 10 s."""
        answered, abandoned = (self._steps(group * KINDS + kind) for kind in (ANSWERED_KIND, ABANDONED_KIND))
        size = max(len(answered), len(abandoned))
        answered += [0] * (size - len(answered))
        abandoned += [0] * (size - len(abandoned))
        return tuple(
            HistogramBin(number * BIN_S, None if number == LAST_BIN else (number + 1) * BIN_S, taken, gone)
            for number, (taken, gone) in enumerate(zip(answered, abandoned, strict=True))
        )

    def _waits(self, group: int, kind: int) -> Waits:
        row = group * KINDS + kind
        size = int(self._spread.sizes[row])
        if not size:
            return Waits(0, None, None, None, None, None, None)
        p50, p80, p90, p95 = self._spread.percentiles[row].tolist()
        return Waits(
            count=size,
            mean_s=float(self._totals.total_s[group, kind]) / size,
            p50_s=p50,
            p80_s=p80,
            p90_s=p90,
            p95_s=p95,
            max_s=float(self._totals.longest_s[group, kind]),
        )

    def _steps(self, row: int) -> list[int]:
        spread = self._spread
        mine = slice(int(spread.firsts[row]), int(spread.firsts[row + 1]))
        steps = self._bins.steps[spread.waits.bins(mine)]
        return np.bincount(steps, weights=spread.waits.counts[mine]).astype(int).tolist() if len(steps) else []


def sum_of_ends(counts: Counts) -> int:
    """The right-hand side of the identity."""
    gone = counts.abandoned + counts.overflowed + counts.called_back + counts.left_by_key
    return counts.answered + gone + counts.waiting


def rates(counts: Counts, *, answered_in_time: int, abandoned_in_time: int) -> Rates:
    """All shares, by the formulas of ``reports.formulas``; ``…_in_time`` are those with a wait of at most T."""
    without_short = counts.offered - counts.short_abandons
    abandoned_late = counts.abandoned - abandoned_in_time
    return Rates(
        answer_rate=share(counts.answered, counts.offered),
        answer_rate_without_short=share(counts.answered, without_short),
        answer_rate_without_key=share(counts.answered, counts.offered - counts.left_by_key),
        abandon_rate=share(counts.abandoned, counts.offered),
        abandon_rate_without_short=share(counts.abandoned - counts.short_abandons, without_short),
        service_level_a=share(answered_in_time, counts.answered),
        service_level_b=share(answered_in_time, counts.offered),
        service_level_c=share(answered_in_time, counts.answered + abandoned_late),
        service_level_d=share(answered_in_time + abandoned_in_time, counts.answered + counts.abandoned),
    )


def share(part: float, whole: float) -> float | None:
    """part / whole; None where there is nothing to share."""
    return part / whole if whole else None

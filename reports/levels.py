"""Figures of many groups at once, as columns: a group is a bucket, a queue, or a bucket of a queue."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from reports.bins import Bins
from reports.columns import (
    ABANDONED,
    ANSWERED,
    CALLED_BACK,
    CODE,
    INTERRUPTED,
    LEFT_BY_KEY,
    OUTCOMES,
    OVERFLOWED,
    WAITING,
    IdentityBroken,
)
from reports.model import BIN_S, LAST_BIN, Counts, HistogramBin, Rates, Waits
from reports.packed_rows import BIN_BITS, BIN_MASK, GROUP_AT, LATE, OUTCOME_AT, OUTCOME_MASK, Rows, merged
from reports.records import Floats, Ints, Records

PERCENTS: Final = (50, 80, 90, 95)
_KINDS: Final = 2
_ANSWERED, _ABANDONED = 0, 1
_KIND: Final = np.array([0 if it == ANSWERED else 1 if it in (ABANDONED, INTERRUPTED) else -1 for it in OUTCOMES])
"""Which distribution of waits an outcome belongs to, -1 to none."""


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """Distributions of waits, two rows (answered, abandoned) for each group: ``firsts`` is where those of a row begin
    in ``bins`` and ``counts``; ``percentiles`` has a column for each of ``PERCENTS``.
    """

    bins: Ints
    counts: Ints
    firsts: Ints
    sizes: Ints
    totals_s: Floats
    longest_s: Floats
    percentiles: Floats


class Level:
    """The figures of ``groups`` groups, counted in ``rows``; ``sum_group`` says to which group each sum of ``records``
    belongs. Abandons below bin ``short`` are short. ``IdentityBroken`` where offered is not the sum of how entries
    ended.
    """

    def __init__(self, groups: int, rows: Rows, sum_group: Ints, records: Records, short: int, bins: Bins) -> None:
        self._bins = bins
        self.ends: Ints = _by_outcome(groups, rows.keys, rows.counts)
        early = np.flatnonzero((rows.keys & LATE) == 0)
        in_time = _by_outcome(groups, rows.keys[early], rows.counts[early])
        self.answered_in_time: Ints = in_time[:, CODE[ANSWERED]]
        self.abandoned_in_time: Ints = in_time[:, CODE[ABANDONED]] + in_time[:, CODE[INTERRUPTED]]
        outcome = rows.keys >> OUTCOME_AT & OUTCOME_MASK
        gave_up = np.flatnonzero((outcome == CODE[ABANDONED]) & ((rows.keys & BIN_MASK) < short))
        group = rows.keys >> GROUP_AT
        self.short: Ints = _sums(group[gave_up], rows.counts[gave_up], groups)
        self.offered: Ints = _sums(group, rows.counts, groups)
        self.spread = _spread(groups, outcome, rows, sum_group, records, bins)

    def counts(self, group: int) -> Counts:
        """How the entries of a group ended; ``IdentityBroken`` as above."""
        ends = self.ends[group].tolist()
        by_outcome = dict(zip(OUTCOMES, ends, strict=True))
        found = Counts(
            offered=int(self.offered[group]),
            answered=by_outcome[ANSWERED],
            abandoned=by_outcome[ABANDONED] + by_outcome[INTERRUPTED],
            overflowed=by_outcome[OVERFLOWED],
            called_back=by_outcome[CALLED_BACK],
            left_by_key=by_outcome[LEFT_BY_KEY],
            waiting=by_outcome[WAITING],
            short_abandons=int(self.short[group]),
            interrupted=by_outcome[INTERRUPTED],
        )
        if found.offered != sum_of_ends(found):
            raise IdentityBroken(f"offered {found.offered} is not the sum of how entries ended, {sum_of_ends(found)}")
        return found

    def rates(self, group: int, counts: Counts) -> Rates:
        """All shares of a group."""
        return rates(
            counts,
            answered_in_time=int(self.answered_in_time[group]),
            abandoned_in_time=int(self.abandoned_in_time[group]),
        )

    def answered_waits(self, group: int) -> Waits:
        """How long the answered waited."""
        return self._waits(group * _KINDS + _ANSWERED)

    def abandoned_waits(self, group: int) -> Waits:
        """How long those waited who gave up."""
        return self._waits(group * _KINDS + _ABANDONED)

    def histogram(self, group: int) -> tuple[HistogramBin, ...]:
        """Both, in steps of 10 s."""
        answered, abandoned = (self._steps(group * _KINDS + kind) for kind in (_ANSWERED, _ABANDONED))
        size = max(len(answered), len(abandoned))
        answered += [0] * (size - len(answered))
        abandoned += [0] * (size - len(abandoned))
        return tuple(
            HistogramBin(number * BIN_S, None if number == LAST_BIN else (number + 1) * BIN_S, taken, gone)
            for number, (taken, gone) in enumerate(zip(answered, abandoned, strict=True))
        )

    def _waits(self, row: int) -> Waits:
        size = int(self.spread.sizes[row])
        if not size:
            return Waits(0, None, None, None, None, None, None)
        p50, p80, p90, p95 = self.spread.percentiles[row].tolist()
        return Waits(
            count=size,
            mean_s=float(self.spread.totals_s[row]) / size,
            p50_s=p50,
            p80_s=p80,
            p90_s=p90,
            p95_s=p95,
            max_s=float(self.spread.longest_s[row]),
        )

    def _steps(self, row: int) -> list[int]:
        mine = slice(int(self.spread.firsts[row]), int(self.spread.firsts[row + 1]))
        steps = self._bins.steps[self.spread.bins[mine]]
        return np.bincount(steps, weights=self.spread.counts[mine]).astype(int).tolist() if len(steps) else []


def _sums(group: Ints, counts: Ints, groups: int) -> Ints:
    found: Ints = np.bincount(group, weights=counts, minlength=groups).astype(np.int64)
    return found


def _by_outcome(groups: int, keys: Ints, counts: Ints) -> Ints:
    width = OUTCOME_MASK + 1
    found: Ints = _sums(keys >> OUTCOME_AT, counts, groups * width).reshape(groups, width)[:, : len(OUTCOMES)]
    return found


def _spread(groups: int, outcome: Ints, rows: Rows, sum_group: Ints, records: Records, bins: Bins) -> Spread:
    kind = _KIND[outcome]
    shown = np.flatnonzero(kind >= 0)
    key = ((rows.keys[shown] >> GROUP_AT) * _KINDS + kind[shown]) << BIN_BITS | rows.keys[shown] & BIN_MASK
    key, count = merged(key, rows.counts[shown])
    size = groups * _KINDS
    firsts = np.searchsorted(key, np.arange(size + 1) << BIN_BITS)
    running = np.concatenate(([0], np.cumsum(count)))
    base = running[firsts]
    sizes = np.diff(base)
    bin_of = key & BIN_MASK
    sum_row = sum_group * _KINDS + _KIND[records.sum_outcome]
    totals_s: Floats = np.bincount(sum_row, weights=records.total_s, minlength=size).astype(np.float64)
    longest_s = np.zeros(size)
    np.maximum.at(longest_s, sum_row, records.longest_s)
    percentiles = np.full((size, len(PERCENTS)), np.nan)
    some = np.flatnonzero(sizes)
    for place, percent in enumerate(PERCENTS):
        rank = -(-percent * sizes[some] // 100)
        at = np.searchsorted(running, base[some] + rank) - 1
        percentiles[some, place] = np.minimum(bins.tops[bin_of[at]], longest_s[some])
    return Spread(bin_of, count, firsts, sizes, totals_s, longest_s, percentiles)


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

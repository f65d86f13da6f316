"""Distributions of waits.

A percentile is by **nearest rank**: p80 of n waits is the ⌈0.8 n⌉-th smallest, so it is always the wait of a real call.
"""

import math
from collections.abc import Sequence
from typing import Final

from reports.model import HistogramBin, Waits

BIN_S: Final = 10.0
LAST_BIN: Final = 60
"""The bin from 600 s on is open."""


def percentile(ascending: Sequence[float], percent: int) -> float | None:
    """The nearest-rank percentile of waits that are sorted ascending; None of none."""
    if not ascending:
        return None
    return ascending[max(1, -(-percent * len(ascending) // 100)) - 1]


def waits_of(ascending: Sequence[float]) -> Waits:
    """Mean and percentiles of waits that are sorted ascending."""
    count = len(ascending)
    return Waits(
        count=count,
        mean_s=math.fsum(ascending) / count if count else None,
        p50_s=percentile(ascending, 50),
        p80_s=percentile(ascending, 80),
        p90_s=percentile(ascending, 90),
        p95_s=percentile(ascending, 95),
        max_s=ascending[-1] if count else None,
    )


def histogram(answered: Sequence[float], abandoned: Sequence[float]) -> tuple[HistogramBin, ...]:
    """Both kinds of waits in steps of ``BIN_S`` from 0 to the longest, without gaps; empty where nobody waited."""
    answered_bins = _binned(answered)
    abandoned_bins = _binned(abandoned)
    if not answered_bins and not abandoned_bins:
        return ()
    last = max((*answered_bins, *abandoned_bins))
    return tuple(
        HistogramBin(
            from_s=number * BIN_S,
            to_s=None if number == LAST_BIN else (number + 1) * BIN_S,
            answered=answered_bins.get(number, 0),
            abandoned=abandoned_bins.get(number, 0),
        )
        for number in range(last + 1)
    )


def bin_of(wait_s: float) -> int:
    """The number of the bin that holds ``wait_s``."""
    return min(int(wait_s // BIN_S), LAST_BIN)


def _binned(waits: Sequence[float]) -> dict[int, int]:
    bins: dict[int, int] = {}
    for wait_s in waits:
        number = bin_of(wait_s)
        bins[number] = bins.get(number, 0) + 1
    return bins

"""Distributions of waits.

A percentile is by **nearest rank**: p80 of n waits is the ⌈0.8 n⌉-th smallest, so it is always the wait of a real call.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from reports.model import BIN_S, LAST_BIN, Waits


def percentile(ascending: Sequence[float] | NDArray[np.float64], percent: int) -> float | None:
    """The nearest-rank percentile of waits that are sorted ascending; None of none."""
    if not len(ascending):
        return None
    return float(ascending[max(1, -(-percent * len(ascending) // 100)) - 1])


def waits_of(ascending: NDArray[np.float64]) -> Waits:
    """Mean and percentiles of waits that are sorted ascending."""
    count = len(ascending)
    return Waits(
        count=count,
        mean_s=float(ascending.sum()) / count if count else None,
        p50_s=percentile(ascending, 50),
        p80_s=percentile(ascending, 80),
        p90_s=percentile(ascending, 90),
        p95_s=percentile(ascending, 95),
        max_s=percentile(ascending, 100),
    )


def bins_of(waits: NDArray[np.float64]) -> tuple[int, ...]:
    """How many waits fall into each step of ``BIN_S``, up to the last that has any."""
    numbers = np.minimum(waits // BIN_S, LAST_BIN).astype(np.intp)
    return tuple(np.bincount(numbers).tolist()) if len(waits) else ()

"""Bins of waits that can be added up: over half hours, queues, a year.

Every edge is a bin of its own and the open interval to the next edge is another, so "at most T" and "less than 5 s"
are exact whenever T and 5 s are edges. Edges stand at every second up to ten minutes, every ten seconds up to an hour,
every minute up to a day; longer waits share the last bin. A percentile read from bins is the upper edge of the bin
that the percentile (nearest rank) lies in, at most the longest wait: never too low, too high by less than the step.
"""

from collections.abc import Iterable
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from reports.model import BIN_S, LAST_BIN

FINE_S: Final = 600.0
"""Up to here percentiles are exact to the second, and every whole second is an edge."""
_HOUR_S: Final = 3600.0
_DAY_S: Final = 86_400.0
_EDGES: Final = np.concatenate(
    (np.arange(0.0, FINE_S, 1.0), np.arange(FINE_S, _HOUR_S, 10.0), np.arange(_HOUR_S, _DAY_S + 60.0, 60.0))
)


class Bins:
    """Bins by ``edges``, ascending from 0: bin 2k holds waits of exactly ``edges[k]``, bin 2k + 1 those between it and
    the next edge.
    """

    def __init__(self, edges: NDArray[np.float64]) -> None:
        self._edges = edges
        self.count = 2 * len(edges)
        self.tops: NDArray[np.float64] = np.append(edges, np.inf)[(np.arange(self.count) + 1) // 2]
        """The longest wait that each bin may hold."""
        self.steps: NDArray[np.intp] = np.minimum(edges[np.arange(self.count) // 2] // BIN_S, LAST_BIN).astype(np.intp)
        """The step of 10 s that each bin lies in."""

    def with_edges(self, limits: Iterable[float]) -> Self:
        """Itself where ``limits`` are edges; else bins that have those besides."""
        more = np.array([limit for limit in limits if limit not in self], dtype=np.float64)
        return self if not len(more) else type(self)(np.union1d(self._edges, more))

    def __contains__(self, limit: float) -> bool:
        """Whether ``limit`` is an edge."""
        place = int(np.searchsorted(self._edges, limit))
        return place < len(self._edges) and float(self._edges[place]) == limit

    def of(self, waits: NDArray[np.float64]) -> NDArray[np.int64]:
        """The bin of each wait; 0 for what is no wait (NaN) and for clocks that went backwards."""
        known = np.maximum(np.nan_to_num(waits, nan=0.0), 0.0)
        places = np.searchsorted(self._edges, known)
        on_edge = self._edges[np.minimum(places, len(self._edges) - 1)] == known
        found: NDArray[np.int64] = 2 * places - ~on_edge
        return found

    def last_within(self, limit: float) -> int:
        """The last bin with waits of at most ``limit``, which is an edge."""
        return 2 * int(np.searchsorted(self._edges, limit))


STANDARD: Final = Bins(_EDGES)
"""The bins in which half hours are kept."""

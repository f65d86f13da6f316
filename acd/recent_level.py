"""The service level of the last minutes, by queue: answered within the target ÷ all who left the queue. Pure."""

from collections import deque
from collections.abc import Mapping
from typing import Final

from acd.facts import QueueLeft, QueueOutcome

KEPT_S: Final = 4 * 3600.0
"""So far back it can be asked."""
MOST: Final = 5_000
"""So many callers of one queue are remembered at most, the newest."""
_NOT_COUNTED: Final = frozenset({QueueOutcome.INTERRUPTED})


class RecentLevel:
    """``targets`` are the seconds within which each queue wants callers answered."""

    def __init__(self, targets: Mapping[str, float]) -> None:
        self.targets = targets
        self._left: dict[str, deque[tuple[float, bool]]] = {}

    def note(self, fact: QueueLeft, at: float) -> None:
        """Somebody has left a queue."""
        if fact.outcome in _NOT_COUNTED or fact.queue not in self.targets:
            return
        in_time = fact.outcome == QueueOutcome.ANSWERED and fact.wait_s <= self.targets[fact.queue]
        self._left.setdefault(fact.queue, deque(maxlen=MOST)).append((at, in_time))

    def levels(self, now: float, over_s: float, at_least: int) -> dict[str, float]:
        """The shares, of queues that at least ``at_least`` callers have left within ``over_s`` (to ``KEPT_S``)."""
        shares: dict[str, float] = {}
        for queue in [name for name in self._left if name not in self.targets]:
            del self._left[queue]
        for queue, left in self._left.items():
            while left and left[0][0] < now - KEPT_S:
                left.popleft()
            recent = [in_time for at, in_time in left if at >= now - over_s]
            if recent and len(recent) >= at_least:
                shares[queue] = sum(recent) / len(recent)
        return shares

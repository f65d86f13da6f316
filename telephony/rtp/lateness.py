"""How late packets come, and from that how long playing must wait for them.

Lateness is arrival less the packet's place, in samples of our clock, up to a constant. The delay that is needed is
a high quantile of the last packets: it rises as soon as some come later, and falls when the late ones have left the
window. One late packet in a hundred is not waited for.
"""

from collections import deque
from typing import Final

import numpy as np

WINDOW: Final = 500
QUANTILE: Final = 0.99
MOST: Final = 1600
"""More than 200 ms of jitter is not waited for."""
_EVERY: Final = 50


class Lateness:
    """``least`` and ``high``: the bounds between which nearly all packets came, of the last 500."""

    __slots__ = ("_due", "_last", "high", "least")

    def __init__(self) -> None:
        self._last: deque[int] = deque(maxlen=WINDOW)
        self._due = 0
        self.least = 0
        self.high = 0

    def note(self, lateness: int) -> None:
        """One more packet came."""
        self._last.append(lateness)
        self._due -= 1
        if lateness > self.high or lateness < self.least:
            self._due = 0

    def settle(self) -> None:
        """Work out the bounds anew if it is time (at once after a packet outside of them)."""
        if self._due > 0 or not self._last:
            return
        self._due = _EVERY
        sample = np.fromiter(self._last, dtype=np.int64, count=len(self._last))
        rank = -int(-(len(sample) - 1) * QUANTILE // 1)  # rounded up: of few packets the latest
        self.least = int(sample.min())
        self.high = min(int(np.partition(sample, rank)[rank]), self.least + MOST)

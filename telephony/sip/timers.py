"""The time values of RFC 3261 §17 (table 4) with RFC 6026, in seconds, and a heap that says which of them is due."""

import heapq
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class TimerValues:
    """T1 round-trip estimate, T2 longest gap between repeats, T4 longest life of a message in the net, in seconds."""

    t1: float = 0.5
    t2: float = 4.0
    t4: float = 5.0

    @property
    def life(self) -> float:
        """64·T1: timers B, F, H, J, L and M."""
        return 64 * self.t1

    @property
    def d(self) -> float:
        """Timer D: how long a refused INVITE client transaction answers repeats over UDP (at least 32 s)."""
        return max(32.0, 64 * self.t1)


class TimerHeap(Generic[Key]):
    """Deadlines by key. Setting a key again moves it; what was cancelled is dropped lazily: each step is O(log n)."""

    __slots__ = ("_due", "_heap", "_serial")

    def __init__(self) -> None:
        self._due: dict[Key, tuple[float, int]] = {}
        self._heap: list[tuple[float, int, Key]] = []
        self._serial = 0

    def __len__(self) -> int:
        return len(self._due)

    def set(self, key: Key, at: float) -> None:
        """Have ``key`` come due at ``at`` (epoch seconds) instead of whenever it was."""
        self._serial += 1
        self._due[key] = (at, self._serial)
        heapq.heappush(self._heap, (at, self._serial, key))
        if len(self._heap) > 64 + 4 * len(self._due):
            self._heap = [(when, serial, name) for name, (when, serial) in self._due.items()]
            heapq.heapify(self._heap)

    def cancel(self, key: Key) -> None:
        """Forget ``key``; no error if it is not set."""
        self._due.pop(key, None)

    def next(self) -> float | None:
        """The earliest deadline."""
        heap = self._heap
        while heap:
            at, serial, key = heap[0]
            if self._due.get(key) == (at, serial):
                return at
            heapq.heappop(heap)
        return None

    def pop_due(self, now: float) -> Key | None:
        """Take out and return the earliest key that is due at ``now``; None if none is."""
        at = self.next()
        if at is None or at > now:
            return None
        key = heapq.heappop(self._heap)[2]
        del self._due[key]
        return key

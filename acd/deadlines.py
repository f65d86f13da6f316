"""Moments at which something is to be looked at, soonest first."""

import heapq
from collections.abc import Callable
from enum import IntEnum
from typing import NamedTuple


class Due(IntEnum):
    """What a deadline is about; of those at the same moment the lower number goes first."""

    WRAP_UP = 0  # key: agent
    RING = 1  # key: offer
    MAX_WAIT = 2  # key: entry
    LOOK = 3  # key: entry


class Deadline(NamedTuple):
    """At ``at`` (epoch seconds) look at ``key``. A tuple: they are compared more often than anything else here."""

    at: float
    due: Due
    key: str


class Deadlines:
    """A heap whose stale items are dropped when they come up: ``live`` tells whether one still matters."""

    __slots__ = ("_heap", "_live")

    def __init__(self, live: Callable[[Deadline], bool]) -> None:
        self._heap: list[Deadline] = []
        self._live = live

    def add(self, at: float, due: Due, key: str) -> None:
        """Remember to look at ``key`` at ``at``."""
        heapq.heappush(self._heap, Deadline(at, due, key))

    def next(self) -> float | None:
        """The soonest moment that still matters."""
        while self._heap and not self._live(self._heap[0]):
            heapq.heappop(self._heap)
        return self._heap[0].at if self._heap else None

    def pop(self, now: float) -> Deadline | None:
        """Take the soonest one if it is due at ``now``."""
        at = self.next()
        if at is None or at > now:
            return None
        return heapq.heappop(self._heap)

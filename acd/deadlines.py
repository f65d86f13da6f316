"""Moments at which something is to be looked at, soonest first."""

import heapq
import math
from collections.abc import Callable
from enum import IntEnum
from typing import NamedTuple

from acd.decisions import made


class Due(IntEnum):
    """What a deadline is about; of those at the same moment the lower number goes first."""

    WRAP_UP = 0  # key: agent
    RING = 1  # key: offer
    MAX_WAIT = 2  # key: entry
    LOOK = 3  # key: entry


# To name a member of an enumeration costs more than a call in Python 3.11, and these are asked for at every step.
WRAP_UP, RING, MAX_WAIT, LOOK = Due.WRAP_UP, Due.RING, Due.MAX_WAIT, Due.LOOK


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
        heapq.heappush(self._heap, made(Deadline, (at, due, key)))

    def next(self, until: float = math.inf) -> float | None:
        """The soonest moment that still matters, unless that comes after ``until``."""
        heap = self._heap
        while heap:
            soonest = heap[0]
            if soonest[0] > until:
                return None
            if self._live(soonest):
                return soonest[0]
            heapq.heappop(heap)
        return None

    def pop(self, now: float) -> Deadline | None:
        """Take the soonest one if it is due at ``now``."""
        heap = self._heap
        while heap and heap[0][0] <= now:
            soonest = heapq.heappop(heap)
            if self._live(soonest):
                return soonest
        return None

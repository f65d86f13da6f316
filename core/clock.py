"""The one notion of time: seconds since the Unix epoch, as a float that never goes backwards.

Protocol and policy code takes ``now`` as an argument and never asks for the time. Drivers hold a ``Clock``.
The real clock lives in ``service``; tests and the simulator use ``VirtualClock``.
"""

from typing import Protocol


class Clock(Protocol):
    """Tells the time in epoch seconds; successive calls never decrease."""

    def now(self) -> float:
        """Epoch seconds."""
        ...


class VirtualClock:
    """A clock that moves only when told to."""

    __slots__ = ("_now",)

    def __init__(self, start: float = 1_700_000_000.0) -> None:
        self._now = start

    def now(self) -> float:
        """Epoch seconds of virtual time."""
        return self._now

    def advance(self, seconds: float) -> float:
        """Move forward by ``seconds`` (>= 0) and return the new time; ``ValueError`` if it would go back."""
        if seconds < 0:
            raise ValueError(f"time cannot go back by {-seconds} s")
        self._now += seconds
        return self._now

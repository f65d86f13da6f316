"""Calls of campaigns with agents that are in flight: dialled, and not yet known to be a person's or nobody's.

Campaigns whose queues share agents see each other's, so that no agent is counted on twice.
"""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(slots=True)
class Flight:
    """Dialled ``since`` (epoch seconds) for ``queue``; ``answered_at``: it is being heard what answered. ``kept``: an
    agent is kept free for it.
    """

    queue: str
    since: float
    kept: bool
    answered_at: float | None = None


@dataclass(frozen=True, slots=True)
class InFlight:
    """Since when calls ring, how many were answered and are listened to, and how many have an agent kept for them
    (these are in neither of the others).
    """

    ringing_since: tuple[float, ...] = ()
    heard: int = 0
    kept: int = 0

    @property
    def calls(self) -> int:
        """All that may yet need an agent who is nobody's."""
        return len(self.ringing_since) + self.heard


class Flights:
    """By attempt; one for the whole house."""

    def __init__(self) -> None:
        self._by_attempt: dict[str, Flight] = {}

    def begin(self, attempt: str, queue: str, now: float, *, kept: bool) -> None:
        """It is dialled."""
        self._by_attempt[attempt] = Flight(queue, now, kept)

    def answered(self, attempt: str, now: float) -> None:
        """Something has answered."""
        if (flight := self._by_attempt.get(attempt)) is not None:
            flight.answered_at = now

    def land(self, attempt: str) -> Flight | None:
        """It is over, or a person who waits for an agent from now on; None where that was said before."""
        return self._by_attempt.pop(attempt, None)

    def of(self, queues: Collection[str]) -> InFlight:
        """Those whose people would be given to agents of ``queues``."""
        ours = [flight for flight in self._by_attempt.values() if flight.queue in queues]
        loose = [flight for flight in ours if not flight.kept]
        return InFlight(
            tuple(sorted(flight.since for flight in loose if flight.answered_at is None)),
            sum(flight.answered_at is not None for flight in loose),
            len(ours) - len(loose),
        )

"""When a job is tried again that has failed: after growing pauses, and not for ever. It says nothing about the work."""

from collections.abc import Iterable
from typing import Final

from core.clock import Clock

LOOK_EVERY_S: Final = 30.0
"""A queue is read at least so often, in case nobody woke its worker."""
AWAY_PAUSE_S: Final = 10.0
"""Pause after which all is tried again when not the job but who does it was at fault."""


class Retries:
    """The pauses of the jobs of one queue, by name: ``pauses`` seconds after the first, second, … failure (the last
    one repeats); ``most`` tries in all.
    """

    def __init__(self, clock: Clock, pauses: tuple[float, ...], most: int) -> None:
        self._clock = clock
        self._pauses = pauses
        self._most = most
        self._not_before: dict[str, float] = {}

    def keep_only(self, waiting: Iterable[str]) -> None:
        """Forget all other jobs: they are done, or somebody else saw to them."""
        known = set(waiting)
        self._not_before = {name: at for name, at in self._not_before.items() if name in known}

    def rests(self, job: str) -> bool:
        """It is not yet time for its next try."""
        return self._not_before.get(job, 0.0) > self._clock.now()

    def done(self, job: str) -> None:
        """It succeeded, or can never succeed."""
        self._not_before.pop(job, None)

    def failed(self, job: str, tries_before: int) -> bool:
        """One more failure after ``tries_before``; True where that was the last try."""
        if tries_before + 1 >= self._most:
            self.done(job)
            return True
        pause_s = self._pauses[min(tries_before, len(self._pauses) - 1)]
        self._not_before[job] = self._clock.now() + pause_s
        return False

    def look_again_s(self) -> float:
        """Seconds after which the queue is to be read again."""
        later = [at - self._clock.now() for at in self._not_before.values()]
        return max(0.0, min([LOOK_EVERY_S, *later]))

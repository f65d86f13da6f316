"""What strangers try, told to the event log without letting them fill it: the same thing of the same source once a
minute with a count, and so many in all. Pure.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from core.events import Fact
from telephony.sip.recent import Recent

REPORT_S: Final = 60.0
MAX_A_MINUTE: Final = 60
"""Reports of all sources together: a flood from many addresses is told in samples, not one by one."""
MAX_KEPT: Final = 1000


@dataclass(slots=True)
class _Told:
    at: float
    untold: int = 0


class Incidents:
    """``post`` takes what is to be in the log."""

    def __init__(self, post: Callable[[Fact], None] = lambda fact: None) -> None:
        self.post = post
        self._told: Recent[tuple[str, str], _Told] = Recent(MAX_KEPT)
        self._left = float(MAX_A_MINUTE)
        self._at = float("-inf")

    def note(self, kind: str, source: str, now: float, make: Callable[[int], Fact]) -> int:
        """One more of ``kind`` by ``source``. Where it is to be told now, ``make`` gets how many there were since the
        last time; returns that number, else 0.
        """
        count = self.due(kind, source, now)
        if count:
            self.post(make(count))
        return count

    def due(self, kind: str, source: str, now: float) -> int:
        """As ``note``, for those who tell it themselves."""
        told = self._told.get((kind, source))
        if told is not None and now - told.at < REPORT_S:
            told.untold += 1
            return 0
        count = 1 if told is None else told.untold + 1
        if not self._may_tell(now):
            if told is not None:
                told.untold = count
            return 0
        self._told.put((kind, source), _Told(now))
        return count

    def _may_tell(self, now: float) -> bool:
        gained = (now - self._at) * MAX_A_MINUTE / REPORT_S
        self._left = min(float(MAX_A_MINUTE), self._left + max(0.0, gained))
        self._at = max(now, self._at)
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True

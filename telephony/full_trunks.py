"""Calls that found no free channel on a trunk, told to the event log one by one and to the log of the service at most
once a second. Pure.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from core.events import Fact
from telephony.facts import TrunkFull

_log: Final = logging.getLogger("line400.telephony")
EVENTS_A_SECOND: Final = 20
"""Of one trunk and direction; more are counted and told with the next, so that a flood of calls fills no disk."""
LINE_EVERY_S: Final = 1.0


@dataclass(slots=True)
class _Told:
    second: float = float("-inf")
    events: int = 0
    untold: int = 0


class FullTrunks:
    """``post`` takes what is to be in the log, with the call's id. Trunks are those of the configuration: few."""

    def __init__(self, post: Callable[[str, Fact], None]) -> None:
        self._post = post
        self._told: dict[tuple[str, str], _Told] = {}
        self._line_at = float("-inf")
        self._unlogged = 0

    def refused(
        self, trunk: str, direction: str, channels: int, now: float, *, call_id: str = "", ani: str = "", dnis: str = ""
    ) -> None:
        """A call was refused (``direction`` in) or could not be made (out)."""
        self._say(trunk, direction, channels, now)
        told = self._told.setdefault((trunk, direction), _Told())
        told.untold += 1
        if now - told.second >= 1.0 or now < told.second:
            told.second, told.events = now, 0
        if told.events < EVENTS_A_SECOND:
            self._post(call_id, TrunkFull(trunk, direction, channels, ani, dnis, told.untold))
            told.events += 1
            told.untold = 0

    def _say(self, trunk: str, direction: str, channels: int, now: float) -> None:
        self._unlogged += 1
        if self._line_at <= now < self._line_at + LINE_EVERY_S:
            return
        more = f" ({self._unlogged} calls on all trunks since this was said last)" if self._unlogged > 1 else ""
        _log.warning("trunk %s: all %d channels are in use, a call %s was refused%s", trunk, channels, direction, more)
        self._line_at, self._unlogged = now, 0

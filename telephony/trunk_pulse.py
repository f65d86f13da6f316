"""Is a carrier there? A trunk's pulse by OPTIONS, as a pure machine: asked now and then, down after silence, up again
by any answer.

Any final answer of the carrier says that it lives, also a refusal; only 408 and 503 (its own or made up for silence)
and 5xx of an overloaded one count as misses.
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

MISSES: Final = 2
"""So many in a row make it down."""
AGAIN_S: Final = 5.0
"""How soon is asked again after a miss."""
_DEAD: Final = frozenset({408, 503, 504})


class Pulse(Enum):
    """What is known."""

    UNKNOWN = auto()
    UP = auto()
    DOWN = auto()


@dataclass(slots=True)
class TrunkPulse:
    """Of one trunk: asked every ``interval_s``. ``round_trip_s`` is of the last answer, None while there is none."""

    interval_s: float
    state: Pulse = Pulse.UNKNOWN
    round_trip_s: float | None = None
    misses: int = 0
    due: float = 0.0
    asked_at: float | None = None

    def ask(self, now: float) -> bool:
        """Whether OPTIONS is to be sent now; it then counts as sent."""
        if self.asked_at is not None or now < self.due:
            return False
        self.asked_at = now
        return True

    def answered(self, status: int, now: float) -> bool:
        """The final answer (408 or 503 for none); whether the state has changed."""
        before = self.state
        asked_at, self.asked_at = self.asked_at, None
        if status in _DEAD:
            self.misses += 1
            self.due = now + min(AGAIN_S, self.interval_s)
            if self.misses >= MISSES:
                self.state, self.round_trip_s = Pulse.DOWN, None
        else:
            self.misses = 0
            self.state = Pulse.UP
            self.round_trip_s = now - asked_at if asked_at is not None else None
            self.due = now + self.interval_s
        return self.state is not before

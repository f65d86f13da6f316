"""Fax machines: the calling tone (CNG) and the answer tone (CED, also of modems), ITU-T T.30 section 4, V.25, V.8.

CNG is told after one burst of 0.5 s (± 15 %) with silence behind it. CED is told after 0.5 s: phase reversals each
450 ms and the 15 Hz swell of ANSam do not disturb it, and nobody speaks or sings that long at 2100 Hz alone.
"""

from typing import Final

from telephony.sound.bursts import WINDOW_S, BurstTracker
from telephony.sound.cadence import ToneFound

_CNG_LEAST_S: Final = 0.40
_CNG_MOST_S: Final = 0.60
_SILENCE_S: Final = 0.25
_CED_AFTER_S: Final = 0.5
_STRANGE: Final = 3


class CngFollower:
    """Listens to one stream's 1100 Hz; tells each burst that is one of CNG."""

    __slots__ = ("tracker",)

    def __init__(self) -> None:
        self.tracker = BurstTracker()

    @property
    def idle(self) -> bool:
        """Windows without the tone may be skipped (``tracker.skip``)."""
        return self.tracker.idle

    def take(self, *, tone: bool, power: float) -> ToneFound | None:
        """One window; what follows from it."""
        tracker = self.tracker
        tracker.take(tone=tone, power=power)
        if not tracker.bursts or tracker.bursts[-1].open:
            return None
        last = tracker.bursts[-1]
        if tracker.strange <= _STRANGE and tracker.window * WINDOW_S - last.end_s < _SILENCE_S:
            return None
        silent = tracker.strange <= _STRANGE
        tracker.forget()
        if silent and last.begun and _CNG_LEAST_S <= last.length_s <= _CNG_MOST_S:
            return ToneFound("cng", round(last.first * WINDOW_S, 3))
        return None


class CedFollower:
    """Listens to one stream's 2100 Hz; tells each CED once."""

    __slots__ = ("_told", "tracker")

    def __init__(self) -> None:
        self.tracker = BurstTracker()
        self._told = False

    @property
    def idle(self) -> bool:
        """Windows without the tone may be skipped (``tracker.skip``)."""
        return self.tracker.idle

    def take(self, *, tone: bool, power: float) -> ToneFound | None:
        """One window; what follows from it."""
        tracker = self.tracker
        tracker.take(tone=tone, power=power)
        if not tracker.bursts:
            return None
        last = tracker.bursts[-1]
        if not last.open:
            tracker.forget()
            self._told = False
        elif not self._told and last.length_s >= _CED_AFTER_S:
            self._told = True
            return ToneFound("ced", round(last.first * WINDOW_S, 3))
        return None

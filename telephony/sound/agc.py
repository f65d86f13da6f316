"""Automatic gain: brings the speech of one party to a common level, and leaves what is no speech as it is.

The level is that of active speech in the manner of ITU-T P.56 (the mean power while someone speaks, pauses left out).
A frame counts as speech where it stands well above the quietest frame of the last moments: speech has gaps between its
syllables, steady noise has none. In pauses the gain stays where it is, so noise is never pumped up.
"""

import math
from typing import Final

from telephony.sound.levels import dbm0_of

TARGET_DBM0: Final = -20.0
MOST_DB: Final = 12.0
"""The gain stays within ± this."""
_ABOVE_FLOOR_DB: Final = 8.0
_QUIETEST_DBM0: Final = -50.0
_WINDOW: Final = 20
"""Frames of one half of the look back for the floor: it is the quietest of the last 0.4 to 0.8 s."""
_MEMORY: Final = 75
"""Active frames that the level is averaged over: 1.5 s of speech."""
_FIRST: Final = 15
"""Active frames before the first move: 0.3 s of speech."""
_RISE_DB: Final = 3.0 * 0.02
_FALL_DB: Final = 9.0 * 0.02
"""A frame's step: 3 dB/s up, 9 dB/s down."""


class AutomaticGain:
    """The gain of one party, fed once per frame of 20 ms."""

    __slots__ = ("_active", "_floor_dbm0", "_frames", "_power", "_quietest_dbm0", "gain_db")

    def __init__(self) -> None:
        self.gain_db = 0.0
        self._power = 0.0  # mean square of active frames
        self._active = 0
        self._frames = 0
        self._quietest_dbm0 = math.inf  # of this half of the look back
        self._floor_dbm0 = math.inf  # of the half before

    def feed(self, power: float) -> float:
        """The gain in dB after a frame whose samples (16 bits) have the mean square ``power``."""
        level = dbm0_of(power)
        self._quietest_dbm0 = min(self._quietest_dbm0, level)
        floor = min(self._floor_dbm0, self._quietest_dbm0)
        self._frames += 1
        if self._frames == _WINDOW:
            self._frames = 0
            self._floor_dbm0, self._quietest_dbm0 = self._quietest_dbm0, math.inf
        if level < max(floor + _ABOVE_FLOOR_DB, _QUIETEST_DBM0):
            return self.gain_db
        self._active += 1
        self._power += (power - self._power) / min(self._active, _MEMORY)
        if self._active >= _FIRST:
            wanted = max(-MOST_DB, min(MOST_DB, TARGET_DBM0 - dbm0_of(self._power)))
            step = max(-_FALL_DB, min(_RISE_DB, wanted - self.gain_db))
            self.gain_db += step
        return self.gain_db

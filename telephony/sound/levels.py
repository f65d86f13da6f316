"""Levels of telephone audio: dBm0 to amplitudes of 16-bit samples and back.

ITU-T G.711 section 4: the loudest sine that A-law can carry is +3.14 dBm0. Its samples reach the ends of 16 bits, so a
sine with peak 32767 is +3.14 dBm0 here, and 0 dBm0 a peak of 22827 (µ-law puts it 0.03 dB elsewhere, which is
neglected).
"""

import math
from typing import Final

FULL_SCALE_DBM0: Final = 3.14
FULL_SCALE: Final = 32767.0


def peak_of(level_dbm0: float) -> float:
    """The peak, in steps of 16 bits, of a sine of ``level_dbm0``."""
    return FULL_SCALE * math.pow(10.0, (level_dbm0 - FULL_SCALE_DBM0) / 20.0)


def power_of(level_dbm0: float) -> float:
    """The mean square, in squared steps of 16 bits, of any signal of ``level_dbm0``."""
    return peak_of(level_dbm0) ** 2 / 2.0


def dbm0_of(power: float) -> float:
    """The level of a signal whose samples have the mean square ``power``; -96 dBm0 and less is -96."""
    floor = power_of(-96.0)
    return FULL_SCALE_DBM0 + 10.0 * math.log10(max(power, floor) / (FULL_SCALE**2 / 2.0))

"""Joins of two pieces of sound without a click: one goes out by a straight ramp while the other comes in.

Straight ramps, because the two pieces are mostly nearly the same sound (a pitch period apart), and keep its loudness.
"""

from functools import lru_cache
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.audio import Pcm

Sound: TypeAlias = NDArray[np.float32]
"""Samples in the making: shape (n,), float32, in the range of int16."""

_LOUDEST: Final = 32767.0
_MOST_RAMPS: Final = 512


@lru_cache(maxsize=_MOST_RAMPS)
def rising(length: int) -> Sound:
    """A ramp of ``length`` samples between 0 and 1, both left out."""
    ramp = (np.arange(1, length + 1, dtype=np.float32)) / np.float32(length + 1)
    ramp.flags.writeable = False
    return ramp


def blend(before: Sound | Pcm, after: Sound | Pcm) -> Sound:
    """From ``before`` to ``after``, of equal length, over all of that length."""
    ramp = rising(len(after))
    first = before.astype(np.float32, copy=False)
    faded: Sound = first + (after - first) * ramp
    return faded


def to_pcm(sound: Sound) -> Pcm:
    """Rounded to int16, and limited to what it can hold."""
    return np.rint(np.clip(sound, -_LOUDEST, _LOUDEST)).astype(np.int16)

"""A hole in sound whose other side is known already, as in recordings: filled from both sides.

From before the hole its sound goes on (see ``conceal``), from behind it the same backwards in time, and the two are
blended inside the hole. Real samples are not touched, so a packet that comes later still fits in its place.
"""

from typing import Final

import numpy as np

from core.audio import Pcm
from telephony.rtp.conceal import HISTORY, Concealment
from telephony.rtp.fade import Sound, blend, to_pcm

REACH: Final = HISTORY
"""Samples on either side that are looked at."""
_ENOUGH: Final = 200
_EASE: Final = 20


def between(before: Pcm, after: Pcm, length: int) -> Pcm:
    """``length`` samples for the hole between ``before`` and ``after`` (up to ``REACH`` samples of each)."""
    forward = Concealment(before).take(length)
    if len(after) < _ENOUGH:
        return to_pcm(_eased(forward, after))
    backward = Concealment(after[::-1]).take(length)[::-1]
    return to_pcm(blend(forward, backward))


def _eased(sound: Sound, after: Pcm) -> Sound:
    """``sound`` with its last samples led to the first of ``after``."""
    if not len(after) or not len(sound):
        return sound
    count = min(_EASE, len(sound))
    eased = sound.copy()
    eased[-count:] += (float(after[0]) - float(sound[-1])) * np.linspace(0.0, 1.0, count, dtype=np.float32)
    return eased

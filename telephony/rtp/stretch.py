"""Sound made a little longer or shorter without a change of its pitch: a period is left out or said twice.

The period is where the sound is most like itself, so the two pieces that are blended at the joint are nearly the same
(overlap and add, as in WSOLA). What goes before and after the joint is untouched.
"""

from typing import Final

import numpy as np

from core.audio import Pcm
from telephony.rtp.fade import blend, to_pcm
from telephony.rtp.likeness import most_like

SHORTEST: Final = 20
LONGEST: Final = 160
"""Bounds of the piece that is left out or added, in samples."""
COMPARED: Final = 80
"""Samples that are compared in the search, and blended where sound is shortened."""


def shorten(sound: Pcm, length: int, most: int) -> tuple[Pcm, int, float]:
    """``length`` samples in which the first of ``sound`` go by faster: what was left out, and how alike the joint was.

    ``SHORTEST`` ≤ ``most`` ≤ ``LONGEST``; ``sound`` has at least ``length + most`` samples, ``length`` at least 80.
    """
    real = sound[: most + COMPARED].astype(np.float32)
    place, likeness = most_like(real[:COMPARED], real[SHORTEST:])
    lag = SHORTEST + place
    joint = to_pcm(blend(real[:COMPARED], real[lag : lag + COMPARED]))
    return np.concatenate((joint, sound[lag + COMPARED : lag + length])), lag, likeness


def lengthen(past: Pcm, sound: Pcm, length: int, most: int) -> tuple[Pcm, int, float]:
    """``length`` samples in which a piece of ``past`` comes again before ``sound``: its size, and how alike it was.

    ``SHORTEST`` ≤ ``most`` ≤ ``length``; ``past`` has at least ``most`` samples, ``sound`` at least ``length`` and 80.
    """
    around = np.concatenate((past[-most:], sound[:length])).astype(np.float32)
    place, likeness = most_like(around[most : most + COMPARED], around[: most - SHORTEST + COMPARED])
    lag = most - place
    joint = to_pcm(blend(around[most : most + lag], around[most - lag : most]))
    return np.concatenate((joint, sound[: length - lag])), lag, likeness

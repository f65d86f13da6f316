"""The house's audio format: 8 kHz, 16-bit, mono, in frames of 20 ms (160 samples)."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.rate import FRAME_SAMPLES, PTIME_MS, RATE_HZ, seconds_of

__all__ = ["FRAME_SAMPLES", "PTIME_MS", "RATE_HZ", "Pcm", "seconds_of"]

Pcm: TypeAlias = NDArray[np.int16]
"""Samples of one channel, shape (n,), int16, 8 kHz unless said otherwise."""

"""The house's audio format: 8 kHz, 16-bit, mono, in frames of 20 ms (160 samples)."""

from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

RATE_HZ: Final = 8000
PTIME_MS: Final = 20
FRAME_SAMPLES: Final = RATE_HZ * PTIME_MS // 1000

Pcm: TypeAlias = NDArray[np.int16]
"""Samples of one channel, shape (n,), int16, 8 kHz unless said otherwise."""


def seconds_of(samples: int, rate_hz: int = RATE_HZ) -> float:
    """Length in seconds of ``samples`` samples."""
    return samples / rate_hz

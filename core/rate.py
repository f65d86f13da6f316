"""The house's audio format in numbers: 8 kHz, in frames of 20 ms. Apart from ``core.audio`` for rooms that hold no
samples, so that they do without numpy, a fifth of a second at the start of a process.
"""

from typing import Final

RATE_HZ: Final = 8000
PTIME_MS: Final = 20
FRAME_SAMPLES: Final = RATE_HZ * PTIME_MS // 1000


def seconds_of(samples: int, rate_hz: int = RATE_HZ) -> float:
    """Length in seconds of ``samples`` samples."""
    return samples / rate_hz

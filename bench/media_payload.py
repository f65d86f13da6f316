"""What the far ends of ``bench.media`` say: known bytes, so that every recording can be checked sample by sample."""

from typing import Final

import numpy as np

from core.audio import FRAME_SAMPLES
from telephony.media.codecs import PCMA

PACKETS: Final = 512
"""The sound repeats itself after so many packets (10.24 s)."""
_STEP: Final = 37


def sound() -> bytes:
    """A-law noise of ``PACKETS`` packets in which no byte is silence and no two packets begin alike."""
    codes = np.random.default_rng(1).integers(0, 255, PACKETS * FRAME_SAMPLES, dtype=np.uint8)
    codes[codes == PCMA.silence] = 255
    return codes.tobytes()


def first_packet(far_end: int) -> int:
    """Which packet of the sound a far end begins with."""
    return far_end * _STEP % PACKETS


def said(far_end: int, packets: int) -> bytes:
    """All that a far end says in so many packets."""
    start = first_packet(far_end)
    whole = sound()
    turns = (start + packets) // PACKETS + 1
    return (whole * turns)[start * FRAME_SAMPLES : (start + packets) * FRAME_SAMPLES]

"""G.711 as samples for files and listeners, in Python. ``_tape.c`` has the compiled twins.

Tables are the 256 samples of a law as 512 bytes in the machine's order (``linear_of``).
"""

import os
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from telephony.media.codecs import Law
from telephony.rtp.reel import PlainReel


@lru_cache
def linear_of(law: Law) -> bytes:
    """The table of ``law``."""
    return law.linear.astype(np.int16).tobytes()


class Tap:
    """What of a tap its twin reads and writes (see ``taps``). Without a ``reel`` it does nothing for it."""

    __slots__ = ("descriptor", "due", "next", "position", "reel", "sequence", "stream", "unsent")

    def __init__(self) -> None:
        self.descriptor = -1
        self.due = 0
        self.next = 0
        self.position = 0
        self.reel: PlainReel | None = None
        self.sequence = 0
        self.stream = 0
        self.unsent = 0

    def tick(self, now: int) -> None:
        """Send what is due."""
        raise NotImplementedError


def feed_taps(taps: Sequence[Tap], now: int) -> None:
    """Each of ``taps`` sends what is due: one datagram where nothing has to be decided, else what its ``tick`` does."""
    for tap in taps:
        if now >= tap.due:
            tap.tick(now)


def interleave(left: bytes, right: bytes, left_linear: bytes, right_linear: bytes) -> bytes:
    """Both sides (of one length) decoded, sample by sample side by side, little-endian."""
    if len(left) != len(right):
        raise ValueError("two sides of one length are needed")
    stereo = np.empty((len(left), 2), dtype="<i2")
    for channel, (encoded, linear) in enumerate(((left, left_linear), (right, right_linear))):
        stereo[:, channel] = _decode(encoded, linear)
    return stereo.tobytes()


def send_linear(descriptor: int, header: bytes, encoded: bytes, linear: bytes) -> bool:
    """Send ``header`` and the samples, little-endian, as one datagram; False if it was not taken."""
    try:
        os.write(descriptor, header + _decode(encoded, linear).astype("<i2", copy=False).tobytes())
    except OSError:
        return False
    return True


def _decode(encoded: bytes, linear: bytes) -> "np.ndarray[tuple[int], np.dtype[np.int16]]":
    table = np.frombuffer(linear, dtype=np.int16)
    return table.take(np.frombuffer(encoded, dtype=np.uint8), mode="clip")

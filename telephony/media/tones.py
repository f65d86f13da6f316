"""Tones to be sent: keys as dual tones (ITU-T Q.23) for far ends that did not agree to telephone-event, and those of
``telephony.sound.tones`` as clips.
"""

from functools import lru_cache
from typing import Final

import numpy as np

from core.audio import RATE_HZ, Pcm
from telephony.media.clips import Clip
from telephony.media.codecs import PCMA, PCMU
from telephony.sound.tones import PLAYED, TONES

_ROWS_HZ: Final = (697, 770, 852, 941)
_COLUMNS_HZ: Final = (1209, 1336, 1477, 1633)
_LAYOUT: Final = ("123A", "456B", "789C", "*0#D")
_LOW_LEVEL: Final = 5800
_HIGH_LEVEL: Final = 7300
"""Peaks of about -12 and -10 dBm0: the column 2 dB above the row, as Q.23 receivers like it."""


def key_frequencies(key: str) -> tuple[int, int]:
    """The row and column of ``key`` in Hz; ``ValueError`` if it is no key."""
    for row, keys in zip(_ROWS_HZ, _LAYOUT, strict=True):
        if key in keys:
            return row, _COLUMNS_HZ[keys.index(key)]
    raise ValueError(f"not a key: {key!r}")


def tone(frequencies_hz: tuple[int, ...], levels: tuple[int, ...], start: int, samples: int) -> Pcm:
    """``samples`` of summed sines with peaks ``levels``, from ``start`` samples after their common zero."""
    time = np.arange(start, start + samples) / RATE_HZ
    mixed = sum(
        level * np.sin(2 * np.pi * frequency * time) for frequency, level in zip(frequencies_hz, levels, strict=True)
    )
    return np.asarray(mixed, dtype=np.float64).round().astype(np.int16)


def key_tone(key: str, start: int, samples: int) -> Pcm:
    """Part of the dual tone of ``key``."""
    return tone(key_frequencies(key), (_LOW_LEVEL, _HIGH_LEVEL), start, samples)


@lru_cache
def tone_clip(name: str) -> tuple[Clip, bool]:
    """The tone ``name`` (of ``PLAYED``) as a clip, and whether that is to be repeated for ever; ``ValueError`` for
    another name.
    """
    if name not in PLAYED:
        raise ValueError(f"no such tone: {name!r}")
    tone = TONES[name]
    samples = tone.whole()
    return Clip(PCMA.encode(samples), PCMU.encode(samples)), tone.length is None

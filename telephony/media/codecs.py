"""G.711 (ITU-T G.711, A-law and µ-law) by table: decode, encode, transcode. Bit-exact with the ITU's reference code."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.audio import Pcm
from core.errors import ParseError


@dataclass(frozen=True, slots=True, eq=False)
class Codec:
    """One of the two laws. ``silence`` is the code of sample 0; ``to_other`` translates bytes into the other law."""

    name: str
    silence: int
    linear: Pcm
    code: NDArray[np.uint8]
    to_other: bytes

    def decode(self, encoded: bytes) -> Pcm:
        """Samples of ``encoded``, one for each byte."""
        return self.linear[np.frombuffer(encoded, dtype=np.uint8)]

    def encode(self, samples: Pcm) -> bytes:
        """``samples`` as bytes of this law."""
        return self.code[samples.view(np.uint16)].tobytes()


def _ulaw_linear() -> Pcm:
    codes = ~np.arange(256, dtype=np.int32) & 0xFF
    magnitude = (((codes & 0x0F) << 3) + 0x84) << ((codes & 0x70) >> 4)
    return np.where(codes & 0x80, 0x84 - magnitude, magnitude - 0x84).astype(np.int16)


def _alaw_linear() -> Pcm:
    codes = np.arange(256, dtype=np.int32) ^ 0x55
    segment = (codes & 0x70) >> 4
    magnitude = (codes & 0x0F) << 4
    magnitude = np.where(segment == 0, magnitude + 8, (magnitude + 0x108) << np.maximum(segment - 1, 0))
    return np.where(codes & 0x80, magnitude, -magnitude).astype(np.int16)


def _all_samples() -> NDArray[np.int32]:
    return np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)


def _ulaw_code() -> NDArray[np.uint8]:
    samples = _all_samples() >> 2  # 14 bits
    mask = np.where(samples < 0, 0x7F, 0xFF)
    magnitude = np.minimum(np.abs(samples), 8159) + 33
    segment = np.searchsorted(np.array([0x3F, 0x7F, 0xFF, 0x1FF, 0x3FF, 0x7FF, 0xFFF, 0x1FFF]), magnitude)
    codes = np.where(segment >= 8, 0x7F, (segment << 4) | ((magnitude >> (segment + 1)) & 0x0F))
    return (codes ^ mask).astype(np.uint8)


def _alaw_code() -> NDArray[np.uint8]:
    samples = _all_samples() >> 3  # 13 bits
    mask = np.where(samples >= 0, 0xD5, 0x55)
    magnitude = np.where(samples >= 0, samples, -samples - 1)
    segment = np.searchsorted(np.array([0x1F, 0x3F, 0x7F, 0xFF, 0x1FF, 0x3FF, 0x7FF, 0xFFF]), magnitude)
    codes = (segment << 4) | ((magnitude >> np.maximum(segment, 1)) & 0x0F)
    return (codes ^ mask).astype(np.uint8)


_ULAW_LINEAR: Final = _ulaw_linear()
_ALAW_LINEAR: Final = _alaw_linear()
_ULAW_CODE: Final = _ulaw_code()
_ALAW_CODE: Final = _alaw_code()

PCMU: Final = Codec("PCMU", 0xFF, _ULAW_LINEAR, _ULAW_CODE, _ALAW_CODE[_ULAW_LINEAR.view(np.uint16)].tobytes())
PCMA: Final = Codec("PCMA", 0xD5, _ALAW_LINEAR, _ALAW_CODE, _ULAW_CODE[_ALAW_LINEAR.view(np.uint16)].tobytes())


def codec_named(name: str) -> Codec:
    """PCMA or PCMU; ``ParseError`` for another name."""
    if name == "PCMA":
        return PCMA
    if name == "PCMU":
        return PCMU
    raise ParseError(f"no such codec: {name!r}")


def transcoding(source: Codec, target: Codec) -> bytes | None:
    """The table for ``bytes.translate`` from ``source`` to ``target``; None where none is needed."""
    return None if source is target else source.to_other

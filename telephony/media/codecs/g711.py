"""G.711 (ITU-T G.711, A-law and µ-law) by table: decode, encode, transcode. Bit-exact with the ITU's reference code."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.audio import RATE_HZ, Pcm
from core.errors import LocalProtocolError
from telephony.media.codecs.protocol import MAX_PACKET_MS, samples_in
from telephony.sound.resample import Resampler


@dataclass(frozen=True, slots=True, eq=False)
class Law:
    """One of the two laws. ``silence`` is the code of sample 0; ``to_other`` translates bytes into the other law.

    It is a ``protocol.AudioCodec``; and since it has no memory, ``decode`` and ``encode`` do without one.
    """

    name: str
    silence: int
    linear: Pcm
    code: NDArray[np.uint8]
    to_other: bytes

    def decode(self, encoded: bytes) -> Pcm:
        """Samples of ``encoded``, one for each byte."""
        return self.linear.take(np.frombuffer(encoded, dtype=np.uint8), mode="clip")  # faster than an index

    def encode(self, samples: Pcm) -> bytes:
        """``samples`` as bytes of this law."""
        return self.code[samples.view(np.uint16)].tobytes()

    @property
    def rate_hz(self) -> int:
        """See ``protocol.AudioCodec``."""
        return RATE_HZ

    @property
    def clock_hz(self) -> int:
        """See ``protocol.AudioCodec``."""
        return RATE_HZ

    def decoder(self, rate_hz: int = RATE_HZ) -> "LawDecoder":
        """See ``protocol.AudioCodec``."""
        return LawDecoder(self, rate_hz)

    def encoder(self, ptime_ms: int = 20, rate_hz: int = RATE_HZ) -> "LawEncoder":
        """See ``protocol.AudioCodec``."""
        return LawEncoder(self, ptime_ms, rate_hz)

    def silent(self, ptime_ms: int) -> bytes:
        """See ``protocol.AudioCodec``."""
        return bytes([self.silence]) * samples_in(ptime_ms, RATE_HZ)


class LawDecoder:
    """See ``protocol.Decoder``."""

    def __init__(self, law: Law, rate_hz: int) -> None:
        self._law = law
        self._rate_hz = rate_hz
        self._resampler = Resampler(RATE_HZ, rate_hz)
        self.bad = 0

    def decode(self, payload: bytes) -> Pcm:
        """See ``protocol.Decoder``."""
        if not 0 < len(payload) <= samples_in(MAX_PACKET_MS, RATE_HZ):
            self.bad += 1
            return np.zeros(samples_in(20, self._rate_hz), np.int16)
        return self._resampler.feed(self._law.decode(payload))

    def conceal(self, duration_ms: int) -> None:
        """G.711 has no concealment of its own (its Appendix I is what the house does for every codec)."""


class LawEncoder:
    """See ``protocol.Encoder``."""

    def __init__(self, law: Law, ptime_ms: int, rate_hz: int) -> None:
        self._law = law
        self._samples = samples_in(ptime_ms, rate_hz)
        self._resampler = Resampler(rate_hz, RATE_HZ)

    def encode(self, samples: Pcm) -> bytes:
        """See ``protocol.Encoder``."""
        if len(samples) != self._samples:
            raise LocalProtocolError(f"{len(samples)} samples do not fill a packet of {self._samples}")
        return self._law.encode(self._resampler.feed(samples))


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

PCMU: Final = Law("PCMU", 0xFF, _ULAW_LINEAR, _ULAW_CODE, _ALAW_CODE[_ULAW_LINEAR.view(np.uint16)].tobytes())
PCMA: Final = Law("PCMA", 0xD5, _ALAW_LINEAR, _ALAW_CODE, _ULAW_CODE[_ALAW_LINEAR.view(np.uint16)].tobytes())

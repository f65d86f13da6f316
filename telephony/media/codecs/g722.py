"""G.722 (ITU-T G.722 mode 1, 64 kbit/s: 16 kHz audio, one byte for two samples) through FFmpeg."""

from functools import lru_cache

import numpy as np

from core.audio import RATE_HZ, Pcm
from core.errors import LocalProtocolError
from telephony.media.codecs.frames import AvDecoder, AvEncoder
from telephony.media.codecs.protocol import MAX_PACKET_MS, samples_in
from telephony.rtp.formats import FORMATS
from telephony.sound.resample import Resampler

_FORMAT = FORMATS["G722"]
_RATE_HZ = _FORMAT.rate_hz
BYTES_PER_MS = 8


class G722Decoder:
    """See ``protocol.Decoder``."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._decoder = AvDecoder("g722", _RATE_HZ)
        self._resampler = Resampler(_RATE_HZ, rate_hz)
        self.bad = 0

    def decode(self, payload: bytes) -> Pcm:
        """See ``protocol.Decoder``."""
        samples = self._decoder.decode(payload) if 0 < len(payload) <= BYTES_PER_MS * MAX_PACKET_MS else None
        if samples is None:
            self.bad += 1
            return np.zeros(samples_in(20, self._rate_hz), np.int16)
        return self._resampler.feed(samples)

    def conceal(self, duration_ms: int) -> None:
        """G.722 has no concealment in the codec itself (its Appendices III and IV are add-ons)."""


class G722Encoder:
    """See ``protocol.Encoder``.

    Bytes come out of FFmpeg 20 ms at a time. Where a packet is no multiple of that, 10 ms of silence go ahead, so that
    there is always enough for the next packet.
    """

    def __init__(self, ptime_ms: int, rate_hz: int) -> None:
        self._samples = samples_in(ptime_ms, rate_hz)
        self._payload_bytes = ptime_ms * BYTES_PER_MS
        self._resampler = Resampler(rate_hz, _RATE_HZ)
        self._encoder = AvEncoder("g722", _RATE_HZ)
        self._ahead = b""
        if ptime_ms % 20:
            self._encoder.encode(np.zeros(samples_in(10, _RATE_HZ), np.int16))

    def encode(self, samples: Pcm) -> bytes:
        """See ``protocol.Encoder``."""
        if len(samples) != self._samples:
            raise LocalProtocolError(f"{len(samples)} samples do not fill a packet of {self._samples}")
        encoded = self._ahead + self._encoder.encode(self._resampler.feed(samples))
        payload, self._ahead = encoded[: self._payload_bytes], encoded[self._payload_bytes :]
        return payload


class G722:
    """See ``protocol.AudioCodec``."""

    name = _FORMAT.name
    rate_hz = _RATE_HZ
    clock_hz = _FORMAT.clock_hz

    def decoder(self, rate_hz: int = RATE_HZ) -> G722Decoder:
        """See ``protocol.AudioCodec``."""
        return G722Decoder(rate_hz)

    def encoder(self, ptime_ms: int = 20, rate_hz: int = RATE_HZ) -> G722Encoder:
        """See ``protocol.AudioCodec``."""
        return G722Encoder(ptime_ms, rate_hz)

    def silent(self, ptime_ms: int) -> bytes:
        """See ``protocol.AudioCodec``."""
        return _silence(ptime_ms)


@lru_cache
def _silence(ptime_ms: int) -> bytes:
    encoder = G722Encoder(ptime_ms, _RATE_HZ)
    hush = np.zeros(samples_in(ptime_ms, _RATE_HZ), np.int16)
    for _ in range(20):  # it settles
        encoder.encode(hush)
    return encoder.encode(hush)

"""Opus (RFC 6716, over RTP RFC 7587) through FFmpeg's libopus.

Decoded: any frame length from 2.5 to 120 ms, mono or stereo (mixed down). Encoded: one channel, about 24 kbit/s,
in-band FEC on, DTX off. Lost packets are concealed by libopus itself. What it cannot do by way of FFmpeg is to read
the FEC that a packet holds of the one before it; a far end that we relay to can.
"""

from functools import lru_cache
from typing import Final

import numpy as np

from core.audio import RATE_HZ, Pcm
from core.errors import LocalProtocolError
from telephony.media.codecs.frames import AvDecoder, AvEncoder
from telephony.media.codecs.protocol import samples_in
from telephony.rtp.formats import FORMATS
from telephony.sound.resample import Resampler

BIT_RATE: Final = 24000
_EXPECTED_LOSS_PCT: Final = 5
_COMPLEXITY: Final = 5
_FORMAT: Final = FORMATS["opus"]
_RATE_HZ: Final = _FORMAT.rate_hz
_FIRST_CONCEALED: Final = 0x08
"""Table of contents (RFC 6716 section 3.1) before the first packet has come: SILK, narrow band, 20 ms, mono."""


class OpusDecoder:
    """See ``protocol.Decoder``."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._decoder = AvDecoder("libopus", _RATE_HZ)
        self._resampler = Resampler(_RATE_HZ, rate_hz)
        self._contents = _FIRST_CONCEALED
        self.bad = 0

    def decode(self, payload: bytes) -> Pcm:
        """See ``protocol.Decoder``."""
        samples = self._decoder.decode(payload) if payload else None
        if samples is None:
            self.bad += 1
            return np.zeros(samples_in(20, self._rate_hz), np.int16)
        self._contents = payload[0]
        return self._resampler.feed(samples)

    def conceal(self, duration_ms: int) -> Pcm:
        """See ``protocol.Decoder``.

        A packet that is nothing but its table of contents holds a frame of no bytes: the decoder conceals it
        (RFC 6716 section 3.2.1).
        """
        pieces: list[Pcm] = []
        while duration_ms > 0:
            piece_ms = 20 if duration_ms >= 20 else 10
            duration_ms -= piece_ms
            samples = self._decoder.decode(bytes([_contents_of(self._contents, piece_ms)]))
            if samples is not None:
                pieces.append(self._resampler.feed(samples))
        return np.concatenate(pieces) if pieces else np.zeros(0, np.int16)


class OpusEncoder:
    """See ``protocol.Encoder``. libopus takes 8, 16 and 48 kHz as they are."""

    def __init__(self, ptime_ms: int, rate_hz: int) -> None:
        if ptime_ms not in _FORMAT.ptimes_ms:
            raise LocalProtocolError(f"{ptime_ms} ms are no packet of Opus")
        self._samples = samples_in(ptime_ms, rate_hz)
        self._encoder = AvEncoder(
            "libopus",
            rate_hz,
            bit_rate=BIT_RATE,
            options={
                "application": "voip",
                "frame_duration": str(ptime_ms),
                "fec": "1",
                "packet_loss": str(_EXPECTED_LOSS_PCT),
                "vbr": "constrained",  # RFC 6562: a free bit rate tells about the words even where it is encrypted
                "compression_level": str(_COMPLEXITY),
            },
        )

    def encode(self, samples: Pcm) -> bytes:
        """See ``protocol.Encoder``."""
        if len(samples) != self._samples:
            raise LocalProtocolError(f"{len(samples)} samples do not fill a packet of {self._samples}")
        return self._encoder.encode(samples)


class Opus:
    """See ``protocol.AudioCodec``."""

    name = _FORMAT.name
    rate_hz = _RATE_HZ
    clock_hz = _FORMAT.clock_hz

    def decoder(self, rate_hz: int = RATE_HZ) -> OpusDecoder:
        """See ``protocol.AudioCodec``."""
        return OpusDecoder(rate_hz)

    def encoder(self, ptime_ms: int = 20, rate_hz: int = RATE_HZ) -> OpusEncoder:
        """See ``protocol.AudioCodec``."""
        return OpusEncoder(ptime_ms, rate_hz)

    def silent(self, ptime_ms: int) -> bytes:
        """See ``protocol.AudioCodec``."""
        return _silence(ptime_ms)


def _contents_of(contents: int, duration_ms: int) -> int:
    """The table of contents of one frame of 10 or 20 ms in the mode, band and channels of ``contents`` (RFC 6716,
    table 2).
    """
    configuration = contents >> 3
    if configuration < 12:  # SILK: 10, 20, 40, 60 ms
        configuration = configuration & ~3 | (duration_ms == 20)
    elif configuration < 16:  # both: 10, 20 ms
        configuration = configuration & ~1 | (duration_ms == 20)
    else:  # CELT: 2.5, 5, 10, 20 ms
        configuration = configuration & ~3 | 2 | (duration_ms == 20)
    return configuration << 3 | contents & 0x04


@lru_cache
def _silence(ptime_ms: int) -> bytes:
    encoder = OpusEncoder(ptime_ms, RATE_HZ)
    hush = np.zeros(samples_in(ptime_ms, RATE_HZ), np.int16)
    for _ in range(20):  # it settles
        encoder.encode(hush)
    return encoder.encode(hush)

"""What a codec is to the engine: something that makes decoders and encoders, one of each for a stream.

Samples are int16, one channel, at the rate that was asked for: the codec resamples where its own differs, so that
8 kHz, the house's rate, can be asked of any.
"""

from typing import Protocol

from core.audio import RATE_HZ, Pcm

MAX_PACKET_MS: int = 120
"""The longest packet that is decoded (RFC 7587 allows Opus no more); a longer one counts as bad."""


class Decoder(Protocol):
    """Packets of one stream, in their order, to samples. ``bad`` counts payloads that could not be decoded."""

    bad: int

    def decode(self, payload: bytes) -> Pcm:
        """The samples of one packet. A payload that makes no sense gives 20 ms of silence and is counted."""
        ...

    def conceal(self, duration_ms: int) -> Pcm | None:
        """In place of a packet of ``duration_ms`` (in tens) that was lost: what the codec makes of it; None where it
        knows nothing better than the house's own concealment.
        """
        ...


class Encoder(Protocol):
    """Samples of one stream to packets of a fixed length."""

    def encode(self, samples: Pcm) -> bytes:
        """The payload of one packet; ``samples`` must fill it exactly (``ptime_ms`` at the rate asked for)."""
        ...


class AudioCodec(Protocol):
    """A codec. ``rate_hz`` is that of its audio, ``clock_hz`` that of its RTP timestamps."""

    @property
    def name(self) -> str:
        """As in ``Stream.codec``."""
        ...

    @property
    def rate_hz(self) -> int:
        """Samples a second of the audio that it carries."""
        ...

    @property
    def clock_hz(self) -> int:
        """RTP timestamps a second."""
        ...

    def decoder(self, rate_hz: int = RATE_HZ) -> Decoder:
        """A decoder that gives samples of ``rate_hz``: 8000, 16000 or 48000."""
        ...

    def encoder(self, ptime_ms: int = 20, rate_hz: int = RATE_HZ) -> Encoder:
        """An encoder of packets of ``ptime_ms`` that takes samples of ``rate_hz``."""
        ...

    def silent(self, ptime_ms: int) -> bytes:
        """The payload of ``ptime_ms`` of silence."""
        ...


def samples_in(duration_ms: int, rate_hz: int) -> int:
    """How many samples of ``rate_hz`` last ``duration_ms``."""
    return rate_hz * duration_ms // 1000

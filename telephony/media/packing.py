"""Made sound (clips, mixes, keys) into the packets of one leg: 20 ms come in on each tick, packets of the leg's own
codec and length go out, as many as are full.
"""

from typing import NamedTuple

import numpy as np

from core.audio import PTIME_MS, RATE_HZ, Pcm
from telephony.media.codecs import Encoder, audio_codec
from telephony.media.codecs.protocol import samples_in
from telephony.rtp.formats import AudioFormat

_NOTHING = np.zeros(0, np.int16)


class Packed(NamedTuple):
    """One packet: its RTP timestamp is ``step`` after that of the packet before it."""

    step: int
    payload: bytes


class Packing:
    """Packets of ``ptime_ms`` in the format ``form``.

    The encoder is made with the first sound: a leg that is only relayed needs none.
    """

    __slots__ = ("_encoder", "_form", "_ptime_ms", "_rest", "_samples", "_skipped")

    def __init__(self, form: AudioFormat, ptime_ms: int) -> None:
        self._form = form
        self._ptime_ms = form.nearest_ptime(ptime_ms)
        self._samples = samples_in(self._ptime_ms, RATE_HZ)
        self._encoder: Encoder | None = None
        self._rest: Pcm = _NOTHING
        self._skipped = 0  # frames of the tick that were left out since the newest packet

    @property
    def waiting(self) -> int:
        """Samples of 8 kHz that wait for their packet to be full."""
        return len(self._rest)

    def feed(self, samples: Pcm, skipped: int = 0) -> list[Packed]:
        """The packets that are full with ``samples`` (int16, 8 kHz); ``skipped`` frames of 20 ms were left out before
        them.
        """
        if self._encoder is None:
            self._encoder = audio_codec(self._form.name).encoder(self._ptime_ms)
        self._skipped += skipped
        held = np.concatenate((self._rest, samples)) if len(self._rest) else samples
        count = len(held) // self._samples
        self._rest = held[count * self._samples :]
        packets: list[Packed] = []
        for at in range(0, count * self._samples, self._samples):
            step = self._form.ticks(self._ptime_ms + PTIME_MS * self._skipped)
            packets.append(Packed(step, self._encoder.encode(held[at : at + self._samples])))
            self._skipped = 0
        return packets

    def finish(self) -> list[Packed]:
        """What waits, filled up with silence to a packet; nothing where nothing waits."""
        if not len(self._rest):
            return []
        return self.feed(np.zeros(self._samples - len(self._rest), np.int16))

    def restart(self) -> None:
        """Somebody else speaks: what waits is not sent any more."""
        self._rest = _NOTHING
        self._skipped = 0


def is_plain(form: AudioFormat, ptime_ms: int) -> bool:
    """Whether a frame of the tick is a packet as it stands, one byte a sample: G.711 of 20 ms needs no packing."""
    return not form.is_wide and ptime_ms == PTIME_MS

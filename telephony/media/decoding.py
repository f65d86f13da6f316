"""What a far end says in G.722 or Opus, decoded as it comes for the tracks of recordings, taps and detectors.

Tracks hold G.711, one byte a sample of 8 kHz, so that all their readers know one kind only. A codec that remembers can
only be decoded in order: a packet that comes after a later one is dropped (``late``), and a short gap before a packet
is filled by the codec itself where it can. Bridges do not come here (they are relayed), nor do mixes (see
``rtp.playout``).
"""

from typing import Final

from core.audio import RATE_HZ
from telephony.media.codecs import PCMA, Law, audio_codec, codec_named
from telephony.media.track import Track
from telephony.rtp.formats import AudioFormat

TRACK_LAW: Final = PCMA
"""How tracks hold what does not come in G.711."""
MOST_FILLED_MS: Final = 60
_FARTHEST: Final = RATE_HZ
"""A timestamp that is more than a second off is another stream, or its clock has jumped."""


def track_law(form: AudioFormat) -> Law:
    """The law in which tracks hold what comes in ``form``."""
    return TRACK_LAW if form.is_wide else codec_named(form.name)


class TrackDecoder:
    """Decodes one stream of format ``form`` onto ``tracks`` (any number, to be set whenever they change).

    ``bad`` counts payloads that made no sense, ``late`` those that came out of order.
    """

    __slots__ = ("_at", "_bad", "_decoder", "_form", "_next", "_ratio", "_stream", "_timestamp", "late", "tracks")

    def __init__(self, form: AudioFormat) -> None:
        self._form = form
        self._ratio = form.clock_ratio
        self._decoder = audio_codec(form.name).decoder()
        self._stream = -1  # stands for the source on the tracks: another number, another stream
        self._timestamp = 0  # of the newest packet, by the RTP clock
        self._at = 0  # the same, counted in 8 kHz and on beyond 32 bits
        self._next = 0  # where the packet after it should be
        self._bad = 0
        self.late = 0
        self.tracks: tuple[Track, ...] = ()

    @property
    def bad(self) -> int:
        """Payloads that could not be decoded."""
        return self._bad + self._decoder.bad

    def put(self, timestamp: int, payload: bytes, arrival: int) -> None:
        """Take a packet that came at ``arrival`` (8 kHz samples of the clock)."""
        step = ((timestamp - self._timestamp + 0x80000000) & 0xFFFFFFFF) - 0x80000000
        at = self._at + step // self._ratio
        if self._stream < 0 or abs(step) > _FARTHEST * self._ratio:
            self._stream += 1
            self._bad += self._decoder.bad
            self._decoder = audio_codec(self._form.name).decoder()
        elif at < self._next:
            self.late += 1
            return
        else:
            self._fill(at, arrival)
        self._timestamp, self._at = timestamp, at
        samples = self._decoder.decode(payload)
        self._next = at + len(samples)
        self._lay(at, TRACK_LAW.encode(samples), arrival)

    def _fill(self, at: int, arrival: int) -> None:
        gap_ms = (at - self._next) * 1000 // RATE_HZ // 10 * 10
        if not 0 < gap_ms <= MOST_FILLED_MS:
            return
        made = self._decoder.conceal(gap_ms)
        if made is not None:
            self._lay(self._next, TRACK_LAW.encode(made), arrival - (at - self._next))

    def _lay(self, at: int, encoded: bytes, arrival: int) -> None:
        for track in self.tracks:
            track.timeline.put(self._stream, at & 0xFFFFFFFF, encoded, arrival)

"""The audio formats of the house as RTP and SDP name them: clocks, payload types, channels in the ``rtpmap``."""

from dataclasses import dataclass
from typing import Final

from core.errors import ParseError
from core.rate import RATE_HZ


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """``name`` is the house's (``Stream.codec``), ``clock_hz`` counts RTP timestamps, ``rate_hz`` samples of audio.

    ``payload_type`` is the static one of RFC 3551, or what we propose for a dynamic one; ``channels`` stands in the
    ``rtpmap``, whatever is really sent; ``ptimes_ms`` can be put into one packet.
    """

    name: str
    payload_type: int
    clock_hz: int
    rate_hz: int
    channels: int = 1
    ptimes_ms: tuple[int, ...] = (10, 20, 30, 40, 50, 60)
    parameters: str = ""

    @property
    def encoding(self) -> str:
        """As in ``a=rtpmap``."""
        return f"{self.name}/{self.clock_hz}" + (f"/{self.channels}" if self.channels > 1 else "")

    @property
    def clock_ratio(self) -> int:
        """RTP timestamps in a sample of 8 kHz."""
        return self.clock_hz // RATE_HZ

    @property
    def is_wide(self) -> bool:
        """Not G.711: more than one byte a sample of 8 kHz can hold."""
        return self.rate_hz != RATE_HZ

    def ticks(self, ptime_ms: int) -> int:
        """How far the RTP timestamp goes in ``ptime_ms``."""
        return self.clock_hz * ptime_ms // 1000

    def nearest_ptime(self, wanted_ms: int) -> int:
        """The longest of ``ptimes_ms`` that is not over ``wanted_ms`` (the shortest, where all are)."""
        return max((ptime for ptime in self.ptimes_ms if ptime <= wanted_ms), default=self.ptimes_ms[0])


FORMATS: Final = {
    form.name: form
    for form in (
        AudioFormat("PCMA", 8, 8000, 8000),
        AudioFormat("PCMU", 0, 8000, 8000),
        # RFC 3551 section 4.5.2: the clock of G.722 is 8000 by an old mistake, though it carries 16 kHz
        AudioFormat("G722", 9, 8000, 16000),
        # RFC 7587 section 7: always opus/48000/2. Our decoder takes FEC only where the far end's packets are relayed.
        AudioFormat("opus", 107, 48000, 48000, 2, (10, 20, 40, 60), "useinbandfec=1;usedtx=0"),
    )
}
"""By name. A packet of Opus holds frames of one length; 30 and 50 ms would need two or more of them."""


def format_named(name: str) -> AudioFormat:
    """The format of that name; ``ParseError`` where there is none."""
    form = FORMATS.get(name)
    if form is None:
        raise ParseError(f"no such codec: {name!r}")
    return form

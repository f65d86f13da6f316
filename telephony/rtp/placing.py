"""From RTP timestamps to places on our clock, for one stream that may change its source or its mind.

Timestamps count the codec's clock modulo 2**32; places count samples of 8 kHz and never wrap. The first packet is
placed where it arrived. Packets whose place is far from their arrival are strays: one of them is nothing, but when
three agree with each other, when they go on for 0.4 s, or when one has the marker bit, the sender's clock has jumped
and is followed. A new synchronisation source is followed at once (who may be one is the business of ``latch``).
"""

from typing import Final, NamedTuple

from core.audio import RATE_HZ

EARLIEST: Final = -1600
LATEST: Final = 1600
"""Bounds of lateness, against the least of the last packets: outside of them a packet is a stray."""
_AGREE: Final = 100
_STRAYS: Final = 3
_LONG: Final = 3200
_HALF: Final = 1 << 31
_MASK: Final = (1 << 32) - 1
_MOVE: Final = 1 << 28


class Placed(NamedTuple):
    """A packet's place; ``seam``: what comes before it in place is of another stream."""

    position: int
    seam: bool


class Placing:
    """The places of one stream, whose timestamps count ``clock_hz`` (a multiple of 8000)."""

    __slots__ = ("_anchor", "_begun", "_highest", "_lowest", "_position", "_ratio", "_since", "_ssrc", "_strays")

    def __init__(self, clock_hz: int = RATE_HZ) -> None:
        self._ratio = _ratio(clock_hz)
        self._ssrc = -1
        self._begun = False
        self._anchor = 0  # a timestamp, and its place
        self._position = 0
        self._strays = 0
        self._since = self._lowest = self._highest = 0

    def change_clock(self, clock_hz: int) -> None:
        """Another codec: if its clock differs, the next packet is placed where it arrives."""
        ratio = _ratio(clock_hz)
        if ratio != self._ratio:
            self._ratio = ratio
            self._ssrc = -1

    def place(self, ssrc: int, timestamp: int, arrival: int, *, least: int, floor: int, begins: bool) -> Placed | None:
        """Where a packet belongs; None for a stray (which may be offered again once one of them was placed).

        ``least`` is the least lateness of late; ``floor`` the end of what has a place already: a new stream goes
        behind it.
        """
        delta = (timestamp - self._anchor) & _MASK
        if delta >= _HALF:
            delta -= 1 << 32
        position = self._position + delta // self._ratio
        if ssrc == self._ssrc:
            lateness = arrival - position - least
            if EARLIEST < lateness < LATEST:
                self._strays = 0
                if delta > _MOVE:
                    self._anchor = (self._anchor + _MOVE // self._ratio * self._ratio) & _MASK
                    self._position += _MOVE // self._ratio
                return Placed(position, seam=False)
            if not begins and not self._jumped(arrival, lateness):
                return None
        seam, self._begun = self._begun, True
        self._ssrc = ssrc
        self._anchor = timestamp
        self._position = arrival - least
        if 0 < floor - self._position < 2 * LATEST:
            self._position = floor
        self._strays = 0
        return Placed(self._position, seam)

    def _jumped(self, arrival: int, lateness: int) -> bool:
        if self._strays == 0:
            self._since = arrival
            self._lowest = self._highest = lateness
        self._strays += 1
        self._lowest = min(self._lowest, lateness)
        self._highest = max(self._highest, lateness)
        if self._strays < _STRAYS:
            return False
        return self._highest - self._lowest < _AGREE or arrival - self._since > _LONG


def _ratio(clock_hz: int) -> int:
    if clock_hz < RATE_HZ or clock_hz % RATE_HZ:
        raise ValueError(f"a codec clock of {clock_hz} Hz")
    return clock_hz // RATE_HZ

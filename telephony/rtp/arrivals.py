"""Packets of one stream that wait to be played, each at its place on our clock: the receiving half of ``playout``.

Bounded for any input: ``MAX_PACKETS`` of them, the oldest dropped first, all within the bounds of ``placing``.
"""

from typing import Final, NamedTuple

from core.audio import FRAME_SAMPLES
from telephony.rtp.comfort import Comfort
from telephony.rtp.lateness import Lateness
from telephony.rtp.placing import Placing

MAX_PACKETS: Final = 64
MAX_STRAYS: Final = 4
LONG_AGO: Final = -(1 << 40)


class Coming(NamedTuple):
    """A packet without a place. ``payload`` is comfort noise where it is not encoded sound."""

    ssrc: int
    timestamp: int
    payload: bytes | Comfort
    arrival: int


class Waiting(NamedTuple):
    """A packet at its place. ``seam``: what is before it is of another stream."""

    payload: bytes | Comfort
    seam: bool


class Arrivals:
    """What has come and is not played. Places are samples of 8 kHz.

    ``packets``: by place. ``heard``: where played sound ends; what lies before it is too ``late`` (a count). ``size``:
    samples in the newest packet that was decoded, which its player sets.
    """

    __slots__ = ("_end", "_placing", "_strays", "heard", "late", "lateness", "packets", "size")

    def __init__(self, clock_hz: int) -> None:
        self.packets: dict[int, Waiting] = {}
        self.lateness = Lateness()
        self.heard = LONG_AGO
        self.late = 0
        self.size = FRAME_SAMPLES
        self._placing = Placing(clock_hz)
        self._strays: list[Coming] = []
        self._end = LONG_AGO  # of all that came, as far as one can know before it is decoded

    @property
    def held(self) -> int:
        """Packets in memory."""
        return len(self.packets) + len(self._strays)

    def put(self, packet: Coming, *, begins: bool) -> None:
        """Find the place of a packet; ``begins``: its marker bit is set."""
        lateness = self.lateness
        placed = self._placing.place(
            packet.ssrc, packet.timestamp, packet.arrival, least=lateness.least, floor=self._end, begins=begins
        )
        if placed is None:
            if len(self._strays) < MAX_STRAYS:
                self._strays.append(packet)
            return
        position, seam = placed
        lateness.note(packet.arrival - position)
        end = position + self.size
        self._end = max(self._end, end)
        packets = self.packets
        if end <= self.heard:
            self.late += 1
        elif position not in packets:
            if len(packets) >= MAX_PACKETS:
                del packets[min(packets)]
            packets[position] = Waiting(packet.payload, seam)
        if self._strays:
            strays, self._strays = self._strays, []
            if seam:  # they were the first ones after a jump
                for stray in strays:
                    self.put(stray, begins=False)

    def change_clock(self, clock_hz: int) -> None:
        """Packets of another codec come from now on; those that wait are forgotten."""
        self.packets.clear()
        self._strays.clear()
        self._placing.change_clock(clock_hz)

"""What a far end says, laid out on our own clock: a ring of encoded samples in which each packet finds its place.

A packet's place follows from its RTP timestamp, so order of arrival does not matter and a late packet still fits while
its place is in the ring. The first packet anchors the stream where it arrived. The anchor moves when the stream jumps
(new source, marker bit or a misfit that lasts), and by steps of about 10 ms, blended in, when the sender's clock has
drifted from ours: two sides of a call stay within one packet of each other. Readers (recordings, taps) read ranges
behind the present. What was lost is made up for when it is read (``mend``), where that is less than half a second and
no pause; what else never came reads as silence.

Packets are only noted when they come (``tape``) and laid down when a reader asks, in runs: that costs a fraction of
laying down each by itself.

Positions and arrivals are counts of 8 kHz samples on the engine's clock. One sample is one byte (G.711).
"""

from typing import Final, NamedTuple, Protocol

import numpy as np

from core.audio import Pcm
from telephony.rtp.fade import blend, to_pcm
from telephony.rtp.likeness import most_like
from telephony.rtp.mend import REACH, between
from telephony.rtp.reel import DRIFT_WINDOW, EARLY, LATE, RING, PlainReel, Reel
from telephony.rtp.tape import Tape

_KEEP: Final = 12000
_MISFITS: Final = 10
_DRIFT: Final = 40
_SETTLING: Final = 25
"""Packets after which the anchor is looked at for the first time when a stream begins, for its first packet may have
come late, and when it goes on after a pause, in which clocks have drifted on unseen.
"""
_PAUSE: Final = 16000
_SEARCH: Final = 40
"""Samples by which a step may be longer or shorter, so that the two sides of its joint are alike."""
_COMPARED: Final = 80
LONGEST_HOLE: Final = 4000
MAX_HOLES: Final = 64


class Law(Protocol):
    """What the bytes mean: one sample each."""

    def decode(self, encoded: bytes) -> Pcm:
        """Bytes to samples."""
        ...

    def encode(self, samples: Pcm) -> bytes:
        """Samples to bytes."""
        ...


class _Hole(NamedTuple):
    """Lost samples: ``start`` ≤ position < ``end``."""

    start: int
    end: int


class AudioTimeline:
    """The recent past of one direction of a leg. ``dropped`` counts packets that came too late for their place.

    Without a ``law`` holes stay silent, and steps are not blended.
    """

    __slots__ = ("_holes", "_law", "_reel", "_silence", "dropped")

    def __init__(self, silence: int, now: int, reel: Reel | None = None, law: Law | None = None) -> None:
        self._silence = silence
        self._law = law
        self._holes: list[_Hole] = []
        self._reel: Reel = PlainReel(silence, now) if reel is None else reel
        self.dropped = 0

    @property
    def tape(self) -> Tape:
        """Where packets are noted."""
        return self._reel.tape

    def put(self, ssrc: int, timestamp: int, payload: bytes, arrival: int, *, begins: bool = False) -> None:
        """Note a packet that arrived at ``arrival`` (the same as adding it to ``tape``)."""
        self.tape.add(ssrc, timestamp, payload, arrival, begins)

    def _settle(self) -> None:
        """Lay down what is noted."""
        if not self._reel.follow():
            for run in self.tape.take():
                self._lay(*run)

    def _lay(
        self, ssrc: int, timestamp: int, payload: bytes, arrival: int, least: int, packets: int, begins: bool
    ) -> None:
        """Work out the place of a run (the fields of ``tape.Run``) and write it there."""
        reel = self._reel
        delta = (timestamp - reel.timestamp) & 0xFFFFFFFF
        position = reel.position + (delta if delta < 0x80000000 else delta - 0x100000000)
        lateness = arrival - position
        joins = not begins
        if ssrc != reel.ssrc or not EARLY < lateness < LATE:
            if ssrc == reel.ssrc and lateness >= LATE and not begins and reel.misfits < _MISFITS:
                # Packets that were held up are dropped; a clock that jumped is followed soon.
                dropped = min(packets, _MISFITS - reel.misfits)
                reel.misfits += dropped
                self.dropped += dropped
                if dropped < packets:
                    step = len(payload) // packets * dropped
                    rest = payload[step:]
                    self._lay(ssrc, timestamp + step, rest, arrival + step, least, packets - dropped, False)
                return
            position = arrival
            joins = False
            lateness = 0
            reel.seen = DRIFT_WINDOW - _SETTLING
            reel.least_late = LATE
        elif _PAUSE < delta < 0x80000000:
            position += min(0, lateness)  # nothing comes before its time
            lateness = max(0, lateness)
            reel.seen = DRIFT_WINDOW - _SETTLING
            reel.least_late = LATE
        reel.misfits = 0
        reel.ssrc = ssrc
        reel.timestamp = timestamp
        reel.least_late = min(lateness + least, reel.least_late)
        reel.seen += packets
        if reel.seen >= DRIFT_WINDOW:
            if abs(reel.least_late) > _DRIFT:
                position, payload = self._step(position, position + reel.least_late, payload)
            reel.seen = 0
            reel.least_late = LATE
        reel.position = position
        if position > reel.head:
            if joins and self._law is not None and position - reel.head < LONGEST_HOLE:
                self._note_hole(reel.head, position)
        elif self._holes:
            self._fill(position, position + len(payload))
        self._write(position, payload)

    def _step(self, before: int, after: int, payload: bytes) -> tuple[int, bytes]:
        """A packet goes to about ``after`` in place of ``before``: where exactly, and blended with what is there."""
        law = self._law
        start = after - _SEARCH
        if law is None or self._reel.head < start + _COMPARED or after > before or len(payload) < _COMPARED:
            return after, payload
        new = law.decode(payload)
        old = law.decode(self._reel.copy(start, min(self._reel.head, before)))
        place, _ = most_like(new[:_COMPARED].astype(np.float32), old[: 2 * _SEARCH + _COMPARED].astype(np.float32))
        there = old[place : place + len(new)]
        joint = to_pcm(blend(there, new[: len(there)]))
        return start + place, law.encode(joint) + payload[len(joint) :]

    def _write(self, position: int, payload: bytes) -> None:
        head = self._reel.head
        if position < head - _KEEP and position + len(payload) <= head:
            self.dropped += 1
            return
        self._reel.lay(position, payload)

    def _note_hole(self, start: int, end: int) -> None:
        if len(self._holes) >= MAX_HOLES:
            del self._holes[0]
        self._holes.append(_Hole(start, end))
        self._reel.holes = len(self._holes)

    def _fill(self, start: int, end: int) -> None:
        """A late packet covers this range: what is left of the holes there."""
        holes = self._holes
        if all(hole.end <= start or end <= hole.start for hole in holes):
            return
        parts = [
            part for hole in holes for part in ((hole.start, min(hole.end, start)), (max(hole.start, end), hole.end))
        ]
        self._holes = [_Hole(*part) for part in parts if part[0] < part[1]]
        self._reel.holes = len(self._holes)

    def _mend(self, until: int) -> None:
        """Make up for the losses before ``until``."""
        due = [hole for hole in self._holes if hole.start < until]
        self._holes = [hole for hole in self._holes if hole.start >= until]
        self._reel.holes = len(self._holes)
        law = self._law
        for start, end in due:
            if law is None or start < self._reel.head - _KEEP:
                continue
            before = self._reel.copy(start - REACH, start)
            after = self._reel.copy(end, min(end + REACH, self._reel.head))
            if self._silent(before[-_COMPARED:]) or self._silent(after[:_COMPARED]):
                continue  # a pause: nothing to go on from
            self._write(start, law.encode(between(law.decode(before), law.decode(after), end - start)))

    def _silent(self, encoded: bytes) -> bool:
        return encoded.count(self._silence) == len(encoded)

    def heard_until(self) -> int:
        """Where the newest packet ends, or the last range read if that is later."""
        if len(self.tape):
            self._settle()
        return self._reel.head

    def read(self, start: int, end: int) -> bytes:
        """The samples of ``start`` ≤ position < ``end``; silence where nothing came or the ring has moved on."""
        if len(self.tape):
            self._settle()
        if end > self._reel.head:
            self._reel.hush(end)
        if self._holes:
            self._mend(end)
        gone = max(0, min(end, self._reel.head - RING + RING // 8) - start)
        if gone:
            return bytes([self._silence]) * gone + (self._reel.copy(start + gone, end) if start + gone < end else b"")
        return self._reel.copy(start, end)

    def change_codec(self, table: bytes, silence: int, law: Law | None = None) -> None:
        """The stream goes on in another codec (``law``): translate what is held by ``table`` (256 bytes)."""
        self._settle()
        self._mend(self._reel.head)
        self._reel.recode(table, silence)
        self._silence = silence
        self._law = law

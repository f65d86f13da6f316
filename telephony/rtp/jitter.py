"""What a far end says, laid out on our own clock: a ring of encoded samples in which each packet finds its place.

A packet's place follows from its RTP timestamp, so order of arrival does not matter and a late packet still fits while
its place is in the ring. The first packet anchors the stream where it arrived. The anchor moves when the stream jumps
(new source, marker bit or a misfit that lasts), and by 20 ms steps when the sender's clock has drifted from ours.
Readers (recordings, taps) read ranges behind the present; what never came reads as silence.

Packets are only noted when they come (``tape``) and laid down when a reader asks, in runs: that costs a fraction of
laying down each by itself.

Positions and arrivals are counts of 8 kHz samples on the engine's clock. One sample is one byte (G.711).
"""

from typing import Final

from telephony.rtp.tape import PlainTape, Tape

RING: Final = 1 << 14
"""Samples in the ring: 2.048 s, of which a reader can use the newest 1.5 s."""
_MASK: Final = RING - 1
_KEEP: Final = 12000
_EARLY: Final = -1600
_LATE: Final = 4000
_MISFITS: Final = 10
_DRIFT_WINDOW: Final = 250
_DRIFT: Final = 160


class AudioTimeline:
    """The recent past of one direction of a leg. ``dropped`` counts packets that came too late for their place."""

    __slots__ = (
        "_head",
        "_least_late",
        "_misfits",
        "_position",
        "_ring",
        "_seen",
        "_silence",
        "_ssrc",
        "_timestamp",
        "dropped",
        "tape",
    )

    def __init__(self, silence: int, now: int, tape: Tape | None = None) -> None:
        self._silence = silence
        self._ring = bytearray([silence]) * RING
        self._head = now  # everything before is either written or silence
        self._ssrc = -1
        self._timestamp = 0
        self._position = 0
        self._misfits = 0
        self._seen = 0
        self._least_late = _LATE
        self.dropped = 0
        self.tape: Tape = PlainTape() if tape is None else tape

    def put(self, ssrc: int, timestamp: int, payload: bytes, arrival: int, *, begins: bool = False) -> None:
        """Note a packet that arrived at ``arrival`` (the same as adding it to ``tape``)."""
        self.tape.add(ssrc, timestamp, payload, arrival, begins)

    def _settle(self) -> None:
        """Lay down what is noted."""
        for run in self.tape.take():
            self._lay(*run)

    def _lay(
        self, ssrc: int, timestamp: int, payload: bytes, arrival: int, least: int, packets: int, begins: bool
    ) -> None:
        """Work out the place of a run (the fields of ``tape.Run``) and write it there."""
        delta = (timestamp - self._timestamp) & 0xFFFFFFFF
        position = self._position + (delta if delta < 0x80000000 else delta - 0x100000000)
        lateness = arrival - position
        if ssrc != self._ssrc or not _EARLY < lateness < _LATE:
            if ssrc == self._ssrc and lateness >= _LATE and not begins and self._misfits < _MISFITS:
                # Packets that were held up are dropped; a clock that jumped is followed soon.
                dropped = min(packets, _MISFITS - self._misfits)
                self._misfits += dropped
                self.dropped += dropped
                if dropped < packets:
                    step = len(payload) // packets * dropped
                    rest = payload[step:]
                    self._lay(ssrc, timestamp + step, rest, arrival + step, least, packets - dropped, False)
                return
            position = arrival
            lateness = 0
            self._seen = 0
            self._least_late = _LATE
        self._misfits = 0
        self._ssrc = ssrc
        self._timestamp = timestamp
        self._least_late = min(lateness + least, self._least_late)
        self._seen += packets
        if self._seen >= _DRIFT_WINDOW:
            if abs(self._least_late) > _DRIFT:
                position += self._least_late
            self._seen = 0
            self._least_late = _LATE
        self._position = position
        self._write(position, payload)

    def _write(self, position: int, payload: bytes) -> None:
        head = self._head
        end = position + len(payload)
        if end > head:
            if position > head:
                self._hush(head, position)
            self._head = end
        elif position < head - _KEEP:
            self.dropped += 1
            return
        at = position & _MASK
        ring = self._ring
        if at + len(payload) <= RING:
            ring[at : at + len(payload)] = payload
        else:
            fits = RING - at
            ring[at:] = payload[:fits]
            ring[: len(payload) - fits] = payload[fits:]

    def _hush(self, start: int, end: int) -> None:
        """Make the range silent (all of the ring if it is longer than that)."""
        length = min(end - start, RING)
        at = start & _MASK
        first = min(length, RING - at)
        self._ring[at : at + first] = bytes([self._silence]) * first
        if first < length:
            self._ring[: length - first] = bytes([self._silence]) * (length - first)

    def heard_until(self) -> int:
        """Where the newest packet ends, or the last range read if that is later."""
        if len(self.tape):
            self._settle()
        return self._head

    def read(self, start: int, end: int) -> bytes:
        """The samples of ``start`` ≤ position < ``end``; silence where nothing came or the ring has moved on."""
        if len(self.tape):
            self._settle()
        if end > self._head:
            self._hush(self._head, end)
            self._head = end
        gone = max(0, min(end, self._head - RING + RING // 8) - start)
        if gone:
            return bytes([self._silence]) * gone + (self.read(start + gone, end) if start + gone < end else b"")
        at = start & _MASK
        length = end - start
        if at + length <= RING:
            return bytes(self._ring[at : at + length])
        return bytes(self._ring[at:]) + bytes(self._ring[: length - (RING - at)])

    def change_codec(self, table: bytes, silence: int) -> None:
        """The stream goes on in another codec: translate what is held by ``table`` (256 bytes)."""
        self._settle()
        self._ring = self._ring.translate(table)
        self._silence = silence

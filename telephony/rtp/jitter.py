"""What a far end says, laid out on our own clock: a ring of encoded samples in which each packet finds its place.

A packet's place follows from its RTP timestamp, so order of arrival does not matter and a late packet still fits while
its place is in the ring. The first packet anchors the stream where it arrived. The anchor moves when the stream jumps
(new source, marker bit or a misfit that lasts), and by 20 ms steps when the sender's clock has drifted from ours.
Readers (recordings, taps) read ranges behind the present; what never came reads as silence.

Packets are only noted when they come (``pending``) and laid down when a reader asks, many at a time: that costs a
fraction of laying down each by itself.

Positions and arrivals are counts of 8 kHz samples on the engine's clock. One sample is one byte (G.711).
"""

from collections import deque
from typing import Final, TypeAlias

Heard: TypeAlias = tuple[int, int, bytes, int, bool]
"""A packet: ssrc, timestamp, payload, arrival, and whether its marker bit says that a spurt begins."""

MAX_PENDING: Final = 1024
"""More packets between two reads are a flood: the oldest are dropped."""

RING: Final = 1 << 14
"""Samples in the ring: 2.048 s, of which a reader can use the newest 1.5 s."""
_MASK: Final = RING - 1
_KEEP: Final = 12000
_LONGEST_RUN: Final = 4000
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
        "pending",
    )

    def __init__(self, silence: int, now: int) -> None:
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
        self.pending: deque[Heard] = deque(maxlen=MAX_PENDING)

    def put(self, ssrc: int, timestamp: int, payload: bytes, arrival: int, *, begins: bool = False) -> None:
        """Note a packet that arrived at ``arrival`` (the same as appending it to ``pending``)."""
        self.pending.append((ssrc, timestamp, payload, arrival, begins))

    def _settle(self) -> None:
        """Lay down what is pending; packets that follow each other in one piece."""
        pending = self.pending
        run: list[bytes] = []
        run_position = run_end = 0  # where the piece begins, and its end so far
        next_timestamp = -1
        while pending:
            ssrc, timestamp, payload, arrival, begins = pending.popleft()
            lateness = arrival - run_end
            fits = _EARLY < lateness < _LATE and run_end - run_position < _LONGEST_RUN
            if timestamp == next_timestamp and ssrc == self._ssrc and fits:
                self._timestamp, self._position = timestamp, run_end
                self._seen += 1
                self._least_late = min(self._least_late, lateness)
                if self._seen >= _DRIFT_WINDOW:
                    next_timestamp = -1  # the piece ends where the anchor may move
            else:
                if run:
                    self._write(run_position, b"".join(run))
                    run = []
                    next_timestamp = -1
                if not self._place(ssrc, timestamp, arrival, begins=begins):
                    continue
                run_position = run_end = self._position
                next_timestamp = timestamp
            run.append(payload)
            run_end += len(payload)
            if next_timestamp >= 0:
                next_timestamp = (timestamp + len(payload)) & 0xFFFFFFFF
        if run:
            self._write(run_position, b"".join(run))

    def _place(self, ssrc: int, timestamp: int, arrival: int, *, begins: bool) -> bool:
        """Work out the ``_position`` of a packet; False if it is to be dropped."""
        delta = (timestamp - self._timestamp) & 0xFFFFFFFF
        position = self._position + (delta if delta < 0x80000000 else delta - 0x100000000)
        lateness = arrival - position
        if ssrc != self._ssrc or not _EARLY < lateness < _LATE:
            if ssrc == self._ssrc and lateness >= _LATE and not begins and self._misfits < _MISFITS:
                self._misfits += 1  # a packet that was held up is dropped; a clock that jumped is followed soon
                self.dropped += 1
                return False
            position = arrival
            lateness = 0
            self._seen = 0
            self._least_late = _LATE
        self._misfits = 0
        self._ssrc = ssrc
        self._timestamp = timestamp
        self._least_late = min(lateness, self._least_late)
        self._seen += 1
        if self._seen >= _DRIFT_WINDOW:
            if abs(self._least_late) > _DRIFT:
                position += self._least_late
            self._seen = 0
            self._least_late = _LATE
        self._position = position
        return True

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
        if self.pending:
            self._settle()
        return self._head

    def read(self, start: int, end: int) -> bytes:
        """The samples of ``start`` ≤ position < ``end``; silence where nothing came or the ring has moved on."""
        if self.pending:
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

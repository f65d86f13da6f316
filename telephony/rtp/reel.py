"""The ring behind a timeline (see ``jitter``): samples by their position on our clock, and the anchor of the stream.

``AudioTimeline`` decides where packets go; this is the memory it decides over. ``media.native`` may put a compiled twin
in the place of ``PlainReel``.
"""

from typing import Final, Protocol

from telephony.rtp.tape import PlainTape, Tape

RING: Final = 1 << 14
"""Samples in the ring: 2.048 s, of which a reader can use the newest 1.5 s."""
EARLY: Final = -1600
LATE: Final = 4000
"""A packet that is not between the two, measured in samples against its place, does not belong to the stream."""
DRIFT_WINDOW: Final = 250
"""Packets after which the anchor may move."""
_MASK: Final = RING - 1


class Reel(Protocol):
    """``head`` is the end of all that was laid; a packet of ``ssrc`` with ``timestamp`` belongs at ``position``. The
    ``seen`` packets since the anchor was looked at came ``least_late`` samples late or more. ``misfits`` and ``holes``
    are counted by the timeline. ``linear`` is what the bytes mean, 256 samples as bytes in the machine's order, for who
    reads the ring directly; None where nobody may.
    """

    linear: bytes | None
    head: int
    holes: int
    least_late: int
    misfits: int
    position: int
    seen: int
    ssrc: int
    timestamp: int

    @property
    def tape(self) -> Tape:
        """What was noted and is not laid yet."""
        ...

    def lay(self, position: int, payload: bytes, /) -> None:
        """Write ``payload`` at ``position``, with silence between it and the head where it lies ahead."""
        ...

    def hush(self, end: int, /) -> None:
        """Silence from the head to ``end``, which becomes the head if it is later."""
        ...

    def copy(self, start: int, end: int, /) -> bytes:
        """What lies at ``start`` ≤ position < ``end``, which must be in the ring."""
        ...

    def recode(self, table: bytes, silence: int, /) -> None:
        """Translate all by ``table`` (256 bytes)."""
        ...

    def follow(self) -> bool:
        """Lay what is noted, if nothing has to be decided: one run that simply goes on, and no hole. False: not done.

        It is never wrong to do nothing; ``AudioTimeline`` can lay everything.
        """
        ...


class PlainReel:
    """A ``Reel``."""

    __slots__ = (
        "_ring",
        "_silence",
        "head",
        "holes",
        "least_late",
        "linear",
        "misfits",
        "position",
        "seen",
        "ssrc",
        "tape",
        "timestamp",
    )

    def __init__(self, silence: int, now: int) -> None:
        self._ring = bytearray([silence]) * RING
        self._silence = silence
        self.head = now
        self.holes = 0
        self.least_late = LATE
        self.linear: bytes | None = None
        self.misfits = 0
        self.position = 0
        self.seen = 0
        self.ssrc = -1
        self.tape: Tape = PlainTape()
        self.timestamp = 0

    def lay(self, position: int, payload: bytes, /) -> None:
        """See ``Reel``."""
        end = position + len(payload)
        if position > self.head:
            self.hush(position)
        self.head = max(self.head, end)
        at = position & _MASK
        ring = self._ring
        if at + len(payload) <= RING:
            ring[at : at + len(payload)] = payload
        else:
            fits = RING - at
            ring[at:] = payload[:fits]
            ring[: len(payload) - fits] = payload[fits:]

    def hush(self, end: int, /) -> None:
        """See ``Reel``."""
        length = min(end - self.head, RING)
        if length <= 0:
            return
        at = self.head & _MASK
        first = min(length, RING - at)
        self._ring[at : at + first] = bytes([self._silence]) * first
        self._ring[: length - first] = bytes([self._silence]) * (length - first)
        self.head = end

    def copy(self, start: int, end: int, /) -> bytes:
        """See ``Reel``."""
        at = start & _MASK
        length = end - start
        if at + length <= RING:
            return bytes(self._ring[at : at + length])
        return bytes(self._ring[at:]) + bytes(self._ring[: length - (RING - at)])

    def recode(self, table: bytes, silence: int, /) -> None:
        """See ``Reel``."""
        self._ring = self._ring.translate(table)
        self._silence = silence

    def follow(self) -> bool:
        """See ``Reel``: in Python it saves nothing to ask twice."""
        return not len(self.tape)

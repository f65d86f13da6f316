"""Where a leg's packets come from: learnt from the first good ones, then locked (symmetric RTP, RFC 4961; NAT).

SDP says where the far end claims to be. A packet from there locks at once, even where another place was learnt before:
that was a stray stream, such as one of a call that a crash cut, whose port this leg has got. Packets from elsewhere (a
phone behind NAT) lock when three good ones in a row have come from one place.

After that anything from other places is refused. Two kinds of strangers may prove themselves by three good packets in
a row, none of which is heard before the last: the same synchronisation source from a new place, once the locked one
has been silent for two seconds (a NAT forgot its binding); and the host that SDP names, on another port, where the
locked place is at another host.
"""

from typing import Final, TypeAlias

Source: TypeAlias = tuple[str, int]

NOWHERE: Final = ("0.0.0.0", "::")
"""Hosts by which SDP says "send me nothing"; an operating system would take them for this machine."""

PACKETS_TO_LOCK: Final = 3
REBIND_AFTER_S: Final = 2.0


class SourceLatch:
    """The source of one leg. ``locked`` is None until it is known."""

    __slots__ = ("_candidate", "_count", "_expected", "_sequence", "_ssrc", "_trial", "locked")

    def __init__(self) -> None:
        self.locked: Source | None = None
        self._expected: Source | None = None
        self._candidate: Source | None = None  # who is on trial: its packets in a row, the last of them
        self._count = 0
        self._sequence = 0
        self._trial = -1
        self._ssrc = -1  # of the newest packet that was accepted

    def expect(self, source: Source) -> None:
        """SDP says that the far end is at ``source``; if that is new, learn again."""
        if source != self._expected:
            self._expected = source
            self.locked = None
            self._candidate = None
            self._count = 0

    def offer(self, source: Source, ssrc: int, sequence: int, silent_s: float) -> bool:
        """Whether a good RTP packet from ``source`` belongs to the leg; ``silent_s`` since the last that did."""
        if source in (self.locked, self._expected):
            self.locked = source
            self._ssrc = ssrc
            return True
        if self.locked is not None:
            if not self._may_take_over(self.locked, source, ssrc, silent_s) or not self._proves(source, ssrc, sequence):
                return False
        elif self._candidate not in (None, source) and silent_s < REBIND_AFTER_S:
            return False  # first come, first served, while it keeps talking
        elif not self._proves(source, ssrc, sequence):
            self._ssrc = ssrc
            return True
        self.locked = source
        self._ssrc = ssrc
        return True

    def _may_take_over(self, locked: Source, source: Source, ssrc: int, silent_s: float) -> bool:
        if silent_s >= REBIND_AFTER_S and ssrc == self._ssrc:
            return True
        return self._expected is not None and source[0] == self._expected[0] != locked[0]

    def _proves(self, source: Source, ssrc: int, sequence: int) -> bool:
        """Whether this is the last of the packets in a row that lock."""
        follows = source == self._candidate and ssrc == self._trial and 0 < ((sequence - self._sequence) & 0xFFFF) < 16
        self._count = self._count + 1 if follows else 1
        self._candidate, self._trial, self._sequence = source, ssrc, sequence
        return self._count >= PACKETS_TO_LOCK

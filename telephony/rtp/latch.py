"""Where a leg's packets come from: learnt from the first good ones, then locked (symmetric RTP, RFC 4961; NAT).

SDP says where the far end claims to be. A packet from there locks at once, even where another place was learnt before:
that was a stray stream, such as one of a call that a crash cut, whose port this leg has got. Packets from elsewhere (a
phone behind NAT) lock when three good ones in a row have come from one place. After that anything from other places
is refused, unless the locked place has been silent for two seconds and the same synchronisation source goes on from a
new one, as it does when a NAT forgets its binding.
"""

from typing import Final, TypeAlias

Source: TypeAlias = tuple[str, int]

PACKETS_TO_LOCK: Final = 3
REBIND_AFTER_S: Final = 2.0


class SourceLatch:
    """The source of one leg. ``locked`` is None until it is known."""

    __slots__ = ("_candidate", "_count", "_expected", "_sequence", "_ssrc", "locked")

    def __init__(self) -> None:
        self.locked: Source | None = None
        self._expected: Source | None = None
        self._candidate: Source | None = None
        self._count = 0
        self._sequence = 0
        self._ssrc = -1

    def expect(self, source: Source) -> None:
        """SDP says that the far end is at ``source``; if that is new, learn again."""
        if source != self._expected:
            self._expected = source
            self.locked = None
            self._candidate = None
            self._count = 0

    def offer(self, source: Source, ssrc: int, sequence: int, silent_s: float) -> bool:
        """Whether a good RTP packet from ``source`` belongs to the leg; ``silent_s`` since the last that did."""
        if source == self.locked:
            self._ssrc = ssrc
            return True
        if self.locked is not None and source != self._expected:
            if silent_s < REBIND_AFTER_S or ssrc != self._ssrc:
                return False
            self.locked = None
            self._candidate = None
        if source == self._expected:
            self.locked = source
            self._ssrc = ssrc
            return True
        return self._learn(source, ssrc, sequence, silent_s)

    def _learn(self, source: Source, ssrc: int, sequence: int, silent_s: float) -> bool:
        if source != self._candidate:
            if self._candidate is not None and silent_s < REBIND_AFTER_S:
                return False  # first come, first served, while it keeps talking
            self._candidate = source
            self._count = 0
        follows = ssrc == self._ssrc and 0 < ((sequence - self._sequence) & 0xFFFF) < 16
        self._count = self._count + 1 if follows else 1
        self._ssrc = ssrc
        self._sequence = sequence
        if self._count >= PACKETS_TO_LOCK:
            self.locked = source
        return True

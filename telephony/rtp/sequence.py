"""Sequence numbers of one received stream: order, loss, duplicates (after RFC 3550 appendix A.1 and A.3)."""

from enum import Enum
from typing import Final

MAX_DROPOUT: Final = 3000
"""A jump forward of more packets than this (a minute) is a restart of the sender, not loss (RFC 3550 A.1)."""
MAX_MISORDER: Final = 100
_REMEMBER: Final = 64
_SEEN_MASK: Final = (1 << _REMEMBER) - 1


class Order(Enum):
    """How a packet stands to the ones before it."""

    NEXT = "next"
    GAP = "gap"  # newer than the next one: packets between are missing so far
    LATE = "late"  # older than the newest, first seen now
    DUPLICATE = "duplicate"
    RESTART = "restart"  # new synchronisation source, or a jump that no network makes


class SequenceCounter:
    """Watches one stream; ``newest`` is the highest sequence number so far, modulo 2**16.

    ``received`` and ``expected`` count over all sources, ``bursts`` how often packets were missing in between.
    """

    __slots__ = ("_expected_before", "_first", "_received_before", "_seen", "bursts", "expected", "late", "newest",
                 "received", "ssrc")  # fmt: skip

    def __init__(self) -> None:
        self.ssrc = -1
        self.newest = 0
        self.late = 0
        self._seen = 0  # bit n: the packet ``newest - n`` has come
        self.received = 0
        self.expected = 0
        self.bursts = 0
        self._first = 0  # of the source that is heard now, and what was counted before it
        self._expected_before = 0
        self._received_before = 0

    def take(self, ssrc: int, sequence: int) -> Order:
        """Count a packet and say how it stands."""
        ahead = (sequence - self.newest) & 0xFFFF
        if ahead == 1 and ssrc == self.ssrc:
            self.newest = sequence
            self._seen = (self._seen << 1 | 1) & _SEEN_MASK
            self.received += 1
            self.expected += 1
            return Order.NEXT
        if ssrc != self.ssrc or MAX_DROPOUT <= ahead <= 0x10000 - MAX_MISORDER:
            self.ssrc = ssrc
            self.newest = sequence
            self._seen = 1
            self._first, self._expected_before, self._received_before = sequence, self.expected, self.received
            self.received += 1
            self.expected += 1
            return Order.RESTART
        if 0 < ahead < MAX_DROPOUT:
            self.newest = sequence
            self._seen = (self._seen << ahead | 1) & _SEEN_MASK if ahead < _REMEMBER else 1
            self.received += 1
            self.expected += ahead
            self.bursts += 1
            return Order.GAP
        behind = (self.newest - sequence) & 0xFFFF
        bit = 1 << behind
        if behind >= _REMEMBER or self._seen & bit:
            return Order.DUPLICATE
        self._seen |= bit
        self.received += 1
        self.late += 1
        return Order.LATE

    def advance(self, count: int) -> None:
        """``count`` packets came, each the next one (they were counted elsewhere, see ``media.leg``)."""
        self.newest = (self.newest + count) & 0xFFFF
        shift = min(count, _REMEMBER)
        self._seen = (self._seen << shift | (1 << shift) - 1) & _SEEN_MASK
        self.received += count
        self.expected += count

    @property
    def lost(self) -> int:
        """Packets that never came, between the first and the newest of each source."""
        return max(0, self.expected - self.received)

    @property
    def lost_of_source(self) -> int:
        """As ``lost``, of the source that is heard now (cumulative number of packets lost, RFC 3550 6.4.1)."""
        return max(0, self.expected - self._expected_before - (self.received - self._received_before))

    @property
    def highest(self) -> int:
        """Extended highest sequence number (RFC 3550 6.4.1): ``newest`` with the cycles of its source above it."""
        return (self._first + self.expected - self._expected_before - 1) & 0xFFFFFFFF

"""The one stream that a far end sees from us, whoever speaks in it: clips, the partner of a bridge, keys.

Sequence numbers and timestamps go on without a step when the speaker changes: the next packet has the next number, and
a timestamp that is later by the time that has passed. Its marker bit tells the far end to settle its buffer anew.
"""

from typing import Final

_FRAME: Final = 160


class OutgoingStream:
    """``sequence`` and ``timestamp`` of the newest packet sent; ``sent_at`` its time in samples of our clock."""

    __slots__ = ("_begun", "sent_at", "sequence", "ssrc", "timestamp")

    def __init__(self, ssrc: int, sequence: int, timestamp: int) -> None:
        self.ssrc = ssrc
        self.sequence = sequence
        self.timestamp = timestamp
        self.sent_at = 0
        self._begun = False

    def resume(self, now: int) -> tuple[int, int]:
        """Sequence number and timestamp for a packet of a new speaker, sent at ``now``."""
        passed = max(_FRAME, now - self.sent_at) if self._begun else _FRAME
        self._begun = True
        return (self.sequence + 1) & 0xFFFF, (self.timestamp + passed) & 0xFFFFFFFF

    def sent(self, sequence: int, timestamp: int, now: int) -> None:
        """A packet was sent."""
        self.sequence = sequence
        self.timestamp = timestamp
        self.sent_at = now

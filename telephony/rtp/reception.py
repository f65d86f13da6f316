"""Statistics of a received stream (RFC 3550 sections 6.4.1 and A.3): what reports and the end of a leg tell of it.

Order, loss and duplicates are counted by ``telephony.rtp.sequence``, the interarrival jitter (A.8) where the packets
come in (``telephony.media.flow``). Duplicates do not make up for losses here, unlike in A.3: a packet that came twice
is no help to a listener.
"""

from telephony.rtp.rtcp import ReportBlock
from telephony.rtp.sequence import SequenceCounter


class Reception:
    """What is told of the stream that ``counts`` counts; ``clock_hz`` is that of its timestamps.

    ``jitter`` is in units of that clock and has to be set before each report; over the life of the stream it is the
    mean of what it was then.
    """

    __slots__ = (
        "_jitter_sum_ms",
        "_reported_expected",
        "_reported_received",
        "_reports",
        "clock_hz",
        "counts",
        "jitter",
    )

    def __init__(self, counts: SequenceCounter, clock_hz: int = 8000) -> None:
        self.counts = counts
        self.clock_hz = clock_hz
        self.jitter = 0.0
        self._reported_expected = 0
        self._reported_received = 0
        self._reports = 0
        self._jitter_sum_ms = 0.0

    @property
    def jitter_ms(self) -> float:
        """The mean over the reports so far, or the jitter now where there was none."""
        if self._reports:
            return self._jitter_sum_ms / self._reports
        return self.jitter * 1000 / self.clock_hz

    @property
    def loss(self) -> float:
        """The share of packets, 0..1, that never came."""
        expected = self.counts.expected
        return self.counts.lost / expected if expected else 0.0

    def block(self, last_sr: int = 0, since_last_sr: int = 0) -> ReportBlock | None:
        """The report on the time since the last one (A.3); None where nothing has come since.

        ``last_sr`` and ``since_last_sr`` as in ``ReportBlock``.
        """
        counts = self.counts
        expected = counts.expected - self._reported_expected
        received = counts.received - self._reported_received
        if received <= 0:
            return None
        self._reported_expected = counts.expected
        self._reported_received = counts.received
        self._reports += 1
        self._jitter_sum_ms += self.jitter * 1000 / self.clock_hz
        lost = max(0, expected - received)
        return ReportBlock(
            ssrc=counts.ssrc,
            fraction_lost=min(255, 256 * lost // expected) if expected else 0,
            lost=counts.lost_of_source,
            highest=counts.highest,
            jitter=int(self.jitter),
            last_sr=last_sr,
            since_last_sr=since_last_sr,
        )

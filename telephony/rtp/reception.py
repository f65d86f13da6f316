"""Statistics of a received stream (RFC 3550 sections 6.4.1, A.3 and A.8): jitter, and losses as reports tell them.

Order, loss and duplicates are counted by ``telephony.rtp.sequence``; this adds the interarrival jitter and what one
report has to say about the time since the one before. Duplicates do not make up for losses here, unlike in A.3: a
packet that came twice is no help to a listener.
"""

from collections.abc import Sequence
from typing import Final

from telephony.rtp.rtcp import ReportBlock
from telephony.rtp.sequence import SequenceCounter

_GAIN: Final = 1 / 16
_MEMORY: Final = 128
"""Of a longer batch only the newest packets matter: (15/16)**128 = 0.0003 of an older jitter would be left."""
_HALF: Final = 1 << 31
_WRAP: Final = 1 << 32


class JitterMeter:
    """Interarrival jitter (A.8) in units of the stream's clock, packet by packet or in batches.

    A transit is the arrival, in units of the stream's clock, minus the timestamp; its zero does not matter.
    """

    __slots__ = ("_known", "_transit", "jitter")

    def __init__(self) -> None:
        self.jitter = 0.0
        self._transit = 0
        self._known = False

    def restart(self) -> None:
        """The next packet has nothing to do with the ones before: another source, or a sender that paused."""
        self._known = False

    def take(self, transit: int) -> None:
        """Count one packet."""
        if self._known:
            change = (transit - self._transit) & (_WRAP - 1)
            self.jitter += ((change if change < _HALF else _WRAP - change) - self.jitter) * _GAIN
        self._transit = transit
        self._known = True

    def take_all(self, transits: Sequence[int]) -> None:
        """Count packets that came one after the other; the same as taking each (but for the oldest of a long batch)."""
        for transit in transits[-_MEMORY:]:
            self.take(transit)


class Reception:
    """What reports and statistics say of the stream that ``counts`` counts; ``clock_hz`` is that of its timestamps.

    The jitter of the whole life is the mean of what it was at each report.
    """

    __slots__ = (
        "_jitter_sum_ms",
        "_reported_expected",
        "_reported_received",
        "_reports",
        "clock_hz",
        "counts",
        "meter",
    )

    def __init__(self, counts: SequenceCounter, clock_hz: int = 8000) -> None:
        self.counts = counts
        self.meter = JitterMeter()
        self.clock_hz = clock_hz
        self._reported_expected = 0
        self._reported_received = 0
        self._reports = 0
        self._jitter_sum_ms = 0.0

    @property
    def jitter_ms(self) -> float:
        """The jitter now."""
        return self.meter.jitter * 1000 / self.clock_hz

    @property
    def mean_jitter_ms(self) -> float:
        """The mean over the reports so far, or the jitter now where there was none."""
        return self._jitter_sum_ms / self._reports if self._reports else self.jitter_ms

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
        self._jitter_sum_ms += self.jitter_ms
        lost = max(0, expected - received)
        return ReportBlock(
            ssrc=counts.ssrc,
            fraction_lost=min(255, 256 * lost // expected) if expected else 0,
            lost=counts.lost_of_source,
            highest=counts.highest,
            jitter=min(_WRAP - 1, int(self.meter.jitter)),
            last_sr=last_sr,
            since_last_sr=since_last_sr,
        )

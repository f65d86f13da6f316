"""Our side of one RTCP session with one far end (RFC 3550 sections 6.2, 6.3 and 6.4), without sockets or clocks.

Two members share a session of a leg: the far end and we. Packets of some 100 bytes every 5 s are far below the 5 % of
the bandwidth that RTCP may take even for a narrow Opus stream, so the minimum interval is the interval, and timer
reconsideration, which is for crowds, has nothing to do. A report is only ever sent because its time has come, never
because a packet came: nobody can make us send more.

Times are seconds of any steady clock that also makes ``ntp``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from core.errors import ParseError
from telephony.rtp.reception import Reception
from telephony.rtp.rtcp import (
    Goodbye,
    ReceiverReport,
    ReportBlock,
    RtcpPacket,
    SenderReport,
    SourceDescription,
    build_rtcp,
    parse_rtcp,
)

INTERVAL_S: Final = 5.0
_COMPENSATION: Final = 1.21828  # section 6.3.1: e - 3/2
_LONGEST_ROUND_TRIP_S: Final = 10.0
_STALE_S: Final = 60.0
_U32: Final = 0xFFFFFFFF
NTP_SECOND: Final = 1 << 32


@dataclass(frozen=True, slots=True)
class Sending:
    """What we send: ``rtp_timestamp`` is that of this instant, ``sequence`` the first number that we used."""

    ssrc: int
    packets: int
    octets: int
    rtp_timestamp: int
    sequence: int


@dataclass(frozen=True, slots=True)
class FarReport:
    """What the far end says of our stream: packets ``lost`` of ``expected`` since the beginning, and the jitter now."""

    expected: int
    lost: int
    jitter_ms: float

    @property
    def loss(self) -> float:
        """The share, 0..1, that did not arrive."""
        return min(1.0, self.lost / self.expected) if self.expected else 0.0


class RtcpSession:
    """One leg's session. ``entropy()`` gives 0 ≤ x < 1; ``cname`` is our name, the same for the life of the leg;
    ``clock_hz`` is that of the timestamps that we send now.
    """

    __slots__ = (
        "_cname",
        "_entropy",
        "_jitter_sum_ms",
        "_last_sr",
        "_last_sr_at",
        "_last_sr_ssrc",
        "_named",
        "_packets_reported",
        "_reports",
        "_round_trip_sum_s",
        "_round_trips",
        "clock_hz",
        "departed",
        "due_s",
        "far",
        "refused",
        "round_trip_s",
    )

    def __init__(self, cname: str, now_s: float, entropy: Callable[[], float]) -> None:
        self.clock_hz = 8000
        self._cname = cname
        self._named = b""  # our description, which never changes
        self._entropy = entropy
        self.due_s = now_s + self._interval_s(INTERVAL_S / 2)  # section 6.2: the first one sooner
        self.far: FarReport | None = None
        self.departed = False  # the far end has said goodbye
        self.round_trip_s: float | None = None  # the newest
        self.refused = 0
        self._round_trip_sum_s = 0.0
        self._round_trips = 0
        self._jitter_sum_ms = 0.0
        self._reports = 0
        self._packets_reported = 0
        self._last_sr_ssrc = -1
        self._last_sr = 0
        self._last_sr_at = 0.0

    @property
    def mean_round_trip_s(self) -> float | None:
        """The mean of all that were measured."""
        return self._round_trip_sum_s / self._round_trips if self._round_trips else None

    @property
    def mean_far_jitter_ms(self) -> float:
        """The mean of the jitter that the far end has reported."""
        return self._jitter_sum_ms / self._reports if self._reports else 0.0

    def report(self, now_s: float, ntp: int, sending: Sending, reception: Reception) -> bytes:
        """The compound that is due (``due_s`` ≤ now), and the time of the next one."""
        self.due_s = now_s + self._interval_s(INTERVAL_S)
        return build_rtcp((self._own_report(now_s, ntp, sending, reception),)) + self._name(sending)

    def goodbye(self, now_s: float, ntp: int, sending: Sending, reception: Reception) -> bytes:
        """The last compound of the session (section 6.3.7; no back-off for two)."""
        report = build_rtcp((self._own_report(now_s, ntp, sending, reception),))
        return report + self._name(sending) + build_rtcp((Goodbye((sending.ssrc,)),))

    def _own_report(self, now_s: float, ntp: int, sending: Sending, reception: Reception) -> RtcpPacket:
        blocks: tuple[ReportBlock, ...] = ()
        last_sr = since = 0
        if self._last_sr_ssrc == reception.counts.ssrc and now_s - self._last_sr_at < _STALE_S:
            last_sr, since = self._last_sr, int((now_s - self._last_sr_at) * 65536)
        block = reception.block(last_sr, since)
        if block is not None:
            blocks = (block,)
        sent_lately = sending.packets > self._packets_reported
        self._packets_reported = sending.packets
        if not sent_lately:
            return ReceiverReport(sending.ssrc, blocks)
        return SenderReport(
            sending.ssrc, ntp, sending.rtp_timestamp & _U32, sending.packets & _U32, sending.octets & _U32, blocks
        )

    def _name(self, sending: Sending) -> bytes:
        if not self._named:
            self._named = build_rtcp((SourceDescription(((sending.ssrc, self._cname),)),))
        return self._named

    def _interval_s(self, least_s: float) -> float:
        """Section 6.3.1 and A.7: half to one and a half times the least interval, so that no two keep step."""
        return least_s * (0.5 + self._entropy()) / _COMPENSATION

    def receive(self, data: bytes, now_s: float, ntp: int, sending: Sending, far_ssrc: int) -> bool:
        """Take a datagram from the far end; False (and counted in ``refused``) if it is no RTCP.

        ``far_ssrc`` is the source that RTP has: only its goodbye counts, since phones change their source in mid call.
        """
        try:
            packets = parse_rtcp(data)
        except ParseError:
            self.refused += 1
            return False
        for packet in packets:
            match packet:
                case SenderReport(ssrc, far_ntp, _, _, _, blocks):
                    self._last_sr_ssrc, self._last_sr, self._last_sr_at = ssrc, far_ntp >> 16 & _U32, now_s
                    self.departed = False
                    self._take_blocks(blocks, ntp, sending)
                case ReceiverReport(_, blocks):
                    self._take_blocks(blocks, ntp, sending)
                case Goodbye(sources, _) if far_ssrc in sources:
                    self.departed = True
                case _:
                    pass
        return True

    def _take_blocks(self, blocks: tuple[ReportBlock, ...], ntp: int, sending: Sending) -> None:
        for block in blocks:
            if block.ssrc == sending.ssrc:
                self._take_block(block, ntp, sending)

    def _take_block(self, block: ReportBlock, ntp: int, sending: Sending) -> None:
        expected = (block.highest - sending.sequence + 1) & _U32
        if expected > 2 * sending.packets + 100:  # it counts cycles otherwise than we do, or came before our stream
            expected = sending.packets
        jitter_ms = block.jitter * 1000 / self.clock_hz
        self.far = FarReport(expected, max(0, min(block.lost, expected)), jitter_ms)
        self._jitter_sum_ms += jitter_ms
        self._reports += 1
        if block.last_sr == 0:
            return
        round_trip = (ntp >> 16) - block.last_sr - block.since_last_sr & _U32
        if round_trip > 0x80000000:
            round_trip = 0  # less than the far end's clock can tell
        seconds = round_trip / 65536
        if seconds <= _LONGEST_ROUND_TRIP_S:  # otherwise of a report that is not ours
            self.round_trip_s = seconds
            self._round_trip_sum_s += seconds
            self._round_trips += 1

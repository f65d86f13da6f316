"""RTCP of one leg inside the engine: reports on their time, what the far end reports, and the quality that follows.

Nothing here runs per packet of audio: the hot path counts, this reads the counts when a report is due, every five
seconds or so. The leg hands itself in with each call, so that neither keeps the other alive.
"""

from collections.abc import Callable
from typing import Final, Protocol

from core.audio import RATE_HZ
from telephony.media.native import Flow, Voice
from telephony.media.port import LegQuality, Stream, StreamQuality
from telephony.rtp.latch import Source
from telephony.rtp.quality import Impairments, burst_ratio, mos
from telephony.rtp.reception import Reception
from telephony.rtp.rtcp_place import RtcpPlace
from telephony.rtp.rtcp_session import NTP_SECOND, RtcpSession, Sending
from telephony.rtp.sequence import SequenceCounter

QUALITY_EVERY: Final = 10 * RATE_HZ
"""Samples between two looks at how a leg does."""
NOTABLE_MOS: Final = 0.1
"""A smaller change of both scores is not told."""


class ControlLine(Protocol):
    """The port of a leg, as far as RTCP goes through it (``sockets.LegSocket``)."""

    def control(self, data: bytes, destination: Source, *, muxed: bool) -> None:
        """Send a datagram of RTCP from the odd port, or from RTP's if ``muxed``. Errors of the network are nothing."""
        ...


class LegReports:
    """The RTCP of one leg, whose received packets ``counts`` counts and which sends by ``voice``.

    ``began_at`` is when the samples of the engine's clock began, in seconds since 1970. ``refused`` counts datagrams
    that were not the far end's or no RTCP.
    """

    __slots__ = (
        "_began_ntp",
        "_codec",
        "_first_sequence",
        "_line",
        "_looked_at",
        "_looked_counts",
        "_packet_ms",
        "_place",
        "_reception",
        "_session",
        "_strangers",
        "_told",
        "_voice",
    )

    def __init__(
        self,
        line: ControlLine,
        voice: Voice,
        counts: SequenceCounter,
        *,
        cname: str,
        now: int,
        began_at: float,
        entropy: Callable[[], float],
    ) -> None:
        self._line = line
        self._voice = voice
        self._session = RtcpSession(cname, now / RATE_HZ, entropy)
        self._place = RtcpPlace()
        self._reception = Reception(counts)
        self._began_ntp = int((began_at + 2_208_988_800) * NTP_SECOND)  # NTP counts from 1900
        self._first_sequence = voice.sequence + 1 & 0xFFFF
        self._codec = "PCMA"
        self._packet_ms = 20.0
        self._strangers = 0
        self._told: LegQuality | None = None
        self._looked_at = now
        self._looked_counts = (0, 0, 0, 0, 0)

    @property
    def refused(self) -> int:
        """Datagrams that were not taken."""
        return self._strangers + self._session.refused

    def agree(self, stream: Stream, clock_ratio: int) -> None:
        """SDP has agreed on ``stream``, whose RTP clock makes ``clock_ratio`` steps in a sample of 8 kHz."""
        rtcp = None if stream.rtcp is None else (stream.rtcp.host, stream.rtcp.port)
        self._place.expect((stream.remote.host, stream.remote.port), rtcp, muxed=stream.rtcp_mux)
        self._reception.clock_hz = self._session.clock_hz = RATE_HZ * clock_ratio
        self._codec = stream.codec
        self._packet_ms = float(stream.ptime_ms)

    def locked(self, source: Source | None) -> None:
        """RTP is known to come from ``source`` (None: from nowhere any longer)."""
        self._place.rtp_comes_from(source)

    def take(self, data: bytes, source: Source, flow: Flow, *, muxed: bool) -> None:
        """A datagram of RTCP came from ``source``, at RTP's port if ``muxed``."""
        if muxed != self._place.muxed or not self._place.accepts(source):
            self._strangers += 1
            return
        now = flow.clock.samples
        if self._session.receive(data, now / RATE_HZ, self._ntp(now), self._sending(flow), flow.ssrc):
            self._place.heard(source)

    def due(self, now: int) -> bool:
        """Whether a report is to be sent."""
        return now >= self._session.due_s * RATE_HZ

    def report(self, flow: Flow) -> None:
        """Send what is due; nothing before the first packet of audio, in either direction."""
        now = flow.clock.samples
        self._reception.jitter = flow.jitter / 16
        data = self._session.report(now / RATE_HZ, self._ntp(now), self._sending(flow), self._reception)
        if self._active:
            self._send(data)

    def quality_to_tell(self, flow: Flow) -> LegQuality | None:
        """How the leg did in the last ten seconds or so, where that has changed since it was last told."""
        now = flow.clock.samples
        if now - self._looked_at < QUALITY_EVERY:
            return None
        self._looked_at = now
        quality = self._lately(flow)
        if quality is None or not _differs(quality, self._told):
            return None
        self._told = quality
        return quality

    def _lately(self, flow: Flow) -> LegQuality | None:
        """How the leg did since this was last asked; None where no packet came."""
        before, self._looked_counts = self._looked_counts, self._counted()
        expected, received, bursts, far_expected, far_lost = (
            now - then for now, then in zip(self._looked_counts, before, strict=True)
        )
        if received <= 0:
            return None
        round_trip_s = self._session.round_trip_s
        round_trip_ms = None if round_trip_s is None else round(round_trip_s * 1000, 1)
        lost = max(0, expected - received)
        loss = lost / max(1, expected)
        bursts_by = burst_ratio(lost, bursts, loss)
        here = Impairments(
            self._codec,
            loss,
            flow.jitter / 16 * 1000 / self._reception.clock_hz,
            round_trip_ms,
            bursts_by,
            self._packet_ms,
        )
        sent, far = None, self._session.far
        if far is not None and far_expected > 0:
            loss = min(1.0, max(0, far_lost) / far_expected)
            there = Impairments(self._codec, loss, far.jitter_ms, round_trip_ms, packet_ms=self._packet_ms)
            sent = self._stream_quality(far_expected, max(0, far_lost), there)
        return LegQuality(self._stream_quality(received, lost, here), sent, round_trip_ms)

    def _counted(self) -> tuple[int, int, int, int, int]:
        counts, far = self._reception.counts, self._session.far
        there = (0, 0) if far is None else (far.expected, far.lost)
        return (counts.expected, counts.received, counts.bursts, *there)

    def end(self, flow: Flow) -> LegQuality | None:
        """Say goodbye; how the leg did in all, None where there was neither a packet nor a report."""
        now = flow.clock.samples
        self._reception.jitter = flow.jitter / 16
        if self._active:
            self._send(self._session.goodbye(now / RATE_HZ, self._ntp(now), self._sending(flow), self._reception))
        return self.quality()

    def quality(self) -> LegQuality | None:
        """How the leg has done so far; None where there was neither a packet nor a report."""
        reception, session = self._reception, self._session
        counts, far = reception.counts, session.far
        if not counts.received and far is None:
            return None
        round_trip_s = session.mean_round_trip_s
        round_trip_ms = None if round_trip_s is None else round(round_trip_s * 1000, 1)
        bursts = burst_ratio(counts.lost, counts.bursts, reception.loss)
        received = self._stream_quality(
            counts.received,
            counts.lost,
            Impairments(self._codec, reception.loss, reception.jitter_ms, round_trip_ms, bursts, self._packet_ms),
        )
        sent = None
        if far is not None:
            line = Impairments(
                self._codec, far.loss, session.mean_far_jitter_ms, round_trip_ms, packet_ms=self._packet_ms
            )
            sent = self._stream_quality(far.expected, far.lost, line)
        return LegQuality(received, sent, round_trip_ms)

    def _stream_quality(self, packets: int, lost: int, line: Impairments) -> StreamQuality:
        return StreamQuality(packets, lost, round(line.loss, 5), round(line.jitter_ms, 2), mos(line))

    @property
    def _active(self) -> bool:
        return bool(self._voice.sent or self._reception.counts.received)

    def _sending(self, flow: Flow) -> Sending:
        voice = self._voice
        passed = (flow.clock.samples - voice.sent_at) * flow.clock_ratio
        return Sending(voice.ssrc, voice.sent, voice.octets, voice.timestamp + passed, self._first_sequence)

    def _ntp(self, now: int) -> int:
        return self._began_ntp + now * NTP_SECOND // RATE_HZ

    def _send(self, data: bytes) -> None:
        destination = self._place.destination
        if destination is not None:
            self._line.control(data, destination, muxed=self._place.muxed)


def _differs(now: LegQuality, before: LegQuality | None) -> bool:
    if before is None or abs(now.received.mos - before.received.mos) >= NOTABLE_MOS:
        return True
    if now.sent is None or before.sent is None:
        return now.sent is not None  # a far end that has not reported since has nothing new to tell
    return abs(now.sent.mos - before.sent.mos) >= NOTABLE_MOS

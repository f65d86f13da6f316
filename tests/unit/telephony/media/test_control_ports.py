"""RTCP through the real ports of a leg, plain and under SRTP, on the odd port and on that of RTP."""

import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from core.errors import Unavailable
from telephony.media.leg import MediaLeg
from telephony.media.native import Clock, Pump
from telephony.media.port import Address, SrtpKeys, Stream
from telephony.media.sockets import LegSocket, SocketPool
from telephony.media.srtp import SrtpContext
from telephony.rtp.rtcp import ReceiverReport, ReportBlock, SenderReport, build_rtcp, parse_rtcp

HOST = "127.0.0.1"
OURS = SrtpKeys("AES_CM_128_HMAC_SHA1_80", bytes(range(30)), bytes(range(30, 60)))
THEIRS = SrtpKeys(OURS.suite, OURS.receive_key, OURS.send_key)


@dataclass
class Far:
    """A leg on real ports, and sockets of its far end, which knows the leg's ``keys``."""

    keys: SrtpKeys | None
    muxed: bool
    pump: Pump = field(init=False)
    line: LegSocket = field(init=False)
    leg: MediaLeg = field(init=False)

    def __post_init__(self) -> None:
        clock = Clock()
        self.pump = Pump(clock, time.monotonic_ns())
        pool = SocketPool(HOST, 41000, 41199, self.pump)
        self.line, far_line = pool.open(), pool.open()
        self.rtp, self.rtcp = far_line._rtp, far_line._rtcp
        for sock in (self.rtp, self.rtcp):
            sock.settimeout(2.0)
        self.leg = MediaLeg("a", self.line, clock, lambda count: bytes(range(1, count + 1)), lambda event: None)
        self.line.watch(self.leg)
        self.line.secure(None if self.keys is None else OURS)
        self.leg.update(Stream(Address(HOST, far_line.port), "PCMA", 8, rtcp_mux=self.muxed, crypto=self.keys))
        self.context = None if self.keys is None else SrtpContext(THEIRS)

    @property
    def control(self) -> socket.socket:
        return self.rtp if self.muxed else self.rtcp

    @property
    def place(self) -> tuple[str, int]:
        return (HOST, self.line.port if self.muxed else self.line.port + 1)

    def say(self, data: bytes) -> None:
        protected = data if self.context is None else self.context.protect_rtcp(data)
        assert protected is not None
        self.control.sendto(protected, self.place)
        self.pump.turn()

    def hear(self) -> bytes:
        data, source = self.control.recvfrom(2048)
        assert source == self.place
        plain = data if self.context is None else self.context.unprotect_rtcp(data)
        assert plain is not None
        return plain

    def close(self) -> None:
        self.line.close()
        self.rtp.close()
        self.rtcp.close()
        self.pump.close()


@pytest.fixture(params=[(None, False), (None, True), (OURS, False), (OURS, True)], ids=str)
def far(request: pytest.FixtureRequest) -> Iterator[Far]:
    made = Far(*request.param)
    yield made
    made.close()


def test_reports_go_out_and_come_in(far: Far) -> None:
    leg = far.leg
    leg.sender.send(8, 1, 160, bytes(160))
    far.rtp.recvfrom(2048)
    leg.reports.report(leg)
    [report, _] = parse_rtcp(far.hear())
    assert isinstance(report, SenderReport)
    assert (report.ssrc, report.packets, report.octets) == (leg.sender.ssrc, 1, 160)
    far.say(build_rtcp([ReceiverReport(7, (ReportBlock(report.ssrc, 128, 1, leg.sender.sequence + 2, 0),))]))
    quality = leg.reports.quality()
    assert quality is not None
    assert quality.sent is not None
    assert quality.sent.lost == 1
    assert (leg.refused, leg.reports.refused) == (0, 0)


def test_what_cannot_be_sent_or_read_hurts_nobody(far: Far) -> None:
    far.line.control(bytes(70000), far.place, muxed=far.muxed)  # longer than a datagram can be
    far.control.sendto(b"\x80\xc9\x00\x01 no RTCP", far.place)
    far.pump.turn()
    assert far.leg.refused + far.leg.reports.refused == 1
    assert far.leg.reports.quality() is None


def test_what_keeps_ports_from_being_opened_is_told_as_it_is() -> None:
    pump = Pump(Clock(), time.monotonic_ns())
    with pytest.raises(Unavailable, match=r"on 192\.0\.2\.1: Cannot assign requested address"):
        SocketPool("192.0.2.1", 41200, 41209, pump).open()
    taken = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
    for sock, port in zip(taken, (41210, 41213), strict=True):  # one port of each pair
        sock.bind((HOST, port))
    with pytest.raises(Unavailable, match="41210-41213 are taken: widen"):
        SocketPool(HOST, 41210, 41213, pump).open()
    for sock in taken:
        sock.close()
    pump.close()

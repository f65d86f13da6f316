"""Quality of a real call: a caller whose network loses packets, baresip as the agent's phone; what the API tells."""

import asyncio
from pathlib import Path
from typing import cast

import pytest

from core.errors import ParseError
from service.clock import SystemClock
from service.demo.softphone import Softphone
from service.demo.voice import Voice
from telephony.media.port import Address
from telephony.rtp.packet import RtpPacket, parse_rtp
from telephony.rtp.rtcp import (
    Goodbye,
    ReceiverReport,
    ReportBlock,
    RtcpPacket,
    SenderReport,
    build_rtcp,
    is_rtcp,
    parse_rtcp,
)
from telephony.sip.hop import Hop
from tests.interop.line import CARRIER, HOST, Json, Line, basic, serving
from tests.interop.peers.baresip import Baresip, need_baresip
from tests.interop.sound import tone, write_mono
from tests.ports import free_port

pytestmark = pytest.mark.interop
LOSES_EACH = 20
BACK_S = 0.1
"""How long an answer of the far caller takes."""


class Control(asyncio.DatagramProtocol):
    """RTCP of the far caller: answers each report, as if one packet in fifty had not come."""

    def __init__(self) -> None:
        self.heard: list[RtcpPacket] = []
        self._transport: asyncio.DatagramTransport | None = None
        self.first_sequence = -1
        self.newest_sequence = -1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:
        packets = parse_rtcp(data)
        self.heard += packets
        if isinstance(packets[0], SenderReport) and self.newest_sequence >= 0:
            asyncio.get_running_loop().call_later(BACK_S, self._answer, packets[0], addr)

    def _answer(self, report: SenderReport, addr: tuple[str | int, ...]) -> None:
        lost = (self.newest_sequence - self.first_sequence) // 50
        block = ReportBlock(report.ssrc, 5, lost, self.newest_sequence, 40, report.ntp >> 16 & 0xFFFFFFFF, 0)
        if self._transport is not None:
            self._transport.sendto(build_rtcp([ReceiverReport(0x4C343030, (block,))]), addr)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


class FarVoice(Voice):
    """Speaks over a network that loses one packet in twenty."""

    def __init__(self) -> None:
        super().__init__()
        self.control = Control()
        self._sent = 0

    async def open(self, host: str = HOST) -> Address:
        while True:
            local = await super().open(host)
            try:
                await asyncio.get_running_loop().create_datagram_endpoint(
                    lambda: self.control, local_addr=(host, local.port + 1)
                )
            except OSError:
                super().close()
                continue
            return local

    def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:
        super().datagram_received(data, addr)
        assert not is_rtcp(data)
        try:
            sequence = parse_rtp(data).sequence
        except ParseError:
            return
        if self.control.first_sequence < 0:
            self.control.first_sequence = sequence
        self.control.newest_sequence = sequence

    def _send(self, packet: RtpPacket) -> None:
        self._sent += 1
        if self._sent % LOSES_EACH == 0:
            self._sequence = (self._sequence + 1) & 0xFFFF
        else:
            super()._send(packet)


async def _measured(line: Line, call_id: object) -> Json:
    """The call, once all its legs are measured."""
    async with asyncio.timeout(5):
        while True:
            detail = await line.call(call_id)
            if all(leg["quality"] for leg in cast("list[Json]", detail["legs"])):
                return detail
            await asyncio.sleep(0.1)


async def test_loss_jitter_and_round_trip_of_both_legs_are_stored_with_the_call(tmp_path: Path) -> None:
    need_baresip()
    says = write_mono(tmp_path / "says.wav", tone(1100.0, 20))
    carrier_port = free_port(CARRIER)
    voices: list[FarVoice] = []

    def far_voice() -> FarVoice:
        voices.append(FarVoice())
        return voices[-1]

    async with serving(tmp_path, basic(carrier_port=carrier_port)) as line:
        phone = Baresip(tmp_path / "baresip", line.sip, "101", "phone-101", says)
        await phone.start()
        hop = Hop("UDP", CARRIER, carrier_port)
        carrier = Softphone(
            SystemClock(), Hop("UDP", HOST, line.sip), "carrier", listen=hop, make_voice=far_voice
        )  # fmt: skip
        await carrier.start()
        try:
            await line.set_agent("101", "available")
            await line.until_agent("101", "available")
            call = await carrier.call("4008005555", "13800138000")
            await line.until_agent("101", "talking")
            await asyncio.sleep(9)  # baresip reports every five seconds
            call.hang_up()
            (ended,) = await line.until_calls_ended(1)
            detail = await _measured(line, ended["id"])
        finally:
            await carrier.close()
            await phone.stop()
            for voice in voices:
                voice.control.close()
    legs = {str(leg["role"]): cast("Json", leg["quality"]) for leg in cast("list[Json]", detail["legs"])}
    caller, agent = legs["caller"], legs["agent"]
    assert caller["codec"] == agent["codec"] == "PCMA"

    received, sent = cast("dict[str, float]", caller["received"]), cast("dict[str, float]", caller["sent"])
    assert received["packets"] > 400
    assert received["loss"] == pytest.approx(0.05, abs=0.025)
    assert received["jitter_ms"] < 20
    assert 3.5 < received["mos"] < 4.15
    assert sent["loss"] == pytest.approx(0.02, abs=0.005)
    assert sent["jitter_ms"] == pytest.approx(5.0)
    assert received["mos"] < sent["mos"] < 4.38
    assert 1000 * BACK_S <= cast("float", caller["round_trip_ms"]) < 1000 * BACK_S + 200  # a busy machine adds

    theirs, ours = cast("dict[str, float]", agent["received"]), cast("dict[str, float]", agent["sent"])
    assert (theirs["lost"], theirs["mos"]) == (0, pytest.approx(4.37, abs=0.1))
    assert ours["loss"] == pytest.approx(0.05, abs=0.03), phone.log()  # what the caller's network lost, baresip missed
    assert cast("float", agent["round_trip_ms"]) < 200
    assert cast("Json", detail["call"])["mos"] == min(received["mos"], sent["mos"], theirs["mos"], ours["mos"])

    (voice,) = voices
    assert isinstance(voice.control.heard[-1], Goodbye)
    blocks = [block for packet in voice.control.heard if isinstance(packet, SenderReport) for block in packet.blocks]
    last = blocks[-1]
    assert last.lost / (last.highest + 1) == pytest.approx(1 / LOSES_EACH, abs=0.01)
    assert max(block.fraction_lost for block in blocks) > 0

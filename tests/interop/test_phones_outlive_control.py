"""kill -9 of a real ``line400 serve`` with a real phone and a SIPp caller in a talk: what the phone, the caller and the
log have of it afterwards, as docs/operations.md says.
"""

import asyncio
import socket
from pathlib import Path
from typing import cast

import pytest

from telephony.sip.hop import Hop
from tests.interop.handset import Handset
from tests.interop.line import CARRIER, HOST, Json, Line, basic, serving
from tests.interop.peers.baresip import Baresip, need_baresip
from tests.interop.processes import children, until_gone
from tests.interop.sipp_peer import Sipp
from tests.interop.sipp_text import SCENARIOS, expand
from tests.interop.sound import channels, share_of_tone, tone, write_mono
from tests.ports import free_port

pytestmark = pytest.mark.interop
GENERAL = "4008005555"
AGENT_HZ = 1100.0
FORGOTTEN = "talk_that_the_line_forgot_is_481"
CALL_ID = "1-forgotten@sipp"
OCTETS_A_SECOND = 32_000
"""Of a recording while it is made: two channels of 16 bits, 8,000 times a second."""


def _caller(folder: Path, line: Line) -> Sipp:
    """The caller who talks on when the line has been killed."""
    path = folder / f"{FORGOTTEN}.xml"
    path.write_text(expand((SCENARIOS / f"{FORGOTTEN}.xml").read_text(), repeat_ms=500))
    return Sipp(
        path, "UDP", calls=1, local=CARRIER, service=GENERAL, remote=Hop("UDP", HOST, line.sip),
        options=("-key", "run", FORGOTTEN, "-cid_str", "%u-forgotten@sipp", "-recv_timeout", "55000"),
    )  # fmt: skip


def _tell(port: int) -> None:
    """The caller's phone is told to go on."""
    lines = (
        f"INFO sip:sipp@{CARRIER}:{port} SIP/2.0", f"Via: SIP/2.0/UDP {CARRIER}:9;branch=z9hG4bKgoon",
        f"From: <sip:test@{CARRIER}>;tag=t", f"To: <sip:sipp@{CARRIER}>", f"Call-ID: {CALL_ID}", "CSeq: 1 INFO",
        "Max-Forwards: 70", "Content-Length: 0", "", "",
    )  # fmt: skip
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as teller:
        teller.sendto("\r\n".join(lines).encode(), (CARRIER, port))


async def _until_recorded(line: Line, seconds: float) -> Json:
    """The only call, once so much of it is in its recording's file."""
    async with asyncio.timeout(30):
        while True:
            for row in await line.calls():
                call = await line.call(row["id"])
                for item in cast("list[Json]", call["recordings"]):
                    file = next(line.recordings.rglob(f"{item['id']}.wav"), None)
                    if file is not None and file.stat().st_size > seconds * OCTETS_A_SECOND:
                        return row
            await asyncio.sleep(0.1)


async def _counted(line: Line, direction: str, method: str, status: int | None) -> int:
    """How many such messages have passed since the line was started."""
    counts = cast("Json", await line.api.get("/sip/counts"))
    return sum(
        cast("int", one["count"])
        for one in cast("list[Json]", counts["messages"])
        if (one["direction"], one["method"], one["status"]) == (direction, method, status)
    )


async def test_a_phone_in_a_talk_outlives_kill_9_of_control(tmp_path: Path) -> None:
    need_baresip()
    says = write_mono(tmp_path / "says.wav", tone(AGENT_HZ, 60))
    carrier_port = free_port(CARRIER)
    async with serving(tmp_path, basic(carrier_port=carrier_port)) as line:
        phone = Baresip(tmp_path / "baresip", line.sip, "101", "phone-101", says)
        carrier = Handset(Hop("UDP", HOST, line.sip), "carrier", listen=Hop("UDP", CARRIER, carrier_port))
        await phone.start()
        await carrier.start()
        try:
            await line.set_agent("101", "available")
            await line.until_agent("101", "available")
            async with _caller(tmp_path, line) as caller:
                talk = await _until_recorded(line, 2.5)
                assert line.process is not None
                workers = children(line.process.pid)
                await line.kill()
                await until_gone(workers)

                await line.start()
                await line.until_agent("101", "available")
                assert await _counted(line, "received", "REGISTER", None) == 0, "its registration was kept"
                _tell(caller.port)
                outcome = await caller.done()
            assert (outcome.successful, outcome.failed, outcome.errors) == (1, 0, "")
            assert await _counted(line, "sent", "INVITE", 481) >= 1
            said = await _counted(line, "sent", "BYE", 481)
            assert said >= 1
            await phone.command("hangup")  # his talk has been silent since
            async with asyncio.timeout(10):
                while await _counted(line, "sent", "BYE", 481) == said:  # noqa: ASYNC110 - no event tells
                    await asyncio.sleep(0.1)

            call = await carrier.call(GENERAL, "13900139000")
            await line.until_agent("101", "talking")
            call.hang_up()
            newest, before = await line.until_calls_ended(2)
            assert (before["id"], before["reason"], before["ended_by"], before["outcome"]) == (
                talk["id"], "interrupted", "system", "answered",
            )  # fmt: skip
            assert (newest["reason"], newest["ended_by"], newest["agent"]) == ("normal", "caller", "101"), phone.log()
            _, right = channels(await line.recording_of(talk["id"]))
            assert len(right) > 1.5 * 8000, "the last second at most is lost"
            assert share_of_tone(right[4000:12000], AGENT_HZ) > 0.8
            assert not [text for text in line.output if "Traceback" in text or "broke off" in text], line.output
        finally:
            await carrier.close()
            await phone.stop()

"""The 49 messages of RFC 4475, octet by octet, over UDP to a real ``line400 serve``: the outcome of the manifest on
the wire. Each comes from an address of its own that is one of the carrier's, so that calls get past the door.
"""

import asyncio
import os
import tomllib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio

from tests.interop.line import CARRIER, HOST, Line, basic, serving
from tests.ports import free_port

pytestmark = [pytest.mark.interop, pytest.mark.asyncio(loop_scope="module")]
VECTORS = Path(__file__).resolve().parents[1] / "vectors" / "rfc4475"
MANIFEST = tomllib.loads((VECTORS / "manifest.toml").read_text(encoding="utf-8"))
NETWORK = f"127.{64 + os.getpid() % 64}.{os.getpid() // 64 % 250}"
PORTS: Final = (5060, 5050, 5061)
"""To these, by their Via, answers to the messages go; the first is where they are sent from."""
QUESTION: Final = b"z9hG4bKquestion"
NOTHING: Final = 0
SERVED: Final = {
    **dict.fromkeys(("badbranch", "lwsdisp", "semiuri", "transports", "zeromf"), 200),  # OPTIONS
    **dict.fromkeys(("cparam01", "cparam02", "dblreq", "escnull", "regescrt"), 401),  # REGISTER without a proof
    **dict.fromkeys(("baddate", "esc01", "inv2543", "longreq"), 404),  # calls to somebody who is not here
    "wsinv": 481,  # its To tag says that it is within a call
    "mpart01": 405,  # MESSAGE
    **dict.fromkeys(("noreason", "unreason"), NOTHING),  # answers to what was never asked
}
"""What becomes here of a message that a UAS may serve."""


def expected(name: str) -> int:
    """The status that must come back, ``NOTHING`` for none."""
    told = MANIFEST[name]
    return SERVED[name] if told["outcome"] == "accept" else told.get("status", NOTHING)


@dataclass
class Ear(asyncio.DatagramProtocol):
    """Hears what comes to one address."""

    heard: list[bytes] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.heard.append(data)
        self.news.set()

    def finals(self, *, to_question: bool) -> set[int]:
        """The statuses of final answers: those to the question, or all others."""
        told = [int(data[8:11]) for data in self.heard if (QUESTION in data) is to_question]
        return {status for status in told if status >= 200}

    async def until_final(self, *, to_question: bool) -> None:
        """Wait for one."""
        async with asyncio.timeout(20):
            while not self.finals(to_question=to_question):
                self.news.clear()
                await self.news.wait()


def question(host: str, line: Line) -> bytes:
    """What is answered at once, and after all that was sent before."""
    lines = [
        f"OPTIONS sip:{HOST}:{line.sip} SIP/2.0", f"Via: SIP/2.0/UDP {host};branch={QUESTION.decode()};rport",
        f"From: <sip:carrier@{host}>;tag=question", f"To: <sip:{HOST}:{line.sip}>", f"Call-ID: question@{host}",
        "CSeq: 1 OPTIONS", "Max-Forwards: 70", "Content-Length: 0", "", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode()


async def said(name: str, number: int, line: Line) -> set[int]:
    """All final statuses that come back for the message."""
    host, ear = f"{NETWORK}.{number}", Ear()
    loop = asyncio.get_running_loop()
    opened = [await loop.create_datagram_endpoint(lambda: ear, local_addr=(host, port)) for port in PORTS]
    try:
        sender = opened[0][0]
        sender.sendto((VECTORS / f"{name}.dat").read_bytes(), (HOST, line.sip))
        sender.sendto(question(host, line), (HOST, line.sip))
        await ear.until_final(to_question=True)
        if expected(name):  # that of a call comes when it has been led to nobody
            await ear.until_final(to_question=False)
        return ear.finals(to_question=False)
    finally:
        for transport, _ in opened:
            transport.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def line(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Line]:
    more = basic(carrier_port=free_port(CARRIER))
    more = more.replace(f'host = "{CARRIER}"', f'host = "{CARRIER}"\nsources = ["{NETWORK}.0/24"]')
    async with serving(tmp_path_factory.mktemp("rfc4475"), more) as served:
        yield served


@pytest.mark.parametrize("name", sorted(MANIFEST))
async def test_rfc4475_over_udp(line: Line, name: str) -> None:
    statuses = await said(name, 1 + sorted(MANIFEST).index(name), line)
    assert statuses == ({expected(name)} if expected(name) else set()), MANIFEST[name]["why"]


async def test_no_call_of_theirs_is_left(line: Line) -> None:
    await line.until_calls_ended(len(await line.calls()))
    assert not [text for text in line.output if "Traceback" in text]

"""Somebody on loopback whom the line does not know, who asks it by UDP; and what the event log says of him."""

import asyncio
import sqlite3
from contextlib import closing
from typing import Self

from telephony.sip.digest import authorize, parse_challenge
from telephony.sip.message import Response
from telephony.sip.parser import parse_message
from tests.interop.line import HOST, Line


class Stranger(asyncio.DatagramProtocol):
    """At ``host``; use as ``async with``."""

    def __init__(self, host: str, line: Line) -> None:
        self.host = host
        self.answers: list[Response] = []
        self._line = line
        self._news = asyncio.Event()
        self._asked = 0
        self._port = 0
        self._transport: asyncio.DatagramTransport | None = None

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(self.host, 0))
        self._port = int(self._transport.get_extra_info("sockname")[1])
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._transport is not None:
            self._transport.close()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """See ``asyncio.DatagramProtocol``."""
        message = parse_message(data)
        if isinstance(message, Response):
            self.answers.append(message)
            self._news.set()

    def ask(self, method: str, user: str = "", proof: str = "") -> str:
        """Send a request; its branch."""
        self._asked += 1
        branch = f"z9hG4bKstranger{self._asked}"
        server = f"{HOST}:{self._line.sip}"
        lines = [
            f"{method} sip:{server} SIP/2.0", f"Via: SIP/2.0/UDP {self.host}:{self._port};branch={branch}",
            f"From: <sip:{user or 'x'}@{server}>;tag=s{self._asked}", f"To: <sip:{user or 'x'}@{server}>",
            f"Call-ID: {self._asked}@{self.host}", f"CSeq: {self._asked} {method}", "Max-Forwards: 70",
            f"Contact: <sip:{user or 'x'}@{self.host}:{self._port}>", *([f"Authorization: {proof}"] if proof else []),
            "Content-Length: 0", "", "",
        ]  # fmt: skip
        if self._transport is not None:
            self._transport.sendto("\r\n".join(lines).encode(), (HOST, self._line.sip))
        return branch

    async def answer(self, branch: str) -> Response:
        """The final answer to that."""
        async with asyncio.timeout(20):
            while True:
                for answer in self.answers:
                    if answer.top_via.branch == branch and answer.status >= 200:
                        return answer
                self._news.clear()
                await self._news.wait()

    async def register(self, user: str, password: str) -> int:
        """Try it with a fresh challenge; the status."""
        asked = await self.answer(self.ask("REGISTER", user))
        challenge = parse_challenge(asked.headers.get("WWW-Authenticate") or "")
        uri = f"sip:{HOST}:{self._line.sip}"
        proof = authorize(challenge, "REGISTER", uri, user, password, cnonce=f"c{self._asked}")
        return (await self.answer(self.ask("REGISTER", user, proof))).status

    async def until_told(self, event: str) -> str:
        """The data of the event of that name that tells of this address, once the log has it."""
        async with asyncio.timeout(20):
            while True:
                with closing(sqlite3.connect(self._line.folder / "data" / "line400.db")) as database:
                    rows = database.execute("SELECT data FROM events WHERE name = ?", (event,)).fetchall()
                for (data,) in rows:
                    if f'"{self.host}"' in data:
                        return str(data)
                await asyncio.sleep(0.2)

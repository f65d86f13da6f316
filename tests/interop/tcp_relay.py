"""A TCP relay that keeps the octets and their order, but not where one write ends and the next begins."""

import asyncio
import re
from typing import Final

from telephony.sip.hop import TCP, Hop

_CHUNK: Final = 7
_PONG: Final = re.compile(rb"(?:^|(?<=\r\n\r\n))\r\n(?=SIP/2\.0|$)")
_GATHER_S: Final = 0.05
_BACK: Final = {"pings": "unping", "pipeline": ""}


class Relay:
    """Use as ``async with``, connect to ``hop``. ``way``: ``fragments`` passes on a few octets at a time, ``pipeline``
    gathers what several calls say, ``pings`` puts a keep-alive of RFC 5626 before every message, and takes the answers
    (``pongs``) out of the way back, for SIPp knows none.
    """

    def __init__(self, remote: Hop, way: str) -> None:
        self._remote = remote
        self._way = way
        self.pongs = 0
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "Relay":
        self._server = await asyncio.start_server(self._connected, self._remote.host, 0)
        return self

    @property
    def hop(self) -> Hop:
        """Where to connect to."""
        assert self._server is not None
        return Hop(TCP, self._remote.host, self._server.sockets[0].getsockname()[1])

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(self._remote.host, self._remote.port)
        self._tasks |= {
            asyncio.ensure_future(self._pass(reader, back, self._way)),
            asyncio.ensure_future(self._pass(there, writer, _BACK.get(self._way, self._way))),
        }

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: str) -> None:
        try:
            while data := await reader.read(65536):
                if way == "pipeline":
                    await asyncio.sleep(_GATHER_S)
                    data += await self._more(reader)
                elif way == "pings":
                    data = b"\r\n\r\n" + data
                elif way == "unping":
                    data, pongs = _PONG.subn(b"", data)
                    self.pongs += pongs
                    if not data:
                        continue
                pieces = range(0, len(data), _CHUNK if way == "fragments" else len(data))
                for start in pieces:
                    writer.write(data[start : start + pieces.step])
                    await writer.drain()
                    if way == "fragments":
                        await asyncio.sleep(0)
        except OSError:
            return
        finally:
            writer.close()

    async def _more(self, reader: asyncio.StreamReader) -> bytes:
        try:
            async with asyncio.timeout(0.001):
                return await reader.read(65536)
        except TimeoutError:
            return b""

"""Control's handle on the packer's process: started with the first order, ended when there was none for a while."""

import asyncio
import json
import logging
import sys
from contextlib import suppress
from dataclasses import asdict
from typing import Final

from archive.pack import Packed, PackOrder
from archive.worker import unpack_answer
from core.errors import Unavailable

_log = logging.getLogger("line400.archive")

MAX_LINE: Final = 1 << 20
LONGEST_S: Final = 900.0
"""A recording of a day takes less, even at the lowest priority of a busy machine."""
IDLE_S: Final = 60.0
_END_S: Final = 2.0


class Packer:
    """One process, one order at a time."""

    def __init__(self, *, longest_s: float = LONGEST_S, idle_s: float = IDLE_S) -> None:
        self._longest_s = longest_s
        self._idle_s = idle_s
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()
        self._idle: asyncio.TimerHandle | None = None

    @property
    def pid(self) -> int | None:
        """The process, if one runs."""
        return self._process.pid if self._process is not None else None

    async def pack(self, order: PackOrder) -> Packed:
        """See ``archive.pack.pack``; ``Unavailable`` where the process died or took too long (it is ended then)."""
        async with self._turn:
            self._stay()
            try:
                async with asyncio.timeout(self._longest_s):
                    line = await self._ask(json.dumps(asdict(order)).encode() + b"\n")
            except (TimeoutError, ConnectionError, ValueError) as error:
                await self._end()
                raise Unavailable(f"the packer did not finish: {str(error) or 'it took too long'}") from None
            except asyncio.CancelledError:
                await self._end()
                raise
            self._idle = asyncio.get_running_loop().call_later(self._idle_s, self._let_go)
        return unpack_answer(line)

    async def close(self) -> None:
        """End the process, even in the middle of its work."""
        self._stay()
        await self._end()

    async def _ask(self, line: bytes) -> bytes:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "archive.worker",
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=MAX_LINE,
            )  # fmt: skip
        process = self._process
        if process.stdin is None or process.stdout is None:
            raise ConnectionError("it has no pipes")
        process.stdin.write(line)
        await process.stdin.drain()
        answer = await process.stdout.readline()
        if not answer:
            raise ConnectionError("its process died")
        return answer

    def _stay(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _let_go(self) -> None:
        """Idle: the end of its input ends the process."""
        self._idle = None
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
        self._process = None

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        process.kill()
        with suppress(TimeoutError):
            async with asyncio.timeout(_END_S):
                await process.wait()

"""Control's handle on the packer's process: started with the first order, ended when there was none for a while.

It is started by ``subprocess``, which does not copy this process for it (``vfork``: 0.4 ms, where the event loop's own
way takes 20 to 60 ms), and its pipes are read and written in a thread.
"""

import asyncio
import json
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict
from typing import Final

from archive.pack import Packed, PackOrder
from archive.worker import unpack_answer
from core.errors import Unavailable

WORKER: Final = (sys.executable, "-m", "archive.worker")
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
        self._process: subprocess.Popen[bytes] | None = None
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
        if self._process is not None and self._process.poll() is not None:
            await self._end()  # it died while it had nothing to do
        if self._process is None:
            self._process = _start()
        answer = await asyncio.to_thread(_exchange, self._process, line)
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
        process, self._process = self._process, None
        if process is not None:
            asyncio.get_running_loop().run_in_executor(None, _bury, process)

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            await asyncio.to_thread(_bury, process)


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(WORKER, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def _exchange(process: subprocess.Popen[bytes], line: bytes) -> bytes:
    """Hand over ``line`` and wait for the answer; nothing where the process ended, ``OSError`` where it had ended."""
    if process.stdin is None or process.stdout is None:
        raise ConnectionError("it has no pipes")
    process.stdin.write(line)
    process.stdin.flush()
    return process.stdout.readline(MAX_LINE)


def _bury(process: subprocess.Popen[bytes]) -> None:
    """Close its input, which ends it where nothing else did, and see it off."""
    with suppress(OSError, subprocess.TimeoutExpired):
        process.communicate(timeout=_END_S)
        return
    process.kill()
    process.wait()

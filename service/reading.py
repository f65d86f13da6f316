"""The reading room: processes that answer the long questions of the console, so that no report, list or table keeps the
control process from its calls. (Threads would not do: they share one interpreter lock, and each of them that computes
may keep the event loop waiting for 5 ms at a time.)
"""

import asyncio
import logging
import pickle
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, TypeVar

from console.ports import Queries
from core.errors import Unavailable
from service.reader import Answer, Library, Work

_log = logging.getLogger("line400.service")
_READER: Final = (sys.executable, "-m", "service.reader")
READERS: Final = 2
"""So that a short list need not wait for a long table."""
MOST_WAITING: Final = 100
_END_S: Final = 2.0
_Made = TypeVar("_Made")


class ReadingRoom:
    """``console.ports.Reading`` by up to ``readers`` processes: the first starts with ``open``, others when needed, but
    none before that one has answered once: while it loads, a second would not be sooner. One that dies is replaced and
    its question asked once more. ``library`` may change: the next question is asked of that.
    """

    def __init__(self, library: Library, *, readers: int = READERS, most_waiting: int = MOST_WAITING) -> None:
        self.library = library
        self._most_waiting = most_waiting
        self._waiting = 0
        self._turn = asyncio.Semaphore(1)
        self._others = readers - 1
        self._idle: list[subprocess.Popen[bytes]] = []

    def open(self) -> int:
        """Start a reader (it is ready in about a second, and a question waits so long); its process id."""
        self._idle.append(_start())
        return self._idle[-1].pid

    async def ask(self, work: Callable[[Queries], Awaitable[_Made]]) -> _Made:
        """See the port."""
        if self._waiting >= self._most_waiting:
            raise Unavailable("too many lists and reports are being made; ask again in a moment")
        self._waiting += 1
        try:
            async with self._turn:
                error, made = await self._answer(work) or await self._answer(work) or _GIVEN_UP
        finally:
            self._waiting -= 1
        if error is not None:
            raise error
        result: _Made = made
        return result

    async def close(self) -> None:
        """End the readers."""
        while self._idle:
            await asyncio.to_thread(_bury, self._idle.pop())

    async def _answer(self, work: Work) -> Answer | None:
        """A reader's answer; nothing where it died over the question."""
        process = await self._free_reader()
        try:
            answer = await asyncio.to_thread(_exchange, process, (self.library, work))
        except (OSError, EOFError, pickle.UnpicklingError):
            _log.warning("a reader's process died; another is started")
            await asyncio.to_thread(_bury, process)
            return None
        except asyncio.CancelledError:
            process.kill()  # nobody waits for what it makes
            await asyncio.to_thread(_bury, process)
            raise
        self._idle.append(process)
        while self._others:
            self._others -= 1
            self._turn.release()
        return answer

    async def _free_reader(self) -> subprocess.Popen[bytes]:
        while self._idle:
            process = self._idle.pop()
            if process.poll() is None:
                return process
            await asyncio.to_thread(_bury, process)  # it died while it had nothing to do
        return _start()


_GIVEN_UP: Final[Answer] = (Unavailable("the process that makes lists and reports died twice over this"), None)


def _start() -> subprocess.Popen[bytes]:
    """By ``subprocess``: it does not copy this process for it, as the event loop's own way does (20 to 60 ms)."""
    return subprocess.Popen(_READER, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def _exchange(process: subprocess.Popen[bytes], question: tuple[Library, Work]) -> Answer:
    """Ask and wait, in a thread. ``OSError`` or ``EOFError`` where the process died."""
    assert process.stdin is not None and process.stdout is not None  # they are pipes
    pickle.dump(question, process.stdin)
    process.stdin.flush()
    answer: Answer = pickle.load(process.stdout)
    return answer


def _bury(process: subprocess.Popen[bytes]) -> None:
    """Close its input, which ends it where nothing else did, and see it off."""
    with suppress(OSError, subprocess.TimeoutExpired):
        process.communicate(timeout=_END_S)
        return
    process.kill()
    process.wait()

"""A process of the bench that says lines of JSON: callers, our own phones."""

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any, Final

_READY_S: Final = 60.0
_GONE_S: Final = 20.0


class Telling:
    """``python -m module arguments``. ``said`` is all since it was ready, ``over`` is set when it has ended."""

    def __init__(self, module: str, arguments: Sequence[str]) -> None:
        self.said: list[dict[str, Any]] = []
        self.over = asyncio.Event()
        self._command = [sys.executable, "-m", module, *arguments]
        self._process: asyncio.subprocess.Process | None = None
        self._listening: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int:
        """Of a process that was started."""
        assert self._process is not None
        return self._process.pid

    async def start(self) -> None:
        """Until it is ready; ``SystemExit`` where it ends instead."""
        self._process = await asyncio.create_subprocess_exec(
            *self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._process.stdout is not None
        async with asyncio.timeout(_READY_S):
            if not await self._process.stdout.readline():
                raise SystemExit(f"it did not begin: {' '.join(self._command)}")
        self._listening = asyncio.create_task(self._listen(self._process.stdout))

    def begin(self) -> None:
        """Say that it is time."""
        assert self._process is not None and self._process.stdin is not None
        self._process.stdin.write(b"begin\n")

    async def close(self) -> None:
        """Send it home, and hear its last words."""
        if self._process is None:
            return
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(_GONE_S):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        if self._listening is not None:
            with contextlib.suppress(asyncio.CancelledError):
                await self._listening

    async def _listen(self, words: asyncio.StreamReader) -> None:
        while line := await words.readline():
            self.said.append(json.loads(line))
        self.over.set()

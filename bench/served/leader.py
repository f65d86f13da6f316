"""Leads ``bench.served.people`` from the bench's own process, and keeps what they say."""

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from typing import Final

from bench.served.config import CARRIER, DESK, HOUSE
from bench.served.people import SIP_PORT

_READY_S: Final = 30.0
Ends = list[tuple[int, int]]


class Leader:
    """``on_over`` is told of calls that the line ended, with the status of a refusal or 0; ``on_up`` of each call whose
    two sides are up.
    """

    def __init__(self, *, events: bool = True) -> None:
        self.up: dict[int, Ends] = {}
        """(Own port, where to send) of caller and agent; of the caller only, as long as no agent has answered."""
        self.over: dict[int, int] = {}
        self.troubles: list[str] = []
        self.on_over: Callable[[int, int], None] = lambda number, status: None
        self.on_up: Callable[[int, Ends], None] = lambda number, ends: None
        self._events = events
        self._process: asyncio.subprocess.Process | None = None
        self._listening: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()

    async def start(self) -> None:
        """Until they are there."""
        options = [] if self._events else ["--no-events"]
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bench.served.people",
            HOUSE,
            str(SIP_PORT),
            CARRIER,
            DESK,
            *options,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        async with asyncio.timeout(_READY_S):
            await self._process.stdout.readline()
        self._listening = asyncio.create_task(self._listen(self._process.stdout))

    def begin(self, numbers: Iterable[int]) -> None:
        """Let these call."""
        self._order({"begin": list(numbers)})

    def end(self, numbers: Iterable[int]) -> None:
        """Let these hang up."""
        numbers = list(numbers)
        self._order({"end": numbers})
        for number in numbers:
            self.up.pop(number, None)

    def forget(self) -> None:
        """The line was killed: nobody hears anything of it."""
        self._order({"forget": []})
        self.up.clear()

    async def until_up(self, count: int, *, sides: int, timeout_s: float) -> None:
        """Wait until so many calls have so many sides up; ``SystemExit`` where they do not."""
        try:
            async with asyncio.timeout(timeout_s):
                while sum(len(ends) == sides for ends in self.up.values()) < count:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise SystemExit(f"{len(self.up)} of {count} calls came up; {self.over} {self.troubles[:5]}") from None

    async def close(self) -> None:
        """Send them home."""
        assert self._process is not None and self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()
        if self._listening is not None:
            self._listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listening

    def _order(self, order: dict[str, list[int]]) -> None:
        assert self._process is not None and self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")

    async def _listen(self, said: asyncio.StreamReader) -> None:
        while line := await said.readline():
            message = json.loads(line)
            match message:
                case {"alone": number, "ends": ends}:
                    self.up.setdefault(number, ends)
                case {"up": number, "ends": ends}:
                    self.up[number] = ends
                    self.on_up(number, ends)
                case {"over": number, "status": status}:
                    self.up.pop(number, None)
                    self.over[number] = status
                    self.on_over(number, status)
                case {"trouble": text}:
                    self.troubles.append(text)
            self._changed.set()

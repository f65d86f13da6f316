"""The processes around what ``bench.media`` measures: far ends, and the recogniser's end of the taps."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from bench.processes import stolen_seconds

SETTLE_S: Final = 2.0
Place = tuple[str, int]


async def start(module: str) -> asyncio.subprocess.Process:
    """A process of the bench, led by lines on its standard input."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, stdin=subprocess.PIPE, stdout=subprocess.PIPE, limit=1 << 20
    )


def tell(process: asyncio.subprocess.Process, line: bytes) -> None:
    """Send a line."""
    assert process.stdin is not None
    process.stdin.write(line)


async def line_of(process: asyncio.subprocess.Process) -> bytes:
    """Its next line."""
    assert process.stdout is not None
    return await process.stdout.readline()


async def send_and_hear(
    far_ends: list[tuple[Place, Place]],
    *,
    seconds: float,
    bridged: bool,
    slots: int,
    used: Callable[[], Mapping[str, float]],
) -> tuple[float, dict[str, float], dict[str, Any]]:
    """Let all far ends speak; wall-clock seconds measured, what ``used`` grew by meanwhile (and ``stolen``, see
    ``stolen_seconds``), and what they heard.
    """
    load = await start("bench.media_load")
    order = {"far_ends": far_ends, "seconds": seconds, "settle_s": SETTLE_S, "bridged": bridged, "slots": slots}
    tell(load, json.dumps(order).encode() + b"\n")
    await line_of(load)  # it has settled
    begun, before, stolen_s = time.monotonic(), used(), stolen_seconds()
    await line_of(load)  # it has measured
    wall, after, stolen_s = time.monotonic() - begun, used(), stolen_seconds() - stolen_s
    heard = json.loads(await line_of(load))
    await load.wait()
    return wall, {name: after[name] - before[name] for name in after} | {"stolen": stolen_s}, heard


class Sink:
    """The recogniser's end of the taps."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self.port = port
        self._process = process

    @classmethod
    async def open(cls) -> "Sink":
        """Listening."""
        process = await start("bench.media_sink")
        return cls(process, int(await line_of(process)))

    async def close(self) -> dict[str, int]:
        """What came; ``SystemExit`` where it was not what was promised."""
        tell(self._process, b"end\n")
        tapped: dict[str, int] = json.loads(await line_of(self._process))
        await self._process.wait()
        if tapped["misplaced"]:
            raise SystemExit(f"{tapped['misplaced']} datagrams of the taps begin in the wrong place")
        return tapped

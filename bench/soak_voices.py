"""Leads the far ends of ``bench.soak`` (``soak_load``) and the one who listens to taps, and keeps their counts."""

import asyncio
import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Final

from bench.media_processes import Place

_LISTENER: Final = """
import socket, sys
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
sock.bind((sys.argv[1], int(sys.argv[2])))
print("up", flush=True)
while True:
    sock.recv(4096)
"""


@dataclass(slots=True)
class Heard:
    """By all far ends that have ended."""

    received: int = 0
    lost: int = 0
    late_ticks: int = 0


class Voices:
    """All far ends. ``counts`` are up to date after ``tell``."""

    def __init__(self) -> None:
        self.counts = Heard()
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Begin the process."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.soak_load", stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def add(self, ends: list[tuple[Place, Place]]) -> None:
        """These speak from now on: (own place, where to send)."""
        self._order({"add": ends})

    def drop(self, places: list[Place]) -> None:
        """These fall silent."""
        self._order({"drop": places})

    async def tell(self) -> None:
        """Bring the counts up to date."""
        assert self._process is not None and self._process.stdout is not None
        self._order({"tell": True})
        told = json.loads(await self._process.stdout.readline())
        self.counts.received += told["received"]
        self.counts.lost += told["gaps"]
        self.counts.late_ticks += told["late_ticks"]

    async def close(self) -> None:
        """End them."""
        assert self._process is not None and self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()

    def _order(self, order: dict[str, object]) -> None:
        assert self._process is not None and self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")


class Listener:
    """Where all taps go to."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Listen, in place of whoever did so."""
        await self.kill()
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            _LISTENER,
            self._place[0],
            str(self._place[1]),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        await self._process.stdout.readline()

    async def kill(self) -> None:
        """SIGKILL; no error where nobody listens."""
        if self._process is not None:
            self._process.kill()
            await self._process.wait()
            self._process = None

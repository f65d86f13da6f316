"""The line under load: its process tree, its API."""

import asyncio
import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, cast

from bench.processes import descendants, runs
from bench.served.config import HOUSE, HTTP_PORT, names
from service.demo.api import Api

MEDIA_WORKER: Final = "telephony.media.worker"
_PASSWORD: Final = re.compile(r"as admin with password (\S+)")
_START_S: Final = 180.0
_STOP_S: Final = 60.0
_LAST_LOOKS: Final = 50
Json = dict[str, object]


class ServedLine:
    """``line400 serve`` on the configuration in ``folder``. ``arguments`` are those of ``bench.served.run``."""

    def __init__(self, folder: Path, arguments: Sequence[str] = ()) -> None:
        self.api = Api(HOUSE, HTTP_PORT)
        self.output: list[str] = []
        self._folder = folder
        self._arguments = tuple(arguments)
        self._password = ""
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int:
        """Of control."""
        if self._process is None:
            raise RuntimeError("the line does not run")
        return self._process.pid

    @property
    def recordings(self) -> Path:
        """Where they lie."""
        return self._folder / "data" / "recordings"

    def tree(self) -> dict[int, str]:
        """Command lines of all its processes by id, control first."""
        return {self.pid: "control", **descendants(self.pid)}

    def media_workers(self) -> list[int]:
        """Process ids of those that are up."""
        return [pid for pid, command in self.tree().items() if MEDIA_WORKER in command]

    def ports_of(self, worker: int) -> tuple[int, int]:
        """The RTP ports that a media worker may take (inclusive)."""
        words = self.tree()[worker].split()
        low, _, high = words[words.index("--ports") + 1].partition("-")
        return int(low), int(high)

    async def start(self) -> None:
        """Until it is up; ``SystemExit`` with its words where it is not."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bench.served.run",
            str(self._folder / "line400.toml"),
            *self._arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        up = asyncio.Event()
        self._reader = asyncio.create_task(self._read(self._process, up))
        try:
            async with asyncio.timeout(_START_S):
                await up.wait()
        except TimeoutError:
            raise SystemExit("\n".join(["the line is not up", *self.output])) from None
        await self.api.sign_in("admin", self._password)

    async def _read(self, process: asyncio.subprocess.Process, up: asyncio.Event) -> None:
        assert process.stdout is not None
        is_up = False
        while line := (await process.stdout.readline()).decode():
            self.output.append(line.rstrip())
            is_up = is_up or "is up" in line
            if found := _PASSWORD.search(line):
                self._password = found[1]
            if is_up and self._password:  # which is said at the first start only
                up.set()

    async def staff(self, agents: int) -> None:
        """All agents want calls."""
        for name in names(agents):
            await self.api.send("PUT", f"/agents/{name}/state", {"state": "available", "reason": ""})

    async def until_over(self, count: int, timeout_s: float = 60.0) -> list[Json]:
        """The newest ``count`` calls with all that is known of them, once they are over and their recordings closed."""
        whole: dict[object, Json] = {}
        async with asyncio.timeout(timeout_s):
            while True:
                rows = await self._newest(count)
                for row in rows:
                    if row["id"] not in whole and row["ended_at"] is not None:
                        call = cast("Json", await self.api.get(f"/calls/{row['id']}"))
                        if all(item["duration_s"] is not None for item in cast("list[Json]", call["recordings"])):
                            whole[row["id"]] = call
                if len(rows) == count and all(row["id"] in whole for row in rows):
                    return [whole[row["id"]] for row in rows]
                await asyncio.sleep(0.5)

    async def _newest(self, limit: int) -> list[Json]:
        rows: list[Json] = []
        while len(rows) < limit:
            page = cast("Json", await self.api.get(f"/calls?limit={min(200, limit)}&offset={len(rows)}"))
            items = cast("list[Json]", page["items"])
            rows += items
            if not items:
                break
        return rows[:limit]

    def recording(self, name: object) -> Path:
        """The file of a recording, under whichever name it has by now."""
        return next(path for suffix in (".wav", ".flac") for path in self.recordings.rglob(f"{name}{suffix}"))

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """kill -9 of control."""
        os.kill(self.pid, number)

    async def ended(self) -> None:
        """Wait until control is gone."""
        assert self._process is not None and self._reader is not None
        await self._process.wait()
        await self._reader

    async def stop(self) -> list[int]:
        """End it as its user would (Ctrl-C); its processes that are left."""
        tree = list(self.tree())
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGINT)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_STOP_S):
                await self.ended()
        left = tree
        for _ in range(_LAST_LOOKS):
            if not (left := [pid for pid in tree if runs(pid)]):
                break
            await asyncio.sleep(0.1)
        return left

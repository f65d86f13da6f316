"""Control's handle on one recogniser worker process: start it, talk to it, notice when it is dead or stuck."""

import asyncio
import logging
import os
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from asr.wire import MAX_LINE, FromWorker, Ping, Pong, Ready, ToWorker, pack_command, unpack_report
from core.errors import ParseError, Unavailable

_log = logging.getLogger("line400.asr")

_CLOSE_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class WorkerRules:
    """How patient control is with a worker; all in seconds."""

    start_s: float = 60.0
    """To load the model."""
    ping_every_s: float = 1.0
    silent_s: float = 8.0
    """Without an answer to a ping the process is stuck (or stopped)."""
    stuck_s: float = 20.0
    """At one piece of work the recogniser is stuck."""


LIVE_RULES: Final = WorkerRules()
BATCH_RULES: Final = WorkerRules(silent_s=30.0, stuck_s=180.0)
"""Batch workers run at low priority and get little of a busy machine."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a worker is made of."""

    engine: str
    model: Path
    host: str
    nice: int
    rules: WorkerRules


class WorkerProcess:
    """A running worker. ``run`` returns when it has ended, for whatever reason."""

    def __init__(
        self,
        recipe: Recipe,
        process: asyncio.subprocess.Process,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        ready: Ready,
    ) -> None:
        self._recipe = recipe
        self._process = process
        self._reader = reader
        self._writer = writer
        self._answered_at = asyncio.get_running_loop().time()
        self.engine = ready.engine
        self.port = ready.port
        self.host = recipe.host

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @classmethod
    async def start(cls, recipe: Recipe) -> "WorkerProcess":
        """Start a worker and wait until its model is loaded; ``Unavailable`` where that fails."""
        ours, theirs = socket.socketpair()
        with theirs:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "asr.worker",
                "--engine", recipe.engine, "--model", str(recipe.model), "--host", recipe.host,
                "--control", str(theirs.fileno()), "--nice", str(recipe.nice),
                stdin=asyncio.subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env={**os.environ, "OMP_NUM_THREADS": "1"},
            )  # fmt: skip
        reader, writer = await asyncio.open_connection(sock=ours, limit=MAX_LINE)
        try:
            async with asyncio.timeout(recipe.rules.start_s):
                line = await reader.readline()
            report = unpack_report(line) if line else None
        except (TimeoutError, ParseError, ConnectionError):
            report = None
        except asyncio.CancelledError:
            await _end(process, writer)
            raise
        if not isinstance(report, Ready):
            status = await _end(process, writer)
            raise Unavailable(f"the recogniser worker did not start (exit status {status}); see its messages above")
        return cls(recipe, process, reader, writer, report)

    def send(self, message: ToWorker) -> None:
        """Tell the worker; silently lost when it is dead (``run`` is about to return)."""
        if not self._writer.is_closing():
            self._writer.write(pack_command(message))

    async def run(self, handle: Callable[[FromWorker], None]) -> str:
        """Hand every report to ``handle`` until the worker is dead or had to be killed; why, in words for the log."""
        reading = asyncio.create_task(self._read(handle))
        watching = asyncio.create_task(self._watch())
        try:
            done, _ = await asyncio.wait((reading, watching), return_when=asyncio.FIRST_COMPLETED)
            return done.pop().result()
        finally:
            reading.cancel()
            watching.cancel()
            await asyncio.gather(reading, watching, return_exceptions=True)
            await _end(self._process, self._writer)

    async def _read(self, handle: Callable[[FromWorker], None]) -> str:
        try:
            while line := await self._reader.readline():
                report = unpack_report(line)
                self._answered_at = asyncio.get_running_loop().time()
                if isinstance(report, Pong) and report.busy_s > self._recipe.rules.stuck_s:
                    return f"its recogniser was stuck for {report.busy_s:.0f} s"
                handle(report)
        except (ParseError, ConnectionError, ValueError) as error:  # ValueError: a line longer than MAX_LINE
            return f"it could not be understood: {error}"
        return "it ended by itself"

    async def _watch(self) -> str:
        """Counts unanswered pings, not seconds: a control loop that was held up itself must not blame the worker."""
        rules = self._recipe.rules
        loop = asyncio.get_running_loop()
        unanswered = 0
        while unanswered * rules.ping_every_s < rules.silent_s:
            asked_at = loop.time()
            self.send(Ping())
            await asyncio.sleep(rules.ping_every_s)
            unanswered = 0 if self._answered_at >= asked_at else unanswered + 1
        return f"it did not answer for {rules.silent_s:.0f} s"


async def _end(process: asyncio.subprocess.Process, writer: asyncio.StreamWriter) -> int:
    """Close the socket, which ends a sane worker; kill one that is not gone soon."""
    writer.close()
    try:
        async with asyncio.timeout(_CLOSE_S):
            return await process.wait()
    except TimeoutError:
        process.kill()
        return await process.wait()
    finally:
        if process.returncode is None:
            process.kill()

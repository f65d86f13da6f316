"""A place for a worker in the pool: keeps one running there, and knows what it is doing."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from asr.listening import PoolListening
from asr.process import Recipe, WorkerProcess
from asr.protocol import Transcript
from asr.wire import (
    Began,
    FromWorker,
    NothingCame,
    NotTranscribed,
    Over,
    Pong,
    Sounds,
    StopListening,
    Transcribe,
    Transcribed,
    Understood,
)
from core.errors import Line400Error, Unavailable

_log = logging.getLogger("line400.asr")

_FIRST_PAUSE_S: Final = 0.5
_LONGEST_PAUSE_S: Final = 30.0
_HEALTHY_S: Final = 60.0
"""A worker that lived so long is replaced at once."""


class WorkerLost(Line400Error):  # noqa: N818 - what happened, in the words of the log
    """The worker died, or was ended because it was stuck, while it had this work."""


def _retrieved(future: asyncio.Future[Transcript]) -> None:
    """Nobody may be waiting any more; then asyncio shall not complain about a failure that nobody saw."""
    if not future.cancelled():
        future.exception()


class Slot:
    """One worker after the other, and the work that the present one has."""

    def __init__(self, recipe: Recipe, on_change: Callable[[], None]) -> None:
        self._recipe = recipe
        self._on_change = on_change
        self._first_try = asyncio.Event()
        self.worker: WorkerProcess | None = None
        self.listenings: dict[int, PoolListening] = {}
        self.job: tuple[int, asyncio.Future[Transcript]] | None = None
        self.restarts = 0
        self.datagrams_lost = 0

    async def tried(self) -> None:
        """Return when the first worker is ready or has failed to start."""
        await self._first_try.wait()

    async def keep_running(self) -> None:
        """Start a worker, replace it when it is lost; until cancelled."""
        loop = asyncio.get_running_loop()
        pause_s = _FIRST_PAUSE_S
        while True:
            began = loop.time()
            try:
                worker = await WorkerProcess.start(self._recipe)
            except (Unavailable, OSError) as error:
                _log.error("recogniser: %s", error)
            else:
                await self._serve(worker)
            self._first_try.set()
            pause_s = _FIRST_PAUSE_S if loop.time() - began > _HEALTHY_S else pause_s
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
            self.restarts += 1

    def listen(self, listening: PoolListening) -> None:
        """The worker's reports on the listening's stream go to ``listening``."""
        self.listenings[listening.tap.stream] = listening

    def forget(self, stream: int) -> None:
        """Nobody listens to ``stream`` any more."""
        if self.listenings.pop(stream, None) is not None and self.worker is not None:
            self.worker.send(StopListening(stream))

    def transcribe(self, job: Transcribe) -> asyncio.Future[Transcript]:
        """Give the idle worker a job; the future fails with ``WorkerLost``, or ``Line400Error`` for a bad recording."""
        future: asyncio.Future[Transcript] = asyncio.get_running_loop().create_future()
        if self.worker is None:
            future.set_exception(WorkerLost("the recogniser worker is gone"))
            return future
        future.add_done_callback(_retrieved)
        self.job = (job.job, future)
        self.worker.send(job)
        return future

    async def _serve(self, worker: WorkerProcess) -> None:
        self.worker = worker
        self._first_try.set()
        self._on_change()
        _log.info("recogniser %s is ready (process %d)", worker.engine, worker.pid)
        why = "it was ended"
        try:
            why = await worker.run(self._take)
            _log.warning("recogniser worker %d is lost: %s", worker.pid, why)
        finally:
            self.worker = None
            self._drop_work(why)
            self._on_change()

    def _drop_work(self, why: str) -> None:
        for listening in self.listenings.values():
            listening.give_up()
        self.listenings.clear()
        if self.job is not None:
            _, future = self.job
            self.job = None
            if not future.done():
                future.set_exception(WorkerLost(f"the recogniser worker was lost: {why}"))

    def _take(self, report: FromWorker) -> None:
        if isinstance(report, Pong):
            self.datagrams_lost += report.lost
        elif isinstance(report, Began | Sounds | Over | Understood | NothingCame):
            listening = self.listenings.get(report.stream)
            if listening is not None:
                listening.take(report)
        elif isinstance(report, Transcribed | NotTranscribed) and self.job is not None and self.job[0] == report.job:
            _, future = self.job
            self.job = None
            if not future.done():
                if isinstance(report, Transcribed):
                    future.set_result(report.transcript)
                else:
                    future.set_exception(Line400Error(report.why))
            self._on_change()

"""The control process's side of recognition: a pool of recogniser worker processes as ``Ears`` and ``Transcriber``.

Live utterances and recordings have workers of their own; those for recordings run at low priority, so that a backlog
of transcripts never makes a caller wait. Whatever happens to a worker, a call only ever sees
``NothingHeard("unavailable")`` within seconds, and a recording is given to another worker before it counts as failed.
"""

import asyncio
import itertools
import logging
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Final, TypeVar

from asr.listening import PoolFollowing, PoolListening
from asr.process import BATCH_RULES, LIVE_RULES, Recipe, WorkerRules
from asr.protocol import Following, Listening, Transcript
from asr.slot import Slot, WorkerLost
from asr.wire import Listen, Transcribe
from core.errors import Line400Error, Unavailable
from core.tap_target import TapTarget

_log = logging.getLogger("line400.asr")
_L = TypeVar("_L", bound=PoolListening)

ANSWER_S: Final = 8.0
"""A live utterance that is not understood so long after its end is given up."""
WAIT_FOR_WORKER_S: Final = 30.0
"""A recording waits so long for a worker to come back before it is ``Unavailable``."""
_TRIES: Final = 2
_BATCH_NICE: Final = 10


class RecogniserPool:
    """Starts recogniser workers, hands live utterances and recordings to them and replaces those that die or hang."""

    def __init__(
        self,
        engine_name: str,
        model_path: Path,
        *,
        live_workers: int = 1,
        batch_workers: int = 1,
        bind_host: str = "127.0.0.1",
        key_file: Path | None = None,
        answer_s: float = ANSWER_S,
        live_rules: WorkerRules = LIVE_RULES,
        batch_rules: WorkerRules = BATCH_RULES,
    ) -> None:
        """``engine_name`` and ``model_path`` as ``asr.engines.load`` takes them; taps are received on ``bind_host``.
        Sealed recordings are opened with the key in ``key_file``.
        """
        self._key_file = str(key_file) if key_file is not None else ""
        self._answer_s = answer_s
        self._live_recipe = Recipe(engine_name, model_path, bind_host, 0, live_rules)
        self._batch_recipe = Recipe(engine_name, model_path, bind_host, _BATCH_NICE, batch_rules)
        self._live = [Slot(self._live_recipe, self._changed) for _ in range(live_workers)]
        self._batch = [Slot(self._batch_recipe, self._changed) for _ in range(batch_workers)]
        self._jobs = itertools.count(1)
        self._change = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def engine(self) -> str:
        """Engine and model of the running workers; "" while there is none."""
        return next((slot.worker.engine for slot in (*self._live, *self._batch) if slot.worker), "")

    @property
    def workers(self) -> tuple[int, int]:
        """How many live and batch workers are ready now."""
        return sum(slot.worker is not None for slot in self._live), sum(slot.worker is not None for slot in self._batch)

    @property
    def datagrams_lost(self) -> int:
        """Pieces of callers' voices (60 ms each) that live workers did not get, or got too late, since the start."""
        return sum(slot.datagrams_lost for slot in self._live)

    async def start(self) -> None:
        """Start the workers; ``Unavailable`` where not one of them could be started (its messages say why)."""
        slots = (*self._live, *self._batch)
        self._tasks = [asyncio.create_task(slot.keep_running(), name="recogniser") for slot in slots]
        for slot in slots:
            await slot.tried()
        if slots and self.workers == (0, 0):
            await self.close()
            raise Unavailable("no recogniser worker could be started; see the messages above")

    async def close(self) -> None:
        """End the workers. Who still listens hears nothing more than ``unavailable``."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()

    async def listen(self, phrases: Sequence[str], *, no_speech_s: float, max_s: float) -> Listening:
        """See ``asr.protocol.Ears.listen``."""
        return self._listen(PoolListening, tuple(phrases), no_speech_s, max_s)

    async def follow(self, phrases: Sequence[str], *, every_s: float, no_speech_s: float, max_s: float) -> Following:
        """See ``asr.protocol.FollowingEars.follow``."""
        return self._listen(PoolFollowing, tuple(phrases), no_speech_s, max_s, every_s)

    def _listen(
        self, kind: type[_L], phrases: tuple[str, ...], no_speech_s: float, max_s: float, every_s: float = 0.0
    ) -> _L:
        ready = [(slot, slot.worker) for slot in self._live if slot.worker is not None]
        if not ready:
            raise Unavailable("no recogniser for live speech is running")
        slot, worker = min(ready, key=lambda pair: len(pair[0].listenings))
        stream = secrets.randbits(32)
        listening = kind(TapTarget(worker.host, worker.port, stream), self._answer_s, slot.forget)
        slot.listen(listening)
        worker.send(Listen(stream, phrases, no_speech_s, max_s, every_s))
        return listening

    async def transcribe(self, path: Path, speakers: tuple[str, str]) -> Transcript:
        """See ``asr.protocol.Transcriber.transcribe``; ``Line400Error`` where it is the recording that is at fault."""
        for _ in range(_TRIES):
            slot = await self._idle_slot()
            job = Transcribe(next(self._jobs), str(path), speakers, self._key_file)
            # Shielded: a cancelled caller does not make the worker idle, its report does.
            future = slot.transcribe(job)
            try:
                return await asyncio.shield(future)
            except WorkerLost as error:
                _log.warning("a recording was not transcribed: %s", error)
        raise Line400Error(f"{_TRIES} recogniser workers were lost over this recording")

    async def _idle_slot(self) -> Slot:
        """A batch worker without work; ``Unavailable`` where none comes (back) in time."""
        loop = asyncio.get_running_loop()
        away_since = loop.time()
        while True:
            self._change.clear()
            for slot in self._batch:
                if slot.worker is not None and slot.job is None:
                    return slot
            if any(slot.worker is not None for slot in self._batch):
                away_since = loop.time()
            left_s = away_since + WAIT_FOR_WORKER_S - loop.time()
            if left_s <= 0 or not self._batch or not self._tasks:
                raise Unavailable("no recogniser for recordings is running")
            try:
                async with asyncio.timeout(left_s):
                    await self._change.wait()
            except TimeoutError:
                continue

    def _changed(self) -> None:
        self._change.set()

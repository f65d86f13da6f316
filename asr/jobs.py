"""Transcribes recordings one after the other, after the calls, and never in their way.

The store declares what waits (``TranscriptStore``) and keeps the result together with its fact in one transaction; this
driver only decides what is tried next, when it is tried again and when it is given up.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from asr.protocol import Transcriber, Transcript
from core.clock import Clock
from core.errors import Line400Error, Unavailable
from core.events import Log
from core.retry import AWAY_PAUSE_S, Retries

_log = logging.getLogger("line400.asr")

MAX_ATTEMPTS: Final = 3
RETRY_AFTER_S: Final = (5.0, 60.0)
"""Pause before the second and the third attempt at a recording that a recogniser failed on."""


@dataclass(frozen=True, slots=True)
class RecordingJob:
    """A stereo recording without transcript; ``speakers`` names channels 0 and 1; ``attempts`` made so far."""

    recording: str
    call_id: str
    path: Path
    speakers: tuple[str, str]
    attempts: int


class TranscriptStore(Protocol):
    """What the jobs need of the store."""

    async def pending(self) -> Sequence[RecordingJob]:
        """Finished recordings without transcript that were not given up, oldest first (a bounded number)."""
        ...

    async def save(self, job: RecordingJob, transcript: Transcript) -> None:
        """Keep the transcript and post ``TranscriptReady``, both in one transaction."""
        ...

    async def fail(self, job: RecordingJob, why: str, final: bool) -> None:
        """Count a failed attempt and post ``TranscriptFailed``, in one transaction; ``final``: not tried again."""
        ...


class TranscriptJobs:
    """The loop that works the queue off; run it as one task."""

    def __init__(self, store: TranscriptStore, transcriber: Transcriber, log: Log, clock: Clock) -> None:
        self._store = store
        self._transcriber = transcriber
        self._log = log
        self._retries = Retries(clock, RETRY_AFTER_S, MAX_ATTEMPTS)
        self._woken = asyncio.Event()
        self._away = False

    def wake(self) -> None:
        """A recording has just been finished: look at the queue now."""
        self._woken.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            self._woken.clear()
            wait_s = await self.work_off()
            await self._sleep(wait_s)

    async def work_off(self) -> float:
        """Try every recording that is due once; returns the seconds after which to look again."""
        jobs = await self._store.pending()
        self._retries.keep_only(job.recording for job in jobs)
        for job in jobs:
            if self._retries.rests(job.recording):
                continue
            if not await self._attempt(job):
                return AWAY_PAUSE_S
        return self._retries.look_again_s()

    async def _attempt(self, job: RecordingJob) -> bool:
        """One try; False where there is no recogniser at the moment, so the others need not be tried either."""
        try:
            transcript = await self._transcriber.transcribe(job.path, job.speakers)
        except Unavailable as error:
            if not self._away:  # each new recording makes us try again: once is enough to be told
                _log.warning("recording %s waits for a recogniser: %s", job.recording, error)
            self._away = True
            return False
        except (Line400Error, OSError) as error:
            self._away = False
            await self._failed(job, str(error))
            return True
        self._away = False
        self._retries.done(job.recording)
        await self._store.save(job, transcript)
        _log.info("recording %s transcribed in %.1f s", job.recording, transcript.took_s)
        return True

    async def _failed(self, job: RecordingJob, why: str) -> None:
        _log.warning("recording %s was not transcribed (attempt %d): %s", job.recording, job.attempts + 1, why)
        await self._store.fail(job, why, self._retries.failed(job.recording, job.attempts))

    async def _sleep(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return

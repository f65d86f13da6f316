"""What is transcribed when, on virtual time and without any recogniser."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from asr.jobs import RETRY_AFTER_S, RecordingJob, TranscriptJobs
from asr.protocol import Transcript
from core.bus import MemoryLog
from core.clock import VirtualClock
from core.errors import Line400Error, Unavailable
from core.retry import AWAY_PAUSE_S, LOOK_EVERY_S


class Store:
    def __init__(self, *recordings: str) -> None:
        self.jobs = {
            name: RecordingJob(name, f"c-{name}", Path(f"{name}.wav"), ("caller", "agent"), 0) for name in recordings
        }
        self.saved: list[str] = []
        self.failures: list[tuple[str, str, bool]] = []

    async def pending(self) -> Sequence[RecordingJob]:
        return tuple(self.jobs.values())

    async def save(self, job: RecordingJob, transcript: Transcript) -> None:
        del self.jobs[job.recording]
        self.saved.append(job.recording)

    async def fail(self, job: RecordingJob, why: str, final: bool) -> None:
        self.failures.append((job.recording, why, final))
        if final:
            del self.jobs[job.recording]
        else:
            self.jobs[job.recording] = replace(job, attempts=job.attempts + 1)


class Recogniser:
    def __init__(self, *outcomes: Exception | None) -> None:
        self.outcomes = list(outcomes)
        self.asked: list[str] = []

    async def transcribe(self, path: Path, speakers: tuple[str, str]) -> Transcript:
        self.asked.append(path.stem)
        outcome = self.outcomes.pop(0) if self.outcomes else None
        if outcome is not None:
            raise outcome
        return Transcript("test", 1.0, (), 0.1)


def jobs_of(store: Store, recogniser: Recogniser, clock: VirtualClock) -> TranscriptJobs:
    return TranscriptJobs(store, recogniser, MemoryLog(clock), clock)


async def test_all_that_waits_is_transcribed_in_order() -> None:
    store = Store("r-1", "r-2")
    wait_s = await jobs_of(store, Recogniser(), VirtualClock()).work_off()
    assert store.saved == ["r-1", "r-2"]
    assert wait_s == LOOK_EVERY_S


async def test_a_failure_is_tried_again_later_and_then_given_up() -> None:
    clock = VirtualClock()
    store = Store("r-1")
    jobs = jobs_of(store, Recogniser(*[Line400Error("broken")] * 3), clock)
    assert await jobs.work_off() == RETRY_AFTER_S[0]
    assert await jobs.work_off() == RETRY_AFTER_S[0]  # not yet due
    clock.advance(RETRY_AFTER_S[0])
    assert await jobs.work_off() == LOOK_EVERY_S  # the next look comes before the next try
    clock.advance(RETRY_AFTER_S[1])
    await jobs.work_off()
    assert store.failures == [("r-1", "broken", False), ("r-1", "broken", False), ("r-1", "broken", True)]
    assert await jobs.work_off() == LOOK_EVERY_S


async def test_one_bad_recording_does_not_hold_up_the_next() -> None:
    store = Store("r-1", "r-2")
    await jobs_of(store, Recogniser(OSError("gone")), VirtualClock()).work_off()
    assert store.saved == ["r-2"]
    assert store.failures == [("r-1", "gone", False)]


async def test_without_a_recogniser_nothing_counts_as_failed() -> None:
    store = Store("r-1", "r-2")
    recogniser = Recogniser(Unavailable("no worker"))
    assert await jobs_of(store, recogniser, VirtualClock()).work_off() == AWAY_PAUSE_S
    assert recogniser.asked == ["r-1"]
    assert not store.failures


async def test_waking_starts_work_at_once() -> None:
    store = Store()
    jobs = jobs_of(store, Recogniser(), VirtualClock())
    running = asyncio.create_task(jobs.run())
    for _ in range(3):
        await asyncio.sleep(0)
    store.jobs = Store("r-9").jobs
    jobs.wake()
    for _ in range(10):
        await asyncio.sleep(0)
    assert store.saved == ["r-9"]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

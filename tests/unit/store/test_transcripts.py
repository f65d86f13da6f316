"""Transcripts: queue, result and failure, each together with its fact; search in what was said."""

from asr.facts import TranscriptFailed, TranscriptReady
from asr.protocol import Segment, Transcript, Word
from store.rows import CallFilter
from store.store import Store
from telephony.facts import CallStarted, RecordingFinished, RecordingStarted
from tests.unit.store.conftest import Desk

SAID = Transcript(
    engine="faster-whisper/whisper-base",
    duration_s=9.5,
    segments=(
        Segment("caller", 0.5, 1.5, "我要保养", (Word("我要", 0.5, 1.0, 0.9), Word("保养", 1.0, 1.5, 0.8))),
        Segment("agent", 2.0, 3.0, "好的", ()),
    ),
    took_s=2.5,
)


async def record(store: Store, number: int) -> None:
    store.log.post(f"c-{number}", CallStarted("inbound", "", ""))
    store.log.post(f"c-{number}", RecordingStarted(f"r-{number}", f"day/r-{number}.wav", "caller", "agent"))
    await store.log.flush()


async def test_a_finished_recording_waits_for_its_transcript(desk: Desk, store: Store) -> None:
    await record(store, 1)
    assert await store.transcripts.pending() == ()
    await store.log.commit("c-1", RecordingFinished("r-1", 9.5))
    (job,) = await store.transcripts.pending()
    assert (job.recording, job.call_id, job.speakers, job.attempts) == ("r-1", "c-1", ("caller", "agent"), 0)
    assert job.path == desk.folder / "recordings" / "day" / "r-1.wav"


async def test_saving_keeps_the_transcript_and_says_so(desk: Desk, store: Store) -> None:
    await record(store, 1)
    await store.log.commit("c-1", RecordingFinished("r-1", 9.5))
    (job,) = await store.transcripts.pending()
    await store.transcripts.save(job, SAID)
    assert desk.heard[-1].fact == TranscriptReady("r-1", SAID.engine, 6, 2.5)
    assert await store.transcripts.get("r-1") == SAID
    assert await store.transcripts.pending() == ()
    detail = await store.calls.get("c-1")
    assert detail is not None
    assert detail.transcripts == {"r-1": SAID}
    assert detail.call.transcription == "ready"
    await store.transcripts.save(job, Transcript("vosk", 9.5, (), 1.0))  # made again with another engine
    assert await store.transcripts.get("r-1") == Transcript("vosk", 9.5, (), 1.0)


async def test_failures_are_counted_until_the_last(desk: Desk, store: Store) -> None:
    await record(store, 1)
    await store.log.commit("c-1", RecordingFinished("r-1", 9.5))
    for attempts in (0, 1):
        (job,) = await store.transcripts.pending()
        assert job.attempts == attempts
        await store.transcripts.fail(job, "no such file", final=attempts == 1)
    assert desk.heard[-1].fact == TranscriptFailed("r-1", "no such file", True)
    assert await store.transcripts.pending() == ()
    recording = await store.calls.recording("r-1")
    assert recording is not None
    assert (recording.transcription, recording.why) == ("failed", "no such file")


async def test_calls_are_found_by_what_was_said(store: Store) -> None:
    for number in (1, 2):
        await record(store, number)
        await store.log.commit(f"c-{number}", RecordingFinished(f"r-{number}", 9.5))
    job, _ = await store.transcripts.pending()
    await store.transcripts.save(job, SAID)
    found = await store.calls.list(CallFilter(text="保养"))
    assert [call.id for call in found.calls] == ["c-1"]
    assert (await store.calls.list(CallFilter(text="%"))).total == 0

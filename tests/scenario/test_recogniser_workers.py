"""Real recogniser worker processes that work, crash, hang and are stopped; calls notice no more than silence."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from archive.keys import load_or_make_key
from archive.pack import PackOrder, pack
from asr.ears import RecogniserPool
from asr.process import WorkerRules
from asr.protocol import Heard, Hearing, Listening, NothingHeard, SoundsLike, SpeechStarted
from core.audio import FRAME_SAMPLES
from core.errors import Line400Error, Unavailable
from core.tap import TapFrame, pack_tap
from tests.scenario.speech import prompt, send_tap, silence, write_stereo

ENGINE = "tests.scenario.asr_scripted:make"
QUICK = WorkerRules(ping_every_s=0.1, silent_s=1.0, stuck_s=1.0)


@pytest.fixture(autouse=True)
def _find_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2]))


@asynccontextmanager
async def pool(
    model: Path,
    *,
    live: int = 1,
    batch: int = 0,
    answer_s: float = 8.0,
    key_file: Path | None = None,
    rules: WorkerRules = QUICK,
) -> AsyncIterator[RecogniserPool]:
    made = RecogniserPool(
        ENGINE,
        model,
        live_workers=live,
        batch_workers=batch,
        key_file=key_file,
        answer_s=answer_s,
        live_rules=rules,
        batch_rules=QUICK,
    )
    await made.start()
    try:
        yield made
    finally:
        await made.close()


async def hear(listening: Listening, within_s: float = 10.0) -> list[Hearing]:
    """All that is heard, to the end."""
    heard: list[Hearing] = []
    async with asyncio.timeout(within_s):
        while not heard or isinstance(heard[-1], SpeechStarted):
            heard.append(await listening.next())
    await listening.close()
    return heard


async def ready_again(recognisers: RecogniserPool, wanted: tuple[int, int]) -> None:
    async with asyncio.timeout(10):
        while recognisers.workers != wanted:  # noqa: ASYNC110 - the pool tells nobody, and should not for a test
            await asyncio.sleep(0.05)


def live_pid(recognisers: RecogniserPool) -> int:
    [slot] = recognisers._live
    assert slot.worker is not None
    return slot.worker.pid


async def test_an_utterance_is_heard_and_the_speaker_interrupts(tmp_path: Path) -> None:
    async with pool(tmp_path / "echo") as recognisers:
        assert recognisers.engine == "scripted/echo"
        listening = await recognisers.listen(("转人工",), no_speech_s=5, max_s=10)
        audio = np.concatenate((silence(1.0), prompt("please_wait"), silence(1.5)))
        await send_tap(listening.tap, audio)
        started, heard = await hear(listening)
        assert started == SpeechStarted()
        assert isinstance(heard, Heard)
        assert heard.text == "转人工"
        assert 1.0 < heard.words[0].end_s < 3.0  # the speech, some audio before it and the pause that ended it


async def test_who_follows_an_utterance_is_told_what_it_sounds_like_meanwhile(tmp_path: Path) -> None:
    async with pool(tmp_path / "echo") as recognisers:
        following = await recognisers.follow((), every_s=1.0, no_speech_s=5, max_s=10)
        await send_tap(following.tap, np.concatenate((prompt("menu_main")[: 5 * 8000], silence(1.5))))
        heard: list[Hearing | SoundsLike] = []
        async with asyncio.timeout(10):
            while not heard or isinstance(heard[-1], SpeechStarted | SoundsLike):
                heard.append(await following.next_said())
        await following.close()
        assert heard[0] == SpeechStarted()
        assert isinstance(heard[-1], Heard)
        assert heard[1:-1]  # how often depends on how fast the machine is
        assert {said.text for said in heard[1:-1] if isinstance(said, SoundsLike)} == {"转人工"}
        again = await recognisers.follow((), every_s=1.0, no_speech_s=5, max_s=10)
        await send_tap(again.tap, np.concatenate((prompt("please_wait"), silence(1.5))))
        assert isinstance((await hear(again))[-1], Heard)  # who does not care passes over them


async def test_silence_is_no_speech_and_never_reaches_the_engine(tmp_path: Path) -> None:
    async with pool(tmp_path / "crash") as recognisers:
        listening = await recognisers.listen((), no_speech_s=2, max_s=10)
        noise = np.random.default_rng(4).normal(0, 60, 3 * 8000).astype(np.int16)
        await send_tap(listening.tap, noise)
        assert await hear(listening) == [NothingHeard("silence")]


async def test_a_tap_that_stops_sending_counts_as_silence(tmp_path: Path) -> None:
    async with pool(tmp_path / "echo") as recognisers:
        listening = await recognisers.listen((), no_speech_s=1, max_s=10)
        await send_tap(listening.tap, silence(0.2))
        assert await hear(listening) == [NothingHeard("silence")]


async def test_a_tap_that_ends_within_speech_is_understood(tmp_path: Path) -> None:
    async with pool(tmp_path / "echo") as recognisers:
        listening = await recognisers.listen((), no_speech_s=5, max_s=10)
        await send_tap(listening.tap, prompt("welcome")[:12000], end=True)
        assert isinstance((await hear(listening))[-1], Heard)


async def test_a_long_utterance_is_cut(tmp_path: Path) -> None:
    async with pool(tmp_path / "echo") as recognisers:
        listening = await recognisers.listen((), no_speech_s=5, max_s=3)
        await send_tap(listening.tap, prompt("menu_main")[: 6 * 8000])
        last = (await hear(listening))[-1]
        assert isinstance(last, Heard)
        assert last.words[0].end_s == pytest.approx(3.3, abs=0.2)


async def test_a_crash_is_unavailable_and_the_next_worker_serves(tmp_path: Path) -> None:
    async with pool(tmp_path / "crash-once") as recognisers:
        audio = np.concatenate((prompt("please_wait"), silence(1.5)))
        listening = await recognisers.listen((), no_speech_s=5, max_s=10)
        await send_tap(listening.tap, audio)
        assert await hear(listening) == [SpeechStarted(), NothingHeard("unavailable")]
        await ready_again(recognisers, (1, 0))
        listening = await recognisers.listen((), no_speech_s=5, max_s=10)
        await send_tap(listening.tap, audio)
        assert isinstance((await hear(listening))[-1], Heard)


async def test_a_hung_recogniser_is_given_up_and_replaced(tmp_path: Path) -> None:
    async with pool(tmp_path / "hang", answer_s=0.3) as recognisers:
        pid = live_pid(recognisers)
        listening = await recognisers.listen((), no_speech_s=5, max_s=10)
        await send_tap(listening.tap, np.concatenate((prompt("please_wait"), silence(1.5))))
        assert (await hear(listening, within_s=3))[-1] == NothingHeard("unavailable")
        await ready_again(recognisers, (0, 0))
        await ready_again(recognisers, (1, 0))
        assert live_pid(recognisers) != pid


async def test_a_stopped_process_is_noticed(tmp_path: Path) -> None:
    async with pool(tmp_path / "echo") as recognisers:
        listening = await recognisers.listen((), no_speech_s=0, max_s=10)
        pid = live_pid(recognisers)
        os.kill(pid, signal.SIGSTOP)
        assert await hear(listening) == [NothingHeard("unavailable")]
        await ready_again(recognisers, (1, 0))
        assert live_pid(recognisers) != pid


async def test_what_a_slow_recogniser_does_not_take_is_lost_and_counted_and_nobody_waits(tmp_path: Path) -> None:
    """Stopped for a moment, its socket fills up: the sender goes on as if nothing had happened."""
    sent, hush = 6000, silence(FRAME_SAMPLES / 8000)
    async with pool(tmp_path / "echo", rules=WorkerRules(ping_every_s=0.1)) as recognisers:
        listening = await recognisers.listen((), no_speech_s=0, max_s=10)
        await send_tap(listening.tap, silence(0.2))
        pid, target = live_pid(recognisers), listening.tap
        os.kill(pid, signal.SIGSTOP)
        try:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                sender.setblocking(False)
                for number in range(10, sent):
                    frame = TapFrame(target.stream, number, number * FRAME_SAMPLES, hush)
                    sender.sendto(pack_tap(frame), (target.host, target.port))
                os.kill(pid, signal.SIGCONT)
                async with asyncio.timeout(10):
                    while not recognisers.datagrams_lost:
                        frame = TapFrame(target.stream, sent, sent * FRAME_SAMPLES, hush)
                        sender.sendto(pack_tap(frame), (target.host, target.port))  # it shows the gap before it
                        await asyncio.sleep(0.05)
        finally:
            os.kill(pid, signal.SIGCONT)
        assert 0 < recognisers.datagrams_lost < sent
        assert live_pid(recognisers) == pid
        await listening.close()


async def test_without_a_live_worker_listening_is_unavailable(tmp_path: Path) -> None:
    async with pool(tmp_path / "echo", live=0, batch=1) as recognisers:
        with pytest.raises(Unavailable):
            await recognisers.listen((), no_speech_s=5, max_s=10)


async def test_a_pool_without_its_engine_says_so(tmp_path: Path) -> None:
    recognisers = RecogniserPool("whisper", tmp_path / "nothing", live_workers=1, batch_workers=0)
    with pytest.raises(Unavailable):
        await recognisers.start()


async def test_both_channels_are_transcribed_in_time_order(tmp_path: Path) -> None:
    caller = np.concatenate((silence(1), prompt("please_wait"), silence(4), prompt("goodbye"), silence(1)))
    agent = np.concatenate((silence(3.2), prompt("transferring"), silence(1)))
    path = write_stereo(tmp_path / "call.wav", caller, agent)
    async with pool(tmp_path / "echo", live=0, batch=1) as recognisers:
        transcript = await recognisers.transcribe(path, ("caller", "agent"))
    assert transcript.engine == "scripted/echo"
    assert transcript.duration_s == pytest.approx(max(caller.size, agent.size) / 8000)
    assert transcript.segments[0].speaker == "caller"
    assert {segment.speaker for segment in transcript.segments} == {"caller", "agent"}
    starts = [segment.start_s for segment in transcript.segments]
    assert starts == sorted(starts)
    assert starts[0] == pytest.approx(1.1, abs=0.25)
    for segment in transcript.segments:
        assert segment.words[0].start_s == pytest.approx(segment.start_s, abs=0.35)


async def test_a_sealed_recording_is_transcribed_under_the_name_that_it_was_queued_by(tmp_path: Path) -> None:
    path = write_stereo(tmp_path / "call.wav", np.concatenate((silence(1), prompt("please_wait"))), silence(1))
    key_file = tmp_path / "recordings.key"
    load_or_make_key(key_file)
    pack(PackOrder(str(path), "flac", str(key_file)))
    path.unlink()
    async with pool(tmp_path / "echo", live=0, batch=1, key_file=key_file) as recognisers:
        transcript = await recognisers.transcribe(path, ("caller", "agent"))
        assert [segment.speaker for segment in transcript.segments] == ["caller"]
        key_file.unlink()
        with pytest.raises(Line400Error, match="key of the recordings is missing"):
            await recognisers.transcribe(path, ("caller", "agent"))


async def test_a_recording_that_kills_one_worker_goes_to_the_next(tmp_path: Path) -> None:
    path = write_stereo(tmp_path / "call.wav", prompt("welcome"), silence(1))
    async with pool(tmp_path / "crash-once", live=0, batch=1) as recognisers:
        assert (await recognisers.transcribe(path, ("caller", "agent"))).segments


async def test_a_recording_that_kills_every_worker_fails_for_good(tmp_path: Path) -> None:
    path = write_stereo(tmp_path / "call.wav", prompt("welcome"), silence(1))
    async with pool(tmp_path / "crash", live=0, batch=1) as recognisers:
        with pytest.raises(Line400Error, match="lost over this recording"):
            await recognisers.transcribe(path, ("caller", "agent"))


async def test_a_file_that_is_no_recording_fails_without_harm(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    path.write_bytes(b"no wave")
    async with pool(tmp_path / "echo", live=0, batch=1) as recognisers:
        with pytest.raises(Line400Error, match="not a recording"):
            await recognisers.transcribe(path, ("caller", "agent"))
        assert recognisers.workers == (0, 1)


async def test_live_speech_does_not_wait_for_recordings(tmp_path: Path) -> None:
    path = write_stereo(tmp_path / "call.wav", prompt("welcome"), silence(1))
    async with pool(tmp_path / "slow", batch=1) as recognisers:
        backlog = [asyncio.create_task(recognisers.transcribe(path, ("caller", "agent"))) for _ in range(8)]
        listening = await recognisers.listen((), no_speech_s=5, max_s=10)
        await send_tap(listening.tap, np.concatenate((prompt("please_wait"), silence(1.5))))
        assert isinstance((await hear(listening, within_s=4))[-1], Heard)
        assert not all(task.done() for task in backlog)
        for task in backlog:
            task.cancel()
        await asyncio.gather(*backlog, return_exceptions=True)


async def test_workers_end_with_their_pool(tmp_path: Path) -> None:
    async with pool(tmp_path / "echo") as recognisers:
        pid = live_pid(recognisers)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)

"""Real speech through real workers with the real model: a live choice, and a recording of two people."""

import wave
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from asr.ears import RecogniserPool
from asr.phrases import nearest
from asr.protocol import Heard, SpeechStarted
from asr.text import cer
from core.audio import Pcm
from tests.models import need_whisper
from tests.scenario.speech import send_tap, silence, write_stereo
from tests.shared import need_shared

MENU = {"service": ("预约保养", "保养", "维修"), "tradein": ("旧车置换", "置换补贴"), "agent": ("人工服务", "转人工")}


def clip(name: str) -> Pcm:
    with wave.open(str(need_shared("audio", *name.split("/"))), "rb") as file:
        return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(np.int16)


@pytest.fixture
async def pool() -> AsyncIterator[RecogniserPool]:
    found = need_whisper()
    made = RecogniserPool(found.engine, found.path)
    await made.start()
    yield made
    await made.close()


@pytest.mark.slow
async def test_a_caller_is_understood_and_both_sides_are_written_down(pool: RecogniserPool, tmp_path: Path) -> None:
    phrases = tuple(phrase for group in MENU.values() for phrase in group)
    listening = await pool.listen(phrases, no_speech_s=5, max_s=10)
    await send_tap(listening.tap, np.concatenate((silence(0.6), clip("callers/tradein_2.zf_xiaoyi.wav"), silence(1.2))))
    assert await listening.next() == SpeechStarted()
    heard = await listening.next()
    await listening.close()
    assert isinstance(heard, Heard)
    match = nearest(heard.text, MENU)
    assert match is not None
    assert match.choice == "tradein"

    question, answer = clip("callers/service_1.zm_yunxi.wav"), clip("agents/book.zf_xiaoxiao.wav")
    reply_at_s = 0.5 + question.size / 8000 + 1.0
    path = write_stereo(
        tmp_path / "call.wav",
        np.concatenate((silence(0.5), question, silence(6))),
        np.concatenate((silence(reply_at_s), answer)),
    )
    transcript = await pool.transcribe(path, ("caller", "agent"))
    caller = "".join(segment.text for segment in transcript.segments if segment.speaker == "caller")
    agent = "".join(segment.text for segment in transcript.segments if segment.speaker == "agent")
    assert cer("我想预约这个星期六上午的保养，车跑了三万公里了。", caller) < 0.25
    assert cer("好的，已经为您预约了星期六上午九点，请您准时到店。", agent) < 0.25
    first_of_agent = next(segment for segment in transcript.segments if segment.speaker == "agent")
    assert first_of_agent.start_s == pytest.approx(reply_at_s + 0.1, abs=0.3)
    for segment in transcript.segments:
        for word in segment.words:
            assert segment.start_s - 0.01 <= word.start_s <= word.end_s <= segment.end_s + 0.5

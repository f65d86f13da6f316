"""A tap's datagrams to an utterance, with the real voice activity model and prompts that ship with the product."""

import numpy as np
import pytest

from asr.stream import (
    NO_AUDIO_S,
    GaveUp,
    LiveStream,
    Speech,
    SpeechBegan,
    SpeechOver,
    SpeechPaused,
    SpeechResumed,
    StreamEvent,
)
from core.audio import FRAME_SAMPLES, Pcm
from core.tap import TapFrame
from tests.scenario.speech import prompt, silence


def frames(audio: Pcm, first: int = 0) -> list[TapFrame]:
    return [
        TapFrame(1, number, first + start, audio[start : start + FRAME_SAMPLES])
        for number, start in enumerate(range(0, audio.size, FRAME_SAMPLES))
    ]


def run(stream: LiveStream, given: list[TapFrame]) -> list[StreamEvent]:
    events: list[StreamEvent] = []
    for number, frame in enumerate(given):
        events += stream.accept(frame, number * 0.02)
    return events


def spoken(events: list[StreamEvent]) -> Pcm:
    return np.concatenate([event.audio for event in events if isinstance(event, Speech)])


CALL = np.concatenate((silence(1), prompt("please_wait"), silence(1.5)))


def test_an_utterance_with_what_came_before_it() -> None:
    events = run(LiveStream(0.0, no_speech_s=5, max_s=10), frames(CALL, first=4000))
    assert isinstance(events[0], SpeechBegan)
    assert isinstance(events[-1], SpeechOver)
    audio = spoken(events)
    start = next(at for at in range(CALL.size) if np.array_equal(CALL[at : at + audio.size], audio))
    assert 8000 - 4000 < start < 8000 + 800  # up to half a second before the first sound


def test_loss_reordering_and_doubles_do_not_move_the_clock() -> None:
    whole = frames(CALL)
    broken = [frame for number, frame in enumerate(whole) if number % 10 != 3]
    broken[20], broken[21] = broken[21], broken[20]
    broken.insert(30, broken[28])
    kept = spoken(run(LiveStream(0.0, no_speech_s=5, max_s=10), broken))
    plain = spoken(run(LiveStream(0.0, no_speech_s=5, max_s=10), whole))
    assert kept.size == pytest.approx(plain.size, abs=8 * 256)


def test_datagrams_that_do_not_come_are_counted() -> None:
    whole = frames(silence(2))
    stream = LiveStream(0.0, no_speech_s=0, max_s=10)
    run(stream, [frame for frame in whole if frame.sequence % 10 != 3])
    assert stream.lost == 10
    late = LiveStream(0.0, no_speech_s=0, max_s=10)
    run(late, [*whole[2:6], whole[7], whole[6], *whole[7:20]])  # two at the beginning, one that comes too late
    assert late.lost == 3
    doubled = LiveStream(0.0, no_speech_s=0, max_s=10)
    run(doubled, [frame for frame in whole for _ in range(2)])
    assert doubled.lost == 0


def test_silence_ends_after_the_time_given() -> None:
    stream = LiveStream(0.0, no_speech_s=1, max_s=10)
    given = frames(silence(3))
    events = run(stream, given)
    assert events == [GaveUp("silence")]
    assert stream.done
    assert run(stream, given) == []


def test_no_limit_waits_on() -> None:
    assert run(LiveStream(0.0, no_speech_s=0, max_s=10), frames(silence(20))) == []


def test_a_tap_that_never_sends_is_given_up() -> None:
    stream = LiveStream(0.0, no_speech_s=1, max_s=10)
    assert stream.on_time(NO_AUDIO_S - 1) == []
    assert stream.on_time(NO_AUDIO_S) == [GaveUp("unavailable")]


def test_a_peer_that_pauses_sending_is_silent_and_may_come_back() -> None:
    stream = LiveStream(0.0, no_speech_s=30, max_s=10)
    run(stream, frames(silence(0.4)))
    for tick in range(1, 11):
        assert stream.on_time(0.4 + tick * 0.1) == []
    later = frames(CALL, first=3200 + 8000)
    events = run(stream, later)
    assert isinstance(events[0], SpeechBegan)
    assert isinstance(events[-1], SpeechOver)


def test_speech_that_stops_with_its_datagrams_is_over() -> None:
    stream = LiveStream(0.0, no_speech_s=30, max_s=10)
    given = frames(prompt("welcome")[:12000])
    run(stream, given)
    now = len(given) * 0.02
    events: list[StreamEvent] = []
    for tick in range(1, 20):
        events += stream.on_time(now + tick * 0.1)
    assert isinstance(events[-1], SpeechOver)


def test_the_end_of_the_tap_ends_the_utterance() -> None:
    stream = LiveStream(0.0, no_speech_s=30, max_s=10)
    run(stream, frames(prompt("welcome")[:12000]))
    end = TapFrame(1, 999, 12000, np.zeros(0, dtype=np.int16))
    assert isinstance(stream.accept(end, 2.0)[-1], SpeechOver)
    quiet = LiveStream(0.0, no_speech_s=30, max_s=10)
    run(quiet, frames(silence(1)))
    assert quiet.accept(end, 2.0) == [GaveUp("silence")]


def test_too_long_an_utterance_is_cut() -> None:
    events = run(LiveStream(0.0, no_speech_s=5, max_s=2), frames(prompt("menu_main")[:40000]))
    assert isinstance(events[-1], SpeechOver)
    assert spoken(events).size / 8000 == pytest.approx(2.0, abs=0.4)


def test_the_end_is_foretold_and_a_breath_is_not_the_end() -> None:
    breath = np.concatenate((silence(1), prompt("please_wait"), silence(0.2), prompt("please_wait"), silence(1.5)))
    events = run(LiveStream(0.0, no_speech_s=5, max_s=10), frames(breath))
    told = [type(event) for event in events if not isinstance(event, Speech)]
    assert told[0] is SpeechBegan
    assert told[-2:] == [SpeechPaused, SpeechOver]
    assert SpeechResumed in told

"""Recordings of talks that others join: on the second channel is what the caller hears of people, to the tone."""

import wave
from pathlib import Path

import numpy as np
import pytest

from telephony.media import commands as c
from telephony.media.codecs import PCMA, PCMU, Law
from telephony.media.heard import HeardTrack
from telephony.media.port import SILENT_DB
from telephony.media.track import Track
from tests.interop.rtp_peer import tone
from tests.unit.telephony.media.engine_bench import Bench, FarEnd

SECOND = 50


def track(hz: float, codec: Law = PCMA, seconds: float = 1.0) -> Track:
    made = Track(codec, 0)
    sound = tone(hz, seconds, 4000)
    for number, frame in enumerate(np.split(sound, len(sound) // 160)):
        made.timeline.put(1, 160 * number, codec.encode(frame), 160 * number)
    return made


def peak_at(samples: np.ndarray, hz: float) -> float:
    return float(abs(np.mean(samples * np.exp(-2j * np.pi * hz * np.arange(len(samples)) / 8000)))) * 2


@pytest.mark.parametrize("codec", [PCMA, PCMU])
def test_alone_it_is_the_track_to_the_bit(codec: Law) -> None:
    own = track(500, codec)
    heard = HeardTrack("caller", "agent", own)
    assert heard.read(0, 3200) == own.timeline.read(0, 3200)
    assert heard.codec is codec


def test_others_come_and_go_to_the_sample() -> None:
    heard = HeardTrack("caller", "agent", track(500, PCMU))
    heard.hear({track(700): 0.0, track(900): -6.0}, 1600)
    heard.hear({track(1100): SILENT_DB}, 4000)
    heard.hear({}, 6400)
    sound = np.concatenate([heard.codec.decode(heard.read(start, start + 800)) for start in range(0, 8000, 800)])
    for start, end, expected in (
        (0, 1600, {500}),
        (1600, 4000, {500, 700, 900}),
        (4000, 6400, {500}),
        (6400, 7200, {500}),
    ):
        part = sound[start:end].astype(float)
        assert {hz for hz in (500, 700, 900, 1100) if peak_at(part, hz) > 200} == expected
    assert peak_at(sound[1600:4000].astype(float), 900) == pytest.approx(2005, rel=0.03)
    assert heard.codec is PCMU, "alone again: as it is"


def recorded(path: Path, hz: list[int]) -> list[list[set[int]]]:
    """For each channel and each second the tones in its second half."""
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2).astype(float)
    return [
        [
            {tone_hz for tone_hz in hz if peak_at(samples[at + 4000 : at + 7200, channel], tone_hz) > 1000}
            for at in range(0, len(samples) - 7999, 8000)
        ]
        for channel in (0, 1)
    ]


def test_who_barges_in_is_on_the_callers_recording_and_who_whispers_is_not(tmp_path: Path) -> None:
    bench = Bench()
    caller, agent, chief = bench.leg("c"), bench.leg("a", "PCMU"), bench.leg("s")
    path = tmp_path / "call.wav"
    bench.engine.do(c.Bridge("c", "a"))
    bench.engine.do(c.Record("r", str(path), "c", "a"))

    def talk() -> None:
        bench.pass_time(SECOND, caller, agent, chief)

    talk()
    bench.engine.do(c.Hear("s", {"c": 0.0, "a": 0.0}))
    bench.engine.do(c.Hear("a", {"c": 0.0, "s": 0.0}))
    talk()
    bench.engine.do(c.Hear("c", {"a": 0.0, "s": 0.0}))
    talk()
    bench.engine.do(c.Level("s", SILENT_DB))
    talk()
    bench.engine.do(c.Level("s"))
    bench.engine.do(c.Unbridge("a"))
    bench.engine.do(c.Bridge("c", "s"))
    agent.sound = iter([np.zeros(160, np.int16)] * SECOND)  # he has nothing more to say
    talk()
    bench.engine.do(c.Close("s"))
    bench.pass_time(SECOND, caller)
    bench.engine.shut_down()
    assert recorded(path, [hz_of(caller), hz_of(agent), hz_of(chief)]) == [
        [{hz_of(caller)}] * 6,
        [{hz_of(agent)}, {hz_of(agent)}, {hz_of(agent), hz_of(chief)}, {hz_of(agent)}, {hz_of(chief)}, set()],
    ]


def hz_of(far_end: FarEnd) -> int:
    return 500 + far_end.port.port % 100 * 100

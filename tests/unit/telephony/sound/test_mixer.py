"""Who hears whom, proved by tones: each seat says one of its own, the spectrum of what it hears tells the others."""

import itertools
import math
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.audio import FRAME_SAMPLES, RATE_HZ, Pcm
from telephony.sound.levels import peak_of
from telephony.sound.mixer import DUCK, MOST_SEATS, Room, Seat

FRAMES = 50
SPACING_HZ = 100


def tone_hz(place: int) -> int:
    return 300 + SPACING_HZ * place


def voice(hz: float, frames: int, peak: float = 1000.0) -> NDArray[np.float32]:
    return (peak * np.sin(2 * np.pi * hz * np.arange(frames * FRAME_SAMPLES) / RATE_HZ)).astype(np.float32)


def run(
    room: Room, voices: NDArray[np.float32], over: Mapping[int, Pcm] | None = None, begin: int = 0
) -> NDArray[np.float64]:
    """Mix ``voices`` (seats, samples) frame by frame; ``over`` plays from the beginning."""
    heard = []
    for start in range(0, voices.shape[1], FRAME_SAMPLES):
        frame = np.ascontiguousarray(voices[:, start : start + FRAME_SAMPLES])
        played = {place: sound[start : start + FRAME_SAMPLES] for place, sound in (over or {}).items()}
        heard.append(room.mix(frame, played))
    return np.concatenate(heard, axis=1)[:, begin * FRAME_SAMPLES :].astype(np.float64)


def peak_at(samples: NDArray[np.float64], hz: float) -> float:
    """The peak of the sine of ``hz`` in whole periods of ``samples``."""
    time = np.arange(len(samples)) / RATE_HZ
    return float(abs(np.mean(samples * np.exp(-2j * np.pi * hz * time)))) * 2


def biggest_step(samples: NDArray[np.float64]) -> float:
    return float(np.abs(np.diff(samples)).max())


def splatter_db(samples: NDArray[np.float64], tones_hz: list[float]) -> float:
    """The loudest thing more than 400 Hz from all tones, against the loudest of all: clicks are broad, gains are not.

    Looked for in windows of 32 ms that overlap by half.
    """
    window = np.hanning(256)
    frequencies = np.fft.rfftfreq(256, 1 / RATE_HZ)
    far = np.all([np.abs(frequencies - hz) > 400 for hz in tones_hz], axis=0)
    spectra = [np.abs(np.fft.rfft(samples[at : at + 256] * window)) for at in range(0, len(samples) - 256, 128)]
    loudest = max(float(spectrum.max()) for spectrum in spectra)
    return 20 * math.log10(max(float(spectrum[far].max()) for spectrum in spectra) / loudest)


def conference(size: int) -> tuple[Room, NDArray[np.float32]]:
    seats = [Seat(f"{place}") for place in range(size)]
    for seat in seats:
        seat.hear({other: 0.0 for other in seats if other is not seat})
    return Room(seats), np.stack([voice(tone_hz(place), FRAMES) for place in range(size)])


@pytest.mark.parametrize("size", [2, 3, 8, 32])
def test_in_a_conference_everyone_hears_all_others_and_not_himself(size: int) -> None:
    room, voices = conference(size)
    heard = run(room, voices, begin=1)
    for listener, speaker in itertools.product(range(size), range(size)):
        peak = peak_at(heard[listener], tone_hz(speaker))
        assert peak == pytest.approx(0.0 if listener == speaker else 1000.0, abs=3.0), (listener, speaker)


def test_a_lone_voice_at_0_db_passes_to_the_last_bit() -> None:
    left, right = Seat(), Seat()
    left.hear({right: 0.0})
    right.hear({left: 0.0})
    voices = np.stack([voice(440, FRAMES, 32000), voice(880, FRAMES, 32000)]).astype(np.int16).astype(np.float32)
    heard = run(Room([left, right]), voices, begin=1)
    assert np.array_equal(heard[0], voices[1, FRAME_SAMPLES:])
    assert np.array_equal(heard[1], voices[0, FRAME_SAMPLES:])


@settings(max_examples=25, deadline=None)
@given(st.dictionaries(st.tuples(st.integers(0, 4), st.integers(0, 4)), st.floats(-30.0, 6.0)))
def test_each_gain_of_the_matrix_is_what_the_spectrum_shows(gains: dict[tuple[int, int], float]) -> None:
    seats = [Seat() for _ in range(5)]
    for place, seat in enumerate(seats):
        seat.hear({seats[source]: gain for (listener, source), gain in gains.items() if listener == place})
    room = Room(seats)
    heard = run(room, np.stack([voice(tone_hz(place), 11) for place in range(5)]), begin=1)
    for listener, source in itertools.product(range(5), range(5)):
        gain = gains.get((listener, source))
        wanted = 0.0 if gain is None or listener == source else 1000.0 * 10 ** (gain / 20)
        assert peak_at(heard[listener], tone_hz(source)) == pytest.approx(wanted, abs=2.0)


def test_supervision_listen_whisper_barge() -> None:
    caller, agent, chief = Seat(), Seat(), Seat()
    caller.hear({agent: 0.0})
    agent.hear({caller: 0.0})
    chief.hear({caller: 0.0, agent: 0.0})
    room = Room([caller, agent, chief])
    voices = np.stack([voice(tone_hz(place), 26) for place in range(3)])

    def who_hears_whom() -> list[set[int]]:
        heard = run(room, voices, begin=1)
        return [{place for place in range(3) if peak_at(row, tone_hz(place)) > 100} for row in heard]

    assert who_hears_whom() == [{1}, {0}, {0, 1}], "listen: nobody hears the supervisor"
    agent.hear({caller: 0.0, chief: 0.0})
    assert who_hears_whom() == [{1}, {0, 2}, {0, 1}], "whisper: the agent alone hears him"
    caller.hear({agent: 0.0, chief: 0.0})
    assert who_hears_whom() == [{1, 2}, {0, 2}, {0, 1}], "barge: all hear all"
    caller.hear({chief: 0.0})
    chief.hear({caller: 0.0})
    agent.hear({})
    assert who_hears_whom() == [{2}, set(), {0}], "take over: the agent is out"


def test_volume_and_mute_hold_for_everybody_else() -> None:
    room, voices = conference(3)
    room.seats[0].level(-6.0)
    room.seats[1].level(-96.0)
    heard = run(room, voices, begin=1)
    assert peak_at(heard[2], tone_hz(0)) == pytest.approx(1000 * 10 ** (-6 / 20), rel=0.01)
    assert peak_at(heard[2], tone_hz(1)) == pytest.approx(0.0, abs=1.0)
    assert peak_at(heard[1], tone_hz(2)) == pytest.approx(1000, rel=0.01), "who is muted still hears"
    room.seats[1].level(0.0)
    assert peak_at(run(room, voices, begin=1)[2], tone_hz(1)) == pytest.approx(1000, rel=0.01)


def test_no_gain_changes_with_a_click() -> None:
    one, other = Seat(), Seat()
    room = Room([one, other])
    voices = np.stack([np.zeros(10 * FRAME_SAMPLES, np.float32), voice(440, 10, 16000)])
    unchanged = biggest_step(voices[1].astype(np.float64))
    changes = [
        lambda: one.hear({other: 0.0}),
        lambda: other.level(-20.0),
        lambda: one.duck(down=True),
        lambda: one.duck(down=False),
        lambda: other.level(0.0),
        lambda: one.hear({other: -10.0}),
        lambda: one.hear({}),
    ]
    heard = []
    for change in changes:
        heard.append(run(room, voices)[0])
        change()
    heard.append(run(room, voices)[0])
    together = np.concatenate(heard)
    assert biggest_step(together) <= unchanged * 1.05
    assert splatter_db(together, [440]) < -60.0


def test_a_new_room_of_the_same_seats_goes_on_where_the_old_one_was() -> None:
    one, two, three = Seat(), Seat(), Seat()
    one.hear({two: 0.0})
    voices = np.stack([voice(tone_hz(place), 10, 8000) for place in range(3)])
    before = run(Room([one, two]), voices[:2])[0]
    one.hear({two: 0.0, three: 0.0})
    bigger = Room([three, one, two])
    after = run(bigger, voices[[2, 0, 1]])[1]
    assert biggest_step(np.concatenate([before, after])) <= 8000 * 2 * np.pi * (tone_hz(1) + tone_hz(2)) / RATE_HZ
    assert splatter_db(np.concatenate([before, after]), [tone_hz(1), tone_hz(2)]) < -55.0


def test_what_plays_over_a_leg_is_heard_by_it_alone_and_lowers_what_it_hears() -> None:
    room, voices = conference(3)
    room.seats[0].duck(down=True)
    news = voice(2000, FRAMES, 5000).astype(np.int16)
    heard = run(room, voices, over={0: news}, begin=1)
    assert peak_at(heard[0], 2000) == pytest.approx(5000, rel=0.01)
    assert peak_at(heard[0], tone_hz(1)) == pytest.approx(1000 * DUCK, rel=0.02)
    assert 20 * math.log10(DUCK) == pytest.approx(-12.0)
    for other in (1, 2):
        assert peak_at(heard[other], 2000) == pytest.approx(0.0, abs=1.0)
        assert peak_at(heard[other], tone_hz(0)) == pytest.approx(1000, rel=0.01)


def test_many_loud_voices_are_made_softer_and_not_torn() -> None:
    room, _ = conference(8)
    voices = np.stack([voice(tone_hz(place), FRAMES, 12000) for place in range(8)])
    silence = np.zeros((8, FRAMES * FRAME_SAMPLES), np.float32)
    alone = np.concatenate([silence[:1], voice(440, FRAMES, 12000)[None], silence[:6]])
    heard = np.concatenate([run(room, part) for part in (alone, voices, alone)], axis=1)[0]
    assert np.abs(heard).max() <= 32000
    loud = heard[FRAMES * FRAME_SAMPLES :][FRAME_SAMPLES : FRAMES * FRAME_SAMPLES]
    assert splatter_db(loud, [float(tone_hz(place)) for place in range(1, 8)]) < -40.0
    last = heard[-FRAME_SAMPLES * 10 :]
    assert peak_at(last, 440) == pytest.approx(12000, rel=0.01), "it has recovered"


def test_automatic_gain_brings_quiet_and_loud_speech_together() -> None:
    listener, quiet, loud = Seat(), Seat(), Seat()
    listener.hear({quiet: 0.0})
    quiet.level(0.0, automatic=True)
    loud.level(0.0, automatic=True)
    room = Room([listener, quiet, loud])
    voices = np.zeros((3, 600 * FRAME_SAMPLES), np.float32)
    voices[1] = speech(-29.0, 600)
    voices[2] = speech(-12.0, 600)
    before = run(room, voices)[0][-100 * FRAME_SAMPLES :]
    listener.hear({loud: 0.0})
    after = run(room, voices)[0][-100 * FRAME_SAMPLES :]
    difference = 10 * math.log10(np.mean(after**2) / np.mean(before**2))
    assert abs(difference) < 2.0


def speech(level_dbm0: float, frames: int) -> NDArray[np.float32]:
    """A 300 Hz buzz in syllables, four a second, half of the time silent."""
    time = np.arange(frames * FRAME_SAMPLES) / RATE_HZ
    syllables = np.clip(2 * np.sin(2 * np.pi * 4 * time), 0.0, 1.0)
    return (peak_of(level_dbm0) * np.sin(2 * np.pi * 300 * time) * syllables).astype(np.float32)


def test_a_room_has_its_bounds() -> None:
    Room([Seat() for _ in range(MOST_SEATS)])
    with pytest.raises(ValueError, match="seats"):
        Room([Seat() for _ in range(MOST_SEATS + 1)])

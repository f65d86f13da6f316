"""Keys heard as tones: what ITU-T Q.24 wants taken and refused, and what speech and music must not set off."""

import numpy as np
import pytest

from core.audio import RATE_HZ
from telephony.sound.detect import Listener
from telephony.sound.dtmf import LAYOUT, KeyHeard
from tests.unit.telephony.sound.signals import (
    Wave,
    faster,
    hold_music,
    key_wave,
    noise,
    shared_speech,
    silence,
    through_line,
)


def heard(signal: Wave, *, snr_db: float | None = None) -> list[KeyHeard]:
    if snr_db is not None:
        power = np.mean(signal[signal != 0.0] ** 2) / 10 ** (snr_db / 10)
        signal = signal + np.random.default_rng(3).normal(0.0, np.sqrt(power), len(signal))
    listener = Listener(["dtmf"])
    presses = [*listener.take(through_line(signal)), *listener.end()]
    return [press for press in presses if isinstance(press, KeyHeard)]


def all_keys(ms: float = 50, pause_ms: float = 50, **shape: float) -> Wave:
    parts = [silence(0.1)]
    for place, key in enumerate(LAYOUT):
        parts += [key_wave(key, ms, phase=0.7 * place, **shape), silence((pause_ms + 0.3 * place) / 1000)]
    return np.concatenate([*parts, silence(0.1)])


def digits(presses: list[KeyHeard]) -> str:
    return "".join(press.key for press in presses)


@pytest.mark.parametrize("ms", [40, 50, 100, 500])
def test_every_key_is_heard_once_with_its_length(ms: float) -> None:
    presses = heard(all_keys(ms))
    assert digits(presses) == LAYOUT
    assert [press.duration_ms for press in presses] == pytest.approx([ms] * 16, abs=8)


def test_when_it_began_is_known_to_5_ms() -> None:
    (press,) = heard(np.concatenate([silence(0.4321), key_wave("5", 80), silence(0.2)]))
    assert press.began / RATE_HZ == pytest.approx(0.4321, abs=0.006)


@pytest.mark.parametrize("off", [-0.015, 0.015])
def test_frequencies_1_5_percent_off_are_taken(off: float) -> None:
    assert digits(heard(all_keys(40, off=off), snr_db=15)) == LAYOUT


@pytest.mark.parametrize("off", [-0.035, 0.035])
def test_frequencies_3_5_percent_off_are_refused(off: float) -> None:
    assert heard(all_keys(100, off=off)) == []


@pytest.mark.parametrize("twist_db", [-8.0, -4.0, 0.0, 4.0])
def test_twist_up_to_plus_4_and_minus_8_db_is_taken(twist_db: float) -> None:
    assert digits(heard(all_keys(40, twist_db=twist_db), snr_db=15)) == LAYOUT


@pytest.mark.parametrize("low_dbm0", [0.0, -10.0, -25.0, -30.0])
def test_levels_from_0_to_minus_25_dbm0_and_less_are_taken(low_dbm0: float) -> None:
    assert digits(heard(all_keys(40, low_dbm0=low_dbm0, twist_db=0.0), snr_db=15)) == LAYOUT


def test_what_is_below_minus_40_dbm0_is_no_key() -> None:
    assert heard(all_keys(100, low_dbm0=-41.0)) == []


def test_20_ms_are_too_short() -> None:
    assert heard(all_keys(20)) == []


def test_a_gap_of_10_ms_does_not_part_a_press_and_one_of_40_ms_does() -> None:
    for key in LAYOUT:
        split = [
            heard(np.concatenate([silence(0.1), key_wave(key, 60), silence(gap), key_wave(key, 60), silence(0.2)]))
            for gap in (0.01, 0.04)
        ]
        assert [digits(presses) for presses in split] == [key, key + key]
        assert split[0][0].duration_ms == pytest.approx(130, abs=10)


def test_a_key_held_for_a_minute_is_one_press() -> None:
    (press,) = heard(np.concatenate([silence(0.1), key_wave("7", 60_000), silence(0.2)]))
    assert press.duration_ms == pytest.approx(60_000, abs=20)


def test_a_key_that_is_down_at_the_end_of_the_stream_is_told_by_end() -> None:
    listener = Listener(["dtmf"])
    assert listener.take(through_line(np.concatenate([silence(0.1), key_wave("#", 80)]))) == []
    assert digits([press for press in listener.end() if isinstance(press, KeyHeard)]) == "#"


def test_one_key_right_after_another_without_a_pause_is_two() -> None:
    assert digits(heard(np.concatenate([silence(0.1), key_wave("1", 80), key_wave("9", 80), silence(0.2)]))) == "19"


def test_keys_in_the_noise_of_a_bad_line() -> None:
    for snr_db in (20.0, 15.0, 12.0):
        assert digits(heard(all_keys(50), snr_db=snr_db)) == LAYOUT


def test_noise_and_single_tones_are_no_keys() -> None:
    assert heard(noise(20.0, -15.0)) == []
    for hz in (697.0, 941.0, 1209.0, 1633.0):
        row = np.sin(2 * np.pi * hz * np.arange(8000) / RATE_HZ) * 8000
        assert heard(np.concatenate([silence(0.1), row, silence(0.1)])) == []


@pytest.mark.parametrize("speed", [1.0, 0.85, 1.3])
def test_talk_off_no_speech_sets_off_a_key(speed: float) -> None:
    """All shared speech (over 13 minutes), also as slower and faster voices."""
    listener = Listener(["dtmf"])
    speech = np.concatenate([faster(clip, speed) if speed != 1.0 else clip for clip in shared_speech()])
    assert len(speech) / RATE_HZ > 600
    assert [*listener.take(speech), *listener.end()] == []


def test_hold_music_sets_off_no_key() -> None:
    assert Listener(["dtmf"]).take(hold_music()) == []


def test_keys_over_quiet_speech_of_someone_else_are_heard() -> None:
    """Echo of a prompt 20 dB below the keys."""
    speech = np.concatenate(shared_speech()[:40])[: 10 * RATE_HZ].astype(float)
    keys = np.resize(all_keys(80, 120), len(speech))
    echo = speech * (np.sqrt(np.mean(keys[keys != 0] ** 2)) / 10 / np.sqrt(np.mean(speech**2)))
    expected = digits(heard(keys))
    assert digits(heard(keys + echo)) == expected

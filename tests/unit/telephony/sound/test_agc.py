import numpy as np
import pytest
import soundfile

from telephony.sound.agc import MOST_DB, TARGET_DBM0, AutomaticGain
from telephony.sound.levels import dbm0_of, power_of
from telephony.sound.resample import Resampler
from tests.shared import need_shared

SYLLABLE = 12  # frames: 6 spoken, 6 silent


def speak(gain: AutomaticGain, level_dbm0: float, frames: int, noise_dbm0: float = -70.0) -> list[float]:
    """Syllables at ``level_dbm0`` over steady noise; the gain after each frame."""
    return [
        gain.feed(power_of(level_dbm0) + power_of(noise_dbm0) if frame % SYLLABLE < 6 else power_of(noise_dbm0))
        for frame in range(frames)
    ]


@pytest.mark.parametrize("level_dbm0", [-31.0, -25.0, -20.0, -15.0, -9.0])
def test_speech_comes_to_the_target(level_dbm0: float) -> None:
    gain = AutomaticGain()
    speak(gain, level_dbm0, 1000)
    assert level_dbm0 + gain.gain_db == pytest.approx(TARGET_DBM0, abs=1.0)


@pytest.mark.parametrize("level_dbm0", [-45.0, 0.0])
def test_it_stays_within_its_bounds(level_dbm0: float) -> None:
    gain = AutomaticGain()
    gains = speak(gain, level_dbm0, 2000)
    assert max(map(abs, gains)) <= MOST_DB
    assert abs(gain.gain_db) == pytest.approx(MOST_DB, abs=0.1)


def test_steady_noise_is_never_pumped_up() -> None:
    gain = AutomaticGain()
    chance = np.random.default_rng(1)
    for level in chance.normal(-40.0, 0.7, 3000):  # a frame of white noise varies by about this much
        gain.feed(power_of(float(level)))
    assert gain.gain_db == 0.0


def test_noise_that_begins_after_silence_moves_it_little() -> None:
    gain = AutomaticGain()
    for level in [-96.0] * 200 + [-40.0] * 3000:
        gain.feed(power_of(level))
    assert gain.gain_db < 2.5


def test_in_a_pause_the_gain_stays() -> None:
    gain = AutomaticGain()
    speak(gain, -28.0, 1000)
    before = gain.gain_db
    for _ in range(1000):
        gain.feed(power_of(-55.0))
    assert gain.gain_db == before


def test_it_moves_slowly() -> None:
    gain = AutomaticGain()
    gains = [0.0, *speak(gain, -30.0, 500), *speak(gain, -8.0, 500)]
    steps = np.diff(gains)
    assert steps.max() <= 0.0601
    assert steps.min() >= -0.1801
    assert not any(gains[:15]), "not before 0.3 s of speech"


@pytest.mark.parametrize("level_dbm0", [-32.0, -26.0, -14.0])
def test_recorded_speech_comes_to_the_target(level_dbm0: float) -> None:
    samples, rate_hz = soundfile.read(need_shared("audio", "callers", "reason_bad.zm_yunjian.wav"), dtype="int16")
    spoken = Resampler(rate_hz, 8000).feed(samples[: len(samples) // 48 * 48]).astype(float)
    powers = np.mean(spoken[: len(spoken) // 160 * 160].reshape(-1, 160) ** 2, axis=1)
    active_dbm0 = dbm0_of(float(powers[powers > powers.max() / 300].mean()))
    gain = AutomaticGain()
    for power in np.tile(powers, 3) * 10 ** ((level_dbm0 - active_dbm0) / 10):
        gain.feed(float(power))
    assert level_dbm0 + gain.gain_db == pytest.approx(TARGET_DBM0, abs=1.5)

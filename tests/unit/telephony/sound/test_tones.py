"""China's tones as they are made: frequency, level, cadence, and no click at the edges."""

import numpy as np
import pytest
from numpy.typing import NDArray

from core.audio import RATE_HZ, Pcm
from telephony.sound.levels import dbm0_of, peak_of, power_of
from telephony.sound.tones import PLAYED, TONES


def spectrum(samples: Pcm) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    window = np.hanning(len(samples))
    return np.fft.rfftfreq(len(samples), 1 / RATE_HZ), np.abs(np.fft.rfft(samples * window)) ** 2


def on_and_off_s(samples: Pcm) -> list[float]:
    """Lengths of loud and silent stretches, in turn, to 1 ms."""
    loud = np.abs(samples.reshape(-1, 8).astype(int)).max(axis=1) > 1000
    loud = loud[loud.argmax() :]
    changes = np.flatnonzero(np.diff(loud)) + 1
    return [len(part) / 1000 for part in np.split(loud, changes)]


def test_zero_dbm0_is_3_14_db_below_full_scale() -> None:
    assert peak_of(3.14) == pytest.approx(32767)
    assert peak_of(0.0) == pytest.approx(22827, abs=1)
    assert dbm0_of(power_of(-23.5)) == pytest.approx(-23.5)
    assert dbm0_of(0.0) == pytest.approx(-96.0)


@pytest.mark.parametrize("name", ["dial", "ringback", "busy", "congestion", "vacant"])
def test_switch_tones_are_450_hz_at_minus_10_dbm0_and_nothing_else(name: str) -> None:
    samples = TONES[name].samples(0, 10 * RATE_HZ)
    frequencies, power = spectrum(samples)
    assert frequencies[power.argmax()] == pytest.approx(450, abs=0.5)
    beside = power[np.abs(frequencies - 450) > 300].sum() / power.sum()
    assert 10 * np.log10(beside) < -50  # soft edges: no click to be heard
    assert np.abs(samples.astype(int)).max() == pytest.approx(peak_of(-10.0), rel=0.01)


@pytest.mark.parametrize(
    ("name", "cadence_s"),
    [("ringback", (1.0, 4.0)), ("busy", (0.35, 0.35)), ("congestion", (0.7, 0.7)), ("vacant", (0.1,) * 6 + (0.4, 0.4))],
)
def test_cadences_are_those_of_gb_3380(name: str, cadence_s: tuple[float, ...]) -> None:
    heard = on_and_off_s(TONES[name].samples(0, 20 * RATE_HZ))[: 2 * len(cadence_s)]
    assert heard == pytest.approx([*cadence_s, *cadence_s], abs=0.006)


def test_parts_join_without_a_step_and_repeat_after_the_period() -> None:
    for name in PLAYED:
        tone = TONES[name]
        whole = tone.samples(0, 3 * RATE_HZ)
        parts = np.concatenate([tone.samples(start, 160) for start in range(0, 3 * RATE_HZ, 160)])
        assert np.array_equal(whole, parts)
        if tone.length is None and tone.cadence_s:
            assert np.array_equal(tone.samples(0, tone.period), tone.samples(7 * tone.period, tone.period))


def test_an_endless_dial_tone_never_stops() -> None:
    hours = TONES["dial"].samples(5 * 3600 * RATE_HZ, RATE_HZ)
    assert np.sqrt(np.mean(hours.astype(float) ** 2)) == pytest.approx(peak_of(-10.0) / np.sqrt(2), rel=0.01)


def test_the_beep_ends_by_itself() -> None:
    beep = TONES["beep"]
    assert beep.length == 3200
    assert np.abs(beep.samples(0, 3200).astype(int)).max() > 7000
    assert not beep.samples(3200, 8000).any()


def test_ced_turns_its_phase_every_450_ms_where_asked() -> None:
    plain, turned = TONES["ced"].samples(0, 8000), TONES["ced_reversed"].samples(0, 8000)
    assert np.array_equal(plain[:3600], turned[:3600])
    assert np.array_equal(plain[3600:7200], -turned[3600:7200])

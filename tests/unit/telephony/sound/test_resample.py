"""The resampler: what it lets pass, what it stops, and no click where pieces meet."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.audio import Pcm
from core.errors import LocalProtocolError
from telephony.sound.resample import Resampler

WAYS = [(8000, 16000), (8000, 48000), (16000, 8000), (48000, 8000), (16000, 48000), (48000, 16000)]


def sine(frequency_hz: float, rate_hz: int, level: int = 12000) -> Pcm:
    """One second."""
    return (level * np.sin(2 * np.pi * frequency_hz * np.arange(rate_hz) / rate_hz)).round().astype(np.int16)


def fit(sound: Pcm, frequency_hz: float, rate_hz: int) -> tuple[float, float]:
    """Level of the sine of that frequency in ``sound``, and signal to all else in dB; the first tenth is left out."""
    part = sound[rate_hz // 10 :].astype(float)
    phase = 2 * np.pi * frequency_hz * np.arange(len(part)) / rate_hz
    basis = np.stack([np.sin(phase), np.cos(phase)], axis=1)
    weights = np.linalg.lstsq(basis, part, rcond=None)[0]
    pure = basis @ weights
    return float(np.hypot(*weights)), float(10 * np.log10(np.var(pure) / max(np.var(part - pure), 1e-9)))


@pytest.mark.parametrize(("from_hz", "to_hz"), WAYS)
@pytest.mark.parametrize("frequency_hz", [50, 300, 1000, 3000, 3400])
def test_the_pass_band_is_flat_and_clean_over_packet_borders(from_hz: int, to_hz: int, frequency_hz: int) -> None:
    resampler = Resampler(from_hz, to_hz)
    packets = np.split(sine(frequency_hz, from_hz), 50)
    made = [resampler.feed(packet) for packet in packets]
    assert {len(piece) for piece in made} == {to_hz // 50}
    level, clean_db = fit(np.concatenate(made), frequency_hz, to_hz)
    assert abs(20 * np.log10(level / 12000)) < 0.01
    assert clean_db > 72, "images, aliases, clicks and rounding together"


@pytest.mark.parametrize(("from_hz", "frequency_hz"), [(16000, 4600), (16000, 7500), (48000, 4600), (48000, 20000)])
def test_what_8_khz_cannot_hold_is_stopped(from_hz: int, frequency_hz: int) -> None:
    made = Resampler(from_hz, 8000).feed(sine(frequency_hz, from_hz, 30000))
    assert np.abs(made[800:].astype(int)).max() <= 9, "70 dB below 30000"


@pytest.mark.parametrize(("from_hz", "to_hz"), WAYS)
def test_the_delay_is_what_it_says(from_hz: int, to_hz: int) -> None:
    resampler = Resampler(from_hz, to_hz)
    pulse = np.zeros(from_hz // 10, np.int16)
    pulse[from_hz // 50] = 30000
    peak = int(np.argmax(np.abs(resampler.feed(pulse).astype(int))))
    assert abs(peak / to_hz - 0.02 - resampler.delay_s) < 1e-6
    assert resampler.delay_s < 0.002


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(WAYS), st.lists(st.integers(0, 400), max_size=12))
def test_how_the_stream_is_cut_makes_no_difference(way: tuple[int, int], cuts: list[int]) -> None:
    rng = np.random.default_rng(sum(cuts))
    sound = rng.integers(-32768, 32768, 2400).astype(np.int16)
    whole = Resampler(*way).feed(sound)
    resampler = Resampler(*way)
    places = np.cumsum(np.array(cuts, dtype=int))
    pieces = np.concatenate([resampler.feed(piece) for piece in np.split(sound, places[places < len(sound)])])
    assert len(pieces) == len(whole) == 2400 * way[1] // way[0]
    assert np.abs(pieces.astype(int) - whole).max() <= 1, "sums in another order may round the other way"


def test_full_scale_is_cut_off_and_does_not_turn_over() -> None:
    square = np.where(np.arange(480) // 40 % 2, 32767, -32768).astype(np.int16)
    made = Resampler(8000, 48000).feed(square).astype(int)
    assert made.max() == 32767
    assert made.min() == -32768
    assert np.abs(np.diff(made)).max() < 30000


def test_the_same_rate_is_passed_through_and_others_are_refused() -> None:
    sound = sine(440, 8000)
    assert Resampler(8000, 8000).feed(sound) is sound
    with pytest.raises(LocalProtocolError):
        Resampler(8000, 44100)

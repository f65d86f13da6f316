import wave
from itertools import pairwise

import numpy as np
import pytest

from core.audio import Pcm
from core.errors import ParseError
from telephony.rtp.comfort import Comfort, ComfortNoise, impulse_response, parse_comfort
from telephony.rtp.conceal import FADED_OUT, Concealment, pitch_of
from telephony.rtp.fade import blend, to_pcm
from telephony.rtp.playout import Playout
from telephony.rtp.stretch import lengthen, shorten
from tests.shared import need_shared
from tests.unit.telephony.rtp.playing import AMPLITUDE, packets, plain, play, steepest, tone


def voice(seconds: float = 4.0) -> Pcm:
    """Something like a vowel: 14 harmonics of a pitch that wanders from 110 to 150 Hz, louder and softer."""
    at = np.arange(int(seconds * 8000)) / 8000
    pitch = 130 + 20 * np.sin(2 * np.pi * 0.7 * at)
    phase = 2 * np.pi * np.cumsum(pitch) / 8000
    sound = sum(np.sin(number * phase) / number**0.8 for number in range(1, 15))
    loud = 0.6 + 0.4 * np.sin(2 * np.pi * 1.3 * at)
    return np.rint(5000 * loud * sound / np.abs(sound).max()).astype(np.int16)


def through(source: Pcm, lost: set[int], *, concealed: bool) -> Pcm:
    """What is heard of ``source`` when these packets of 20 ms are lost."""
    frames = len(source) // 160
    if not concealed:
        heard = source[: frames * 160].copy()
        for number in lost:
            heard[number * 160 : number * 160 + 160] = 0
        return heard
    coming = packets(source, delays=[None if number in lost else 0 for number in range(frames)])
    heard = np.concatenate(play(Playout(plain), coming, frames + 1))
    return heard[160:]  # each packet is played at the second tick after its end


def lost_snr_db(source: Pcm, heard: Pcm, lost: set[int]) -> float:
    """Mean signal-to-noise ratio of the lost frames that are not quiet, each within -10 and 35 dB."""
    ratios = []
    for number in lost:
        piece = slice(number * 160, number * 160 + 160)
        was = source[piece].astype(float)
        error = heard[piece].astype(float) - was
        if np.mean(was**2) > 100**2:
            ratios.append(np.clip(10 * np.log10(np.sum(was**2) / max(1.0, np.sum(error**2))), -10, 35))
    return float(np.mean(ratios))


def drawn(frames: int, share: float, longest: int, seed: int) -> set[int]:
    """Frames that are lost, in bursts of up to ``longest``."""
    rng = np.random.default_rng(seed)
    lost: set[int] = set()
    while len(lost) < share * frames:
        first = int(rng.integers(10, frames - 10))
        lost.update(range(first, first + int(rng.integers(1, longest + 1))))
    return lost


@pytest.mark.parametrize("hz", [70, 93, 120, 160, 213, 240])
def test_the_pitch_is_found(hz: int) -> None:
    history = tone(400, hz).astype(np.float32)
    pitch, sure = pitch_of(history)
    assert sure > 0.98
    assert min(abs(pitch - n * 8000 / hz) for n in (1, 2, 3)) <= 1


def test_a_steady_tone_goes_on_and_fades_by_60_ms() -> None:
    whole = tone(1200, 190)
    made = Concealment(whole[:400]).take(600)
    error = made[:80] - whole[400:480]
    assert np.sqrt(np.mean(error**2)) < AMPLITUDE / 10
    level = [float(np.abs(made[at : at + 60]).max()) / AMPLITUDE for at in (0, 80, 200, 320, 420)]
    assert level[0] > 0.95
    assert all(later < earlier for earlier, later in pairwise(level))
    assert not made[FADED_OUT:].any()
    assert steepest(np.concatenate((whole[:400], to_pcm(made)))) <= 1.2 * steepest(whole)


def test_it_goes_on_where_it_ended_and_asks_for_longer_joints_later() -> None:
    history = voice()[:4000]
    whole = Concealment(history).take(480)
    pieces = Concealment(history)
    overlaps = []
    parts = []
    for _ in range(4):
        parts.append(pieces.take(120))
        overlaps.append(pieces.overlap)
    assert np.array_equal(np.concatenate(parts), whole)
    assert overlaps == sorted(overlaps)
    assert overlaps[-1] == 80
    assert pieces.loose


def test_noise_is_softened_and_silence_stays_silent() -> None:
    noise = np.random.default_rng(4).integers(-4000, 4000, 400).astype(np.int16)
    made = Concealment(noise).take(80)
    assert 0 < np.sqrt(np.mean(made**2)) < 0.7 * np.sqrt(np.mean(noise.astype(float) ** 2))
    assert not Concealment(np.zeros(400, np.int16)).take(160).any()
    assert len(Concealment(np.zeros(0, np.int16)).take(1000)) == 1000


@pytest.mark.parametrize(("share", "longest"), [(0.01, 1), (0.03, 1), (0.05, 1), (0.03, 3), (0.05, 3)])
def test_a_voice_with_losses_is_far_nearer_to_itself_than_with_holes(share: float, longest: int) -> None:
    source = voice(10.0)
    lost = drawn(len(source) // 160, share, longest, seed=longest)
    mended, torn = (through(source, lost, concealed=concealed) for concealed in (True, False))
    assert lost_snr_db(source, torn, lost) == pytest.approx(0.0)
    assert lost_snr_db(source, mended, lost) > (6.0 if longest == 1 else 3.0)
    assert steepest(mended) < 1.3 * steepest(source)


def test_without_loss_nothing_is_changed() -> None:
    source = voice(2.0)
    heard = through(source, set(), concealed=True)[: len(source) - 800]
    assert np.array_equal(heard[160:], source[160 : len(heard)])


def distance_db(source: Pcm, heard: Pcm, lost: set[int]) -> float:
    """How far the spectra of the lost frames are from what they were: mean over 18 bands and the frames not quiet."""
    edges = np.unique(np.geomspace(2, 81, 19).astype(int))
    distances = []
    for number in lost:
        piece = slice(number * 160, number * 160 + 160)
        if np.mean(source[piece].astype(float) ** 2) > 100**2:
            spectra = [np.abs(np.fft.rfft(sound[piece] * np.hanning(160))) ** 2 for sound in (source, heard)]
            was, became = (10 * np.log10(np.add.reduceat(power, edges[:-1]) + 1e4) for power in spectra)
            distances.append(np.mean(np.abs(was - became)))
    return float(np.mean(distances))


@pytest.mark.parametrize(("share", "longest"), [(0.01, 1), (0.03, 2), (0.05, 2)])
def test_mandarin_speech_with_losses_sounds_nearer_to_itself_than_with_holes(share: float, longest: int) -> None:
    """The waveform of real speech cannot be guessed for long; its spectrum, which is what is heard, can."""
    far, holes = [], []
    for path in sorted(need_shared("audio", "callers").glob("*.wav"))[::9][:6]:
        with wave.open(str(path)) as file:
            source = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)
        lost = drawn(len(source) // 160, share, longest, seed=len(source))
        far.append(distance_db(source, through(source, lost, concealed=True), lost))
        holes.append(distance_db(source, through(source, lost, concealed=False), lost))
    assert np.mean(far) < 0.5 * np.mean(holes)


def test_comfort_noise_is_read_as_rfc_3389_says() -> None:
    assert parse_comfort(b"\x28") == Comfort(-40)
    assert parse_comfort(bytes([0xA8])).level_dbov == -40  # the top bit means nothing
    comfort = parse_comfort(bytes([30, 127, 254, 0]))
    assert comfort.reflection == (0.0, pytest.approx(1.0, abs=0.001), pytest.approx(-1.0, abs=0.001))
    assert len(parse_comfort(bytes(200)).reflection) == 12
    with pytest.raises(ParseError):
        parse_comfort(b"")


@pytest.mark.parametrize("level", [20, 50, 70])
@pytest.mark.parametrize("colour", [(), (127 - 100,), (127 + 90, 127 - 20), (127 - 120, 127 + 60, 127 - 30)])
def test_comfort_noise_has_its_level_and_colour(level: int, colour: tuple[int, ...]) -> None:
    noise = ComfortNoise(parse_comfort(bytes([level, *colour])), seed=3)
    made = np.concatenate([noise.take(160) for _ in range(100)])
    assert 20 * np.log10(np.sqrt(np.mean(made**2)) / 32768) == pytest.approx(-level, abs=1.0)
    power = np.abs(np.fft.rfft(made)) ** 2
    low, high = power[: len(power) // 4].mean(), power[-len(power) // 4 :].mean()
    if colour and colour[0] < 100:  # the first coefficient is minus the correlation of neighbours
        assert low > 5 * high
    elif colour:
        assert high > 2 * low


def test_comfort_noise_goes_on_without_a_step_and_changes_gently() -> None:
    comfort = Comfort(-40, (-0.9,))
    whole = ComfortNoise(comfort).take(40_000)
    noise = ComfortNoise(comfort)
    assert np.allclose(
        np.concatenate([noise.take(size) for size in (160, 80, 480, 39_280)]), whole, rtol=1e-4, atol=0.1
    )
    noise.become(Comfort(-60, (-0.9,)))
    after = noise.take(800)
    assert np.sqrt(np.mean(after[100:] ** 2)) == pytest.approx(32.8, rel=0.3)
    assert np.abs(np.diff(np.concatenate((whole[-100:], after)))).max() <= 1.2 * np.abs(np.diff(whole)).max()


def test_an_impulse_response_follows_its_recursion() -> None:
    response = impulse_response((-0.5,), 8)
    assert np.allclose(response, 0.5 ** np.arange(8))


@pytest.mark.parametrize("hz", [97, 213, 440])
def test_sound_gets_shorter_and_longer_without_a_change_of_pitch_or_a_click(hz: int) -> None:
    source = tone(2000, hz)
    made, left_out, likeness = shorten(source[400:], 160, 160)
    assert likeness > 0.97
    assert len(made) == 160
    whole = np.concatenate((source[:400], made, source[400 + 160 + left_out :]))
    assert steepest(whole) <= 1.1 * steepest(source)
    made, added, likeness = lengthen(source[:400], source[400:], 160, 160)
    assert likeness > 0.97
    whole = np.concatenate((source[:400], made, source[400 + 160 - added :]))
    assert len(whole) == len(source) + added
    assert steepest(whole) <= 1.1 * steepest(source)


def test_a_blend_begins_as_the_one_and_ends_as_the_other() -> None:
    mixed = blend(np.full(99, 1000, np.int16), np.full(99, -1000, np.int16))
    assert mixed[0] == pytest.approx(980)
    assert mixed[-1] == pytest.approx(-980)
    assert to_pcm(np.array([40000.0, -40000.0, 0.6], np.float32)).tolist() == [32767, -32767, 1]

"""Switch tones, beeps and fax tones heard in streams; pieces of any length; many streams like one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.audio import RATE_HZ, Pcm
from telephony.sound.cadence import ToneFound, ToneOver
from telephony.sound.detect import DETECTED, Heard, Listener, listen_all
from telephony.sound.tones import TONES
from tests.unit.telephony.sound.signals import (
    Wave,
    faster,
    hold_music,
    key_wave,
    noise,
    shared_speech,
    silence,
    sine,
    through_line,
)

CYCLE_S = {"busy": 0.7, "congestion": 1.4, "ringback": 5.0}


def listen(signal: Wave, tones: frozenset[str] = DETECTED) -> list[tuple[float, Heard]]:
    """What was heard, and when it was known, in pieces of 100 ms."""
    listener = Listener(tones)
    samples = through_line(signal)
    return [
        ((start + 800) / RATE_HZ, heard)
        for start in range(0, len(samples), 800)
        for heard in listener.take(samples[start : start + 800])
    ]


def found(signal: Wave) -> list[str]:
    return [heard.tone for _, heard in listen(signal) if isinstance(heard, ToneFound)]


def made(name: str, seconds: float, start_s: float = 0.0, gain_db: float = 0.0) -> Wave:
    samples = TONES[name].samples(round(start_s * RATE_HZ), round(seconds * RATE_HZ))
    return samples.astype(float) * 10 ** (gain_db / 20)


@pytest.mark.parametrize("name", ["busy", "congestion", "ringback"])
@pytest.mark.parametrize("gain_db", [0.0, -20.0])
def test_switch_tones_are_told_within_two_cycles(name: str, gain_db: float) -> None:
    events = listen(np.concatenate([silence(0.5), made(name, 20.0, gain_db=gain_db)]))
    assert [heard for _, heard in events] == [ToneFound(name, pytest.approx(0.5, abs=0.02))]
    assert events[0][0] - 0.5 < 2 * CYCLE_S[name] + 0.2


@pytest.mark.parametrize("name", ["busy", "congestion", "ringback"])
@pytest.mark.parametrize("start", [0.1, 0.4, 0.9])
def test_from_the_middle_of_a_cycle_too(name: str, start: float) -> None:
    events = listen(made(name, 20.0, start_s=start * CYCLE_S[name]))
    assert [heard.tone for _, heard in events if isinstance(heard, ToneFound)] == [name]
    assert events[0][0] < 2 * CYCLE_S[name] + 0.3


def test_dial_tone_is_told_after_two_seconds_and_its_end() -> None:
    events = listen(np.concatenate([silence(0.5), made("dial", 5.0), silence(1.0)]))
    assert [heard for _, heard in events] == [
        ToneFound("dial", pytest.approx(0.5, abs=0.02)),
        ToneOver("dial", pytest.approx(5.5, abs=0.03)),
    ]
    assert events[0][0] == pytest.approx(2.6, abs=0.11)


@pytest.mark.parametrize("hz", [425.0, 475.0])
@pytest.mark.parametrize("stretch", [0.9, 1.1])
def test_what_gb_3380_allows_is_taken(hz: float, stretch: float) -> None:
    """± 25 Hz and ± 10 % of the cadence, in noise of 15 dB."""
    for name, parts in {"busy": (0.35, 0.35), "congestion": (0.7, 0.7), "ringback": (1.0, 4.0)}.items():
        cycle = np.concatenate([sine(hz, parts[0] * stretch), silence(parts[1] * stretch)])
        signal = np.concatenate([silence(0.3), np.tile(cycle, 3), silence(0.2)])
        assert found(signal + noise(len(signal) / RATE_HZ, -25.0)[: len(signal)]) == [name]


@pytest.mark.parametrize("hz", [380.0, 520.0, 900.0])
def test_another_frequency_in_the_same_cadence_is_no_switch_tone(hz: float) -> None:
    cycle = np.concatenate([sine(hz, 0.35), silence(0.35)])
    events = listen(np.tile(cycle, 6), DETECTED - {"beep"})
    assert events == []


def test_other_cadences_of_450_hz_are_not_mistaken() -> None:
    assert found(made("vacant", 10.0)) == []
    assert found(np.tile(np.concatenate([sine(450, 0.2), silence(0.2), sine(450, 0.2), silence(0.6)]), 6)) == []


def test_an_answer_during_ring_back_is_told_by_the_first_words() -> None:
    ringing = made("ringback", 11.5)  # the third burst and half a second of silence
    words = np.concatenate(shared_speech()[:8]).astype(float)[: 4 * RATE_HZ]
    events = listen(np.concatenate([ringing, words]))
    assert [type(heard) for _, heard in events] == [ToneFound, ToneOver]
    when, over = events[1]
    assert isinstance(over, ToneOver)
    assert over.tone == "ringback"
    assert over.ended_s == pytest.approx(11.0, abs=0.8)
    assert 11.5 < when < 12.6


def test_a_silent_answer_is_told_when_the_next_burst_does_not_come() -> None:
    events = listen(np.concatenate([made("ringback", 7.0), silence(6.0)]))
    assert [heard for _, heard in events] == [
        ToneFound("ringback", pytest.approx(0.0, abs=0.02)),
        ToneOver("ringback", pytest.approx(6.0, abs=0.03)),
    ]
    assert events[1][0] < 11.1


def test_ring_back_and_then_busy() -> None:
    """Nobody answers: the exchange changes from one tone to the other."""
    events = listen(np.concatenate([made("ringback", 10.5), silence(0.2), made("busy", 5.0)]))
    assert [heard.tone for _, heard in events if isinstance(heard, ToneFound)] == ["ringback", "busy"]


@pytest.mark.parametrize("hz", [400.0, 620.0, 950.0, 1000.0, 1400.0, 2000.0])
@pytest.mark.parametrize("seconds", [0.1, 0.4, 1.0, 2.0])
def test_beeps_after_a_greeting_are_told_in_the_silence_after_them(hz: float, seconds: float) -> None:
    greeting = np.concatenate(shared_speech()[:6]).astype(float)[: 3 * RATE_HZ]
    events = listen(np.concatenate([greeting, silence(0.3), sine(hz, seconds), silence(0.5)]))
    assert [heard for _, heard in events] == [ToneFound("beep", pytest.approx(3.3, abs=0.04))]
    assert events[0][0] - (3.3 + seconds) < 0.4


def test_what_is_not_the_beep_of_a_machine() -> None:
    two_tones = np.concatenate([sine(800, 0.3), sine(1100, 0.3)])
    swept = 7000 * np.sin(2 * np.pi * np.cumsum(np.linspace(500, 1500, 4000)) / RATE_HZ)
    signals = {
        "two tones, a melody": two_tones,
        "a sweep": swept,
        "too long": sine(1000, 3.0),
        "too short": sine(1000, 0.05),
        "a key": key_wave("5", 300),
        "too high": sine(2300, 0.5),
        "the exchange": sine(450, 0.5),
    }
    for what, signal in signals.items():
        assert "beep" not in found(np.concatenate([silence(0.5), signal, silence(0.6)])), what


def test_a_beep_that_speech_follows_at_once_is_none() -> None:
    words = np.concatenate(shared_speech()[:8]).astype(float)
    loud = words[np.abs(words).argmax() - 400 :][: 2 * RATE_HZ]
    assert found(np.concatenate([silence(0.5), sine(1000, 0.3), loud])) == []


@pytest.mark.parametrize("hz", [1062.0, 1100.0, 1138.0])
def test_each_burst_of_a_calling_fax_is_told(hz: float) -> None:
    cycle = np.concatenate([sine(hz, 0.5), silence(3.0)])
    events = listen(np.concatenate([silence(0.5), cycle, cycle]))
    assert [heard.tone for _, heard in events if isinstance(heard, ToneFound)] == ["cng", "cng"]
    assert events[0][0] < 1.5


@pytest.mark.parametrize("name", ["ced", "ced_reversed"])
@pytest.mark.parametrize("hz", [2085.0, 2100.0, 2115.0])
def test_the_answer_of_a_fax_or_modem_is_told_once_after_half_a_second(name: str, hz: float) -> None:
    signal = made(name, 3.3)
    if hz != 2100.0:
        turns = np.sign(np.sin(np.pi * (np.arange(len(signal)) / 3600) + 1e-9)) if name == "ced_reversed" else 1.0
        signal = sine(hz, 3.3) * turns
    events = listen(np.concatenate([silence(0.5), signal, silence(0.5)]))
    assert [heard for _, heard in events] == [ToneFound("ced", pytest.approx(0.5, abs=0.02))]
    assert events[0][0] <= 1.2


def test_ansam_with_its_swell_is_an_answer_tone() -> None:
    swell = 1 + 0.2 * np.sin(2 * np.pi * 15 * np.arange(3 * RATE_HZ) / RATE_HZ)
    assert found(np.concatenate([silence(0.3), sine(2100, 3.0) * swell, silence(0.3)])) == ["ced"]


def test_2150_hz_is_no_answer_tone() -> None:
    assert found(np.concatenate([silence(0.3), sine(2150, 3.0), silence(0.3)])) == []


@pytest.mark.parametrize("speed", [1.0, 0.85, 1.3])
def test_no_speech_is_taken_for_any_tone(speed: float) -> None:
    """All shared speech (over 13 minutes), utterances half a second apart, also as slower and faster voices."""
    pause = np.zeros(RATE_HZ // 2, dtype=np.int16)
    speech = np.concatenate([part for clip in shared_speech() for part in (faster(clip, speed), pause)])
    assert Listener(DETECTED).take(speech) == []


def test_hold_music_is_taken_for_no_tone() -> None:
    assert Listener(DETECTED).take(np.tile(hold_music(), 2)) == []


def mixture() -> Pcm:
    return through_line(
        np.concatenate(
            [
                silence(0.2),
                key_wave("4", 90),
                silence(0.3),
                made("busy", 3.0),
                silence(1.0),
                made("cng", 1.5),
                silence(1),
            ]
        )
    )


@settings(max_examples=25, derandomize=True, deadline=None)
@given(st.lists(st.integers(0, 3000), max_size=30))
def test_how_the_stream_is_cut_makes_no_difference(cuts: list[int]) -> None:
    samples = mixture()
    expected = Listener(DETECTED).take(samples)
    listener, heard, at = Listener(DETECTED), [], 0
    for cut in [*cuts, len(samples)]:
        heard += listener.take(samples[at : at + cut])
        at += cut
    assert heard == expected
    assert len(expected) == 4


def test_many_streams_at_once_hear_what_each_hears_alone() -> None:
    rng = np.random.default_rng(5)
    pieces = [mixture()[rng.integers(0, 900) :] for _ in range(7)] + [np.zeros(9000, dtype=np.int16)]
    kinds = [DETECTED, frozenset({"dtmf"}), frozenset({"cng", "busy"}), frozenset({"beep"})]
    alone = [Listener(kinds[place % 4]).take(piece) for place, piece in enumerate(pieces)]
    together = listen_all([Listener(kinds[place % 4]) for place in range(8)], pieces)
    assert together == alone
    assert together[7] == []


def test_only_what_was_asked_for_is_told() -> None:
    assert [type(heard).__name__ for heard in Listener(["dtmf"]).take(mixture())] == ["KeyHeard"]
    assert Listener(["ringback"]).take(mixture()) == []
    with pytest.raises(ValueError, match="whistle"):
        Listener(["whistle"])

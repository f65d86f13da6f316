"""Ears and tones in the engine, on virtual time: keys and tones heard in packets, tones sent as packets."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.audio import RATE_HZ, Pcm
from core.errors import LocalProtocolError
from telephony.media import commands as c
from telephony.media.port import DigitPressed, MediaEvent, PlayEnded, RtpSilent, ToneHeard
from telephony.sound.levels import peak_of
from telephony.sound.tones import PLAYED, TONES
from tests.interop.rtp_peer import loudest_hz, tone, write_clip
from tests.unit.telephony.media.engine_bench import Bench, FarEnd
from tests.unit.telephony.media.test_engine_codecs import Far, pass_time
from tests.unit.telephony.sound.signals import key_wave, silence


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.engine.shut_down()


def speak(bench: Bench, far_end: FarEnd, samples: Pcm, lose: frozenset[int] = frozenset()) -> None:
    """``far_end`` says ``samples``; the packets numbered ``lose`` never come."""
    padded = np.concatenate([samples, np.zeros(-len(samples) % 160, dtype=np.int16)])
    for number, frame in enumerate(np.split(padded, len(padded) // 160)):
        bench.engine.clock.samples += 160
        if number in lose:
            far_end.sequence, far_end.timestamp = far_end.sequence + 1, far_end.timestamp + 160
        else:
            far_end.say(far_end.codec.encode(frame))
        bench.engine.tick(1)


def keys(text: str) -> Pcm:
    parts = [part for key in text for part in (key_wave(key, 100), silence(0.06))]
    return np.concatenate([silence(0.2), *parts, silence(0.4)]).round().astype(np.int16)


@pytest.mark.parametrize("codec", ["PCMA", "PCMU"])
def test_keys_as_tones_are_told_once_each_with_their_length(bench: Bench, codec: str) -> None:
    far_end = bench.leg("a", codec, event_type=None)
    bench.engine.do(c.Listen("a", ("dtmf",)))
    speak(bench, far_end, keys("13*#0"))
    heard = [event for event in bench.events if isinstance(event, DigitPressed)]
    assert [(event.leg, event.digit, event.inband) for event in heard] == [("a", key, True) for key in "13*#0"]
    assert [event.duration_ms for event in heard] == pytest.approx([100] * 5, abs=8)
    assert bench.events == heard


def test_a_lost_packet_within_a_key_does_not_make_two(bench: Bench) -> None:
    far_end = bench.leg("a", event_type=None)
    bench.engine.do(c.Listen("a", ("dtmf",)))
    speak(bench, far_end, keys("5"), lose=frozenset({12}))
    assert [event.digit for event in bench.events if isinstance(event, DigitPressed)] == ["5"]


def test_tones_are_told_with_the_second_of_the_leg_they_began_in(bench: Bench) -> None:
    far_end = bench.leg("a")
    bench.pass_time(100, far_end)
    bench.engine.do(c.Listen("a", ("busy", "ringback")))
    speak(bench, far_end, np.concatenate([np.zeros(8000, np.int16), TONES["busy"].samples(0, 4 * RATE_HZ)]))
    speak(bench, far_end, np.zeros(RATE_HZ, np.int16))
    assert bench.events == [
        ToneHeard("a", "busy", pytest.approx(3.0, abs=0.03)),
        ToneHeard("a", "busy", pytest.approx(3.0 + 3.85, abs=0.05), over=True),
    ]


def test_nothing_more_is_told_after_it_is_switched_off(bench: Bench) -> None:
    far_end = bench.leg("a")
    bench.engine.do(c.Listen("a", ("dtmf",)))
    assert bench.engine._legs["a"].ear is not None
    bench.engine.do(c.Listen("a", ()))
    assert bench.engine._legs["a"].ear is None  # nothing is laid down for nobody
    speak(bench, far_end, keys("1"))
    assert bench.events == []


def test_unknown_tones_are_refused_and_the_end_of_a_leg_is_the_end_of_listening(bench: Bench) -> None:
    far_end = bench.leg("a")
    with pytest.raises(LocalProtocolError, match="whistle"):
        bench.engine.do(c.Listen("a", ("dtmf", "whistle")))
    bench.engine.do(c.Listen("a", ("dtmf",)))
    speak(bench, far_end, keys("1")[: 2 * 1600])
    bench.engine.do(c.Close("a"))
    bench.pass_time(20)
    assert bench.events == []


def test_many_legs_are_listened_to_at_once(bench: Bench) -> None:
    far_ends = [bench.leg(f"leg-{number}", event_type=None) for number in range(12)]
    sounds = [keys(f"{number:02d}") for number in range(12)]
    for far_end in far_ends:
        bench.engine.do(c.Listen(far_end.name, ("dtmf",)))
    for at in range(0, len(sounds[0]) // 160 * 160, 160):
        bench.engine.clock.samples += 160
        for far_end, sound in zip(far_ends, sounds, strict=True):
            far_end.say(far_end.codec.encode(sound[at : at + 160]))
        bench.engine.tick(1)
    heard = [event for event in bench.events if isinstance(event, DigitPressed)]
    for number in range(12):
        assert "".join(event.digit for event in heard if event.leg == f"leg-{number}") == f"{number:02d}"


def test_after_a_stall_listening_goes_on(bench: Bench) -> None:
    far_end = bench.leg("a", event_type=None)
    bench.engine.do(c.Listen("a", ("dtmf",)))
    speak(bench, far_end, np.zeros(1600, np.int16))
    bench.pass_time(200, stalled=True)
    far_end.timestamp += 200 * 160
    speak(bench, far_end, keys("8"))
    assert [event.digit for event in bench.events if isinstance(event, DigitPressed)] == ["8"]


def played(bench: Bench) -> list[MediaEvent]:
    """The events but for the silence of far ends who only listen."""
    return [event for event in bench.events if not isinstance(event, RtpSilent)]


def sent(far_end: FarEnd) -> Pcm:
    return np.concatenate([far_end.codec.decode(packet.payload) for packet in far_end.port.packets])


@pytest.mark.parametrize("name", [name for name in PLAYED if name != "beep"])
def test_a_switch_tone_is_played_until_it_is_stopped(bench: Bench, name: str) -> None:
    far_end = bench.leg("a")
    bench.engine.do(c.Play("a", "p", (f"tone:{name}",)))
    bench.pass_time(600)
    assert played(bench) == []
    made = sent(far_end).astype(float)
    assert len(made) == 600 * 160
    expected = TONES[name].samples(9 * TONES[name].period, len(made)).astype(float)  # later: no fading in
    error = np.mean((made - expected) ** 2) / np.mean(expected**2)
    assert 10 * np.log10(error) < -35  # A-law, and no click at any seam
    bench.engine.do(c.Stop("a"))
    assert played(bench) == [PlayEnded("a", "p", finished=False)]


def test_the_beep_ends_by_itself(bench: Bench) -> None:
    far_end = bench.leg("a")
    bench.engine.do(c.Play("a", "p", ("tone:beep",)))
    bench.pass_time(30)
    assert bench.events == [PlayEnded("a", "p", finished=True)]
    assert len(far_end.port.packets) == 20
    assert loudest_hz(sent(far_end)) == pytest.approx(1000, abs=5)


def test_a_file_and_then_an_endless_tone(bench: Bench, tmp_path: Path) -> None:
    far_end = bench.leg("a", "PCMU")
    path = write_clip(tmp_path / "words.wav", tone(1200, 0.5))
    bench.engine.do(c.Play("a", "p", (str(path), "tone:busy", str(path))))
    bench.load()
    bench.pass_time(200)
    heard = sent(far_end)
    assert loudest_hz(heard[:4000]) == pytest.approx(1200, abs=5)
    assert loudest_hz(heard[4000:]) == pytest.approx(450, abs=2)  # what stands after an endless tone never comes
    busy = np.abs(heard[4000:].astype(int))
    assert busy[: 350 * 8].max() == pytest.approx(peak_of(-10), rel=0.03)
    assert busy[352 * 8 : 698 * 8].max() < 50
    assert played(bench) == []


def test_a_tone_that_is_none_is_refused(bench: Bench) -> None:
    bench.leg("a")
    with pytest.raises(LocalProtocolError, match="foghorn"):
        bench.engine.do(c.Play("a", "p", ("tone:foghorn",)))


def test_keys_sent_as_tones_are_heard_as_keys(bench: Bench) -> None:
    """Our own in-band keys, through A-law, into our own ears."""
    far_end = bench.leg("a", event_type=None)
    bench.engine.do(c.SendDigits("a", "0123456789*#ABCD"))
    bench.pass_time(140)
    other = bench.leg("b", event_type=None)
    bench.engine.do(c.Listen("b", ("dtmf",)))
    speak(bench, other, np.concatenate([sent(far_end), np.zeros(4000, np.int16)]))
    assert "".join(event.digit for event in bench.events if isinstance(event, DigitPressed)) == "0123456789*#ABCD"


@pytest.mark.parametrize("codec", ["G722", "opus"])
def test_keys_and_tones_of_far_ends_with_other_codecs(bench: Bench, codec: str) -> None:
    far_end = Far(bench, "a", codec, 500.0)
    far_end.agree(codec, event_type=None)
    bench.engine.do(c.Listen("a", ("busy", "dtmf")))
    far_end.sound = np.concatenate([keys("4711"), TONES["busy"].samples(0, 3 * RATE_HZ)])
    bench.engine.do(c.Play("a", "p", ("tone:ringback",)))
    pass_time(bench, len(far_end.sound) // 160, far_end)
    assert "".join(event.digit for event in bench.events if isinstance(event, DigitPressed)) == "4711"
    assert [event.tone for event in bench.events if isinstance(event, ToneHeard)] == ["busy"]
    assert loudest_hz(far_end.heard()[: RATE_HZ // 2]) == pytest.approx(450, abs=5)


def test_a_tone_over_a_talk_goes_on_until_it_is_stopped(bench: Bench) -> None:
    far_end, other = bench.leg("a"), bench.leg("b")
    bench.engine.do(c.Bridge("a", "b"))
    bench.pass_time(50, far_end, other)
    bench.engine.do(c.Play("a", "p", ("tone:dial",), over=True))
    bench.pass_time(200, far_end, other)
    heard = sent(far_end)[-3 * RATE_HZ :]
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
    dial, voice = (spectrum[3 * hz - 6 : 3 * hz + 7].max() for hz in (450, 500 + other.port.port % 100 * 100))
    assert dial > 1e6
    assert voice > 1e6
    assert played(bench) == []
    bench.engine.do(c.Stop("a"))
    bench.pass_time(50, far_end, other)
    assert played(bench) == [PlayEnded("a", "p", finished=False)]
    assert loudest_hz(sent(far_end)[-RATE_HZ // 2 :]) == pytest.approx(500 + other.port.port % 100 * 100, abs=5)

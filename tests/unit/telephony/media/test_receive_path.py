"""A leg that is mixed, with what networks do to its packets: through a whole engine on virtual time."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from core.audio import Pcm
from telephony.media import commands as c
from telephony.media.port import RtpSilent
from tests.unit.telephony.media.engine_bench import Bench, FarEnd, steps
from tests.unit.telephony.rtp.playing import steepest, tone

COMFORT = 13
HZ = 213.0


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.engine.shut_down()


def mixed(bench: Bench, *, comfort: int | None = None) -> tuple[FarEnd, FarEnd]:
    """A speaker and one who hears it by way of a mix (because of its level, which is as good as none)."""
    speaker, listener = bench.leg("a"), bench.leg("b")
    if comfort is not None:
        speaker.stream = replace(speaker.stream, comfort_type=comfort)
        bench.engine.do(c.Update("a", speaker.stream))
    bench.engine.do(c.Level("a", 0.1))
    bench.engine.do(c.Hear("b", {"a": 0.0}))
    return speaker, listener


def heard(listener: FarEnd, since: int = 0) -> Pcm:
    return np.concatenate([listener.codec.decode(packet.payload) for packet in listener.port.packets[since:]])


def say(bench: Bench, speaker: FarEnd, sound: Pcm, lost: frozenset[int] = frozenset()) -> None:
    for number, piece in enumerate(np.split(sound, len(sound) // 160)):
        if number in lost:
            speaker.sequence += 1
            speaker.timestamp += 160
        else:
            speaker.say(speaker.codec.encode(piece))
        bench.pass_time()


def test_what_is_lost_on_the_way_to_a_mix_is_concealed(bench: Bench) -> None:
    speaker, listener = mixed(bench)
    sound = tone(150 * 160, HZ)
    say(bench, speaker, sound, frozenset({60, 80, 81, 100}))
    got = heard(listener)[20 * 160 :]
    assert steepest(got) <= 1.6 * steepest(sound)
    quietest = min(np.abs(frame.astype(int)).max() for frame in np.split(got[: len(got) // 160 * 160], len(got) // 160))
    assert quietest > 3000
    assert steps(listener.port.packets) == [(1, 160)] * (len(listener.port.packets) - 1)


def test_a_mix_adds_less_than_40_ms(bench: Bench) -> None:
    """From the arrival of a packet to that of what was made of it, at any moment between two ticks."""
    speaker, listener = mixed(bench)
    hush = bytes([speaker.codec.silence]) * 160
    for phase in (0, 40, 80, 120, 159):
        bench.pass_time(50)
        for number in range(60):
            bench.engine.clock.samples += phase
            speaker.say(speaker.codec.encode(tone(160, 1000)) if number == 40 else hush)
            if number == 40:
                arrived, sent = bench.engine.clock.samples, len(listener.port.packets)
            bench.engine.clock.samples += 160 - phase
            bench.engine.tick(1)
        loud = [np.abs(listener.codec.decode(p.payload).astype(int)).max() > 2000 for p in listener.port.packets[sent:]]
        first = loud.index(True)
        left = arrived - phase + 160 * (first + 1)
        assert left - arrived <= 320


def test_a_far_end_whose_network_jitters_is_heard_whole_after_a_while(bench: Bench) -> None:
    speaker, listener = mixed(bench)
    rng = np.random.default_rng(6)
    sound = tone(600 * 160, HZ)
    arrivals = sorted((int(number * 160 + rng.integers(0, 400)), number) for number in range(600))
    packets = []
    for number in range(600):
        packets.append((speaker.sequence + number, speaker.timestamp + 160 * number))
    for tick in range(1, 640):
        while arrivals and arrivals[0][0] <= tick * 160:
            arrival, number = arrivals.pop(0)
            bench.engine.clock.samples = max(bench.engine.clock.samples, arrival)
            speaker.sequence, timestamp = packets[number]
            speaker.say(speaker.codec.encode(sound[number * 160 : number * 160 + 160]), timestamp=timestamp)
        bench.engine.clock.samples = tick * 160
        bench.engine.tick(1)
    got = heard(listener)[300 * 160 : 590 * 160].astype(float)
    assert steepest(got.astype(np.int16)) <= 1.6 * steepest(sound)
    spectrum = np.abs(np.fft.rfft(got * np.hanning(len(got)))) ** 2
    at = round(HZ * len(got) / 8000)
    assert spectrum[at - 40 : at + 40].sum() > 0.99 * spectrum.sum()


def test_comfort_noise_is_heard_in_a_mix(bench: Bench) -> None:
    speaker, listener = mixed(bench, comfort=COMFORT)
    say(bench, speaker, tone(50 * 160, HZ))
    speaker.say(bytes([40]), payload_type=COMFORT)
    bench.pass_time(50)
    noise = heard(listener, len(listener.port.packets) - 40).astype(float)
    assert 20 * np.log10(np.sqrt(np.mean(noise**2)) / 32768) == pytest.approx(-40, abs=1.5)
    speaker.timestamp += 50 * 160
    say(bench, speaker, tone(20 * 160, HZ))
    assert np.abs(heard(listener, len(listener.port.packets) - 10).astype(int)).max() > 7000
    assert steepest(heard(listener)) <= 1.6 * steepest(tone(1600, HZ))


def test_comfort_noise_is_relayed_to_who_knows_it_and_missed_by_nobody_else(bench: Bench) -> None:
    left, right = bench.leg("a"), bench.leg("b")
    left.stream = replace(left.stream, comfort_type=COMFORT)
    bench.engine.do(c.Update("a", left.stream))
    bench.engine.do(c.Bridge("a", "b"))
    bench.pass_time(10, left, right)
    left.say(bytes([40]), payload_type=COMFORT)
    bench.pass_time(10, left, right)
    assert {packet.payload_type for packet in right.port.packets} == {8}
    assert {step for step, _ in steps(right.port.packets)} == {1}, "no loss to be seen"
    bench.engine.do(c.Update("b", replace(right.stream, comfort_type=97)))
    left.say(bytes([41]), payload_type=COMFORT)
    passed_on = right.port.packets[-1]
    assert (passed_on.payload_type, passed_on.payload) == (97, bytes([41]))
    bench.pass_time(10, left, right)
    assert {step for step, _ in steps(right.port.packets)} == {1}


def test_a_new_source_and_a_jump_of_timestamps_are_followed_in_a_mix(bench: Bench) -> None:
    speaker, listener = mixed(bench)
    sound = tone(40 * 160, HZ)
    say(bench, speaker, sound)
    speaker.ssrc += 1
    speaker.timestamp += 123_456
    say(bench, speaker, sound)
    speaker.timestamp += 8_000_000
    say(bench, speaker, sound)
    got = heard(listener)
    assert steepest(got) <= 1.6 * steepest(sound)
    for part in (30, 75, 115):
        assert np.abs(got[part * 160 - 800 : part * 160].astype(int)).max() > 7000


def test_a_stall_of_the_worker_costs_a_mix_no_delay_that_stays(bench: Bench) -> None:
    speaker, listener = mixed(bench)
    say(bench, speaker, tone(50 * 160, HZ))
    begin = bench.engine.clock.samples
    for number in range(30):
        bench.engine.clock.samples = begin + 160 * 30
        speaker.say(speaker.codec.encode(tone(160, HZ)))
        del number
    bench.engine.tick(30)
    say(bench, speaker, tone(1600 * 160, HZ))
    silent = bytes([speaker.codec.silence]) * 160
    for _ in range(20):
        speaker.say(silent)
        bench.pass_time()
    speaker.say(speaker.codec.encode(tone(160, 1000)))
    bench.pass_time()
    sent = len(listener.port.packets)
    for _ in range(5):
        speaker.say(silent)
        bench.pass_time()
    loud = [
        np.abs(listener.codec.decode(p.payload).astype(int)).max() > 2000 for p in listener.port.packets[sent - 1 :]
    ]
    assert True in loud
    assert loud.index(True) <= 2


def test_rtp_that_stops_is_told_once_with_comfort_noise_in_between(bench: Bench) -> None:
    speaker, _ = mixed(bench, comfort=COMFORT)
    bench.pass_time(20, speaker)
    for _ in range(4):
        bench.pass_time(40)
        speaker.say(bytes([50]), payload_type=COMFORT)
    assert not [event for event in bench.events if isinstance(event, RtpSilent) and event.leg == "a"]
    bench.pass_time(200)
    told = [event for event in bench.events if isinstance(event, RtpSilent) and event.leg == "a"]
    assert len(told) == 1
    assert 1.0 <= told[0].silent_s < 1.6

"""Who hears whom through a whole engine on virtual time: each far end says a tone of its own."""

import contextlib
import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.audio import Pcm
from core.errors import LocalProtocolError
from telephony.media import commands as c
from telephony.media.codecs import audio_codec
from telephony.media.port import MOST_HEARD, SILENT_DB, Address, PlayEnded, Stream
from telephony.rtp.formats import FORMATS
from telephony.rtp.packet import RtpPacket
from tests.interop.rtp_peer import tone, write_clip
from tests.unit.telephony.media.engine_bench import Bench, FarEnd, steps

SECOND = 50


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.engine.shut_down()


def hz_of(far_end: FarEnd) -> int:
    return 500 + far_end.port.port % 100 * 100


def heard(far_end: FarEnd, since: int) -> Pcm:
    return np.concatenate([far_end.codec.decode(packet.payload) for packet in far_end.port.packets[since:]])


def peak_at(samples: Pcm, hz: float) -> float:
    """The peak of the sine of ``hz`` in ``samples`` (whole periods of 100 Hz)."""
    usable = samples[: len(samples) // 800 * 800].astype(float)
    return float(abs(np.mean(usable * np.exp(-2j * np.pi * hz * np.arange(len(usable)) / 8000)))) * 2


def who_hears_whom(bench: Bench, *far_ends: FarEnd, frames: int = SECOND) -> dict[str, str]:
    """Let them talk for a while; for each the names that he hears in the second half."""
    bench.pass_time(frames, *far_ends)
    before = [len(far_end.port.packets) for far_end in far_ends]
    bench.pass_time(frames, *far_ends)
    result = {}
    for far_end, since in zip(far_ends, before, strict=True):
        sound = heard(far_end, since) if len(far_end.port.packets) > since else np.zeros(800, np.int16)
        result[far_end.name] = "".join(other.name for other in far_ends if peak_at(sound, hz_of(other)) > 400)
    return result


def test_supervision_by_tones(bench: Bench) -> None:
    caller, agent, chief = bench.leg("c"), bench.leg("a", "PCMU"), bench.leg("s")
    bench.engine.do(c.Bridge("c", "a"))
    assert who_hears_whom(bench, caller, agent, chief) == {"c": "a", "a": "c", "s": ""}
    bench.engine.do(c.Hear("s", {"c": 0.0, "a": 0.0}))
    assert who_hears_whom(bench, caller, agent, chief) == {"c": "a", "a": "c", "s": "ca"}, "listen"
    bench.engine.do(c.Hear("a", {"c": 0.0, "s": 0.0}))
    assert who_hears_whom(bench, caller, agent, chief) == {"c": "a", "a": "cs", "s": "ca"}, "whisper"
    bench.engine.do(c.Hear("c", {"a": 0.0, "s": 0.0}))
    assert who_hears_whom(bench, caller, agent, chief) == {"c": "as", "a": "cs", "s": "ca"}, "barge"
    bench.engine.do(c.Bridge("c", "s"))
    assert who_hears_whom(bench, caller, agent, chief) == {"c": "s", "a": "", "s": "c"}, "take over"
    for far_end in (caller, agent, chief):
        packets = far_end.port.packets
        assert {step for step, _ in steps(packets)} == {1}, "one stream throughout"
        assert len({packet.ssrc for packet in packets}) == 1


def test_a_listener_does_not_change_the_way_of_the_talk(bench: Bench) -> None:
    caller, agent, chief = bench.leg("c"), bench.leg("a"), bench.leg("s")
    bench.engine.do(c.Bridge("c", "a"))
    bench.pass_time(SECOND, caller, agent, chief)
    bench.engine.do(c.Hear("s", {"c": 0.0, "a": 0.0}))
    bench.pass_time(SECOND, caller, agent, chief)
    assert steps(caller.port.packets) == [(1, 160)] * (len(caller.port.packets) - 1)
    assert [packet.payload for packet in caller.port.packets[60:62]] == [
        agent.codec.encode(piece) for piece in np.split(tone(hz_of(agent), 1.0), 50)[10:12]
    ], "relayed to the bit"


def levels(far_end: FarEnd, since: int, frames: int) -> list[float]:
    """The mean power of each frame, as a part of that of a peak of 8000."""
    sound = heard(far_end, since)[: 160 * frames].astype(float).reshape(frames, 160)
    return [float(power) / (8000**2 / 2) for power in np.mean(sound**2, axis=1)]


def biggest_step(far_end: FarEnd, since: int, frames: int) -> float:
    return float(np.abs(np.diff(heard(far_end, since)[: 160 * frames].astype(float))).max())


@pytest.mark.parametrize("listened_before", [False, True])
def test_a_whisper_begins_and_ends_without_a_hole_or_a_click(
    bench: Bench, tmp_path: Path, listened_before: bool
) -> None:
    caller, agent, chief = bench.leg("c"), bench.leg("a"), bench.leg("s")
    chief.sound = itertools.repeat(np.zeros(160, np.int16))
    caller.sound = itertools.cycle(np.split(tone(510, 1.0), 50))
    usual = float(np.abs(np.diff(tone(510, 1.0).astype(float))).max())
    bench.engine.do(c.Bridge("c", "a"))
    bench.engine.do(c.Record("r", str(tmp_path / "r.wav"), "c", "a"))
    if listened_before:
        bench.engine.do(c.Hear("s", {"c": 0.0, "a": 0.0}))
    bench.pass_time(SECOND, caller, agent, chief)
    for sources in ({"c": 0.0, "s": 0.0}, {"c": 0.0}):
        since = len(agent.port.packets) - 2
        bench.engine.do(c.Hear("a", sources))
        bench.pass_time(10, caller, agent, chief)
        assert min(levels(agent, since, 8)) > 0.7
        assert biggest_step(agent, since, 8) < 1.2 * usual
    assert not agent.port.packets[-1].marker
    assert agent.port.packets[-1].payload == caller.codec.encode(tone(510, 1.0)[19 * 160 : 20 * 160]), "relayed again"
    assert steps(agent.port.packets) == [(1, 160)] * (len(agent.port.packets) - 1)


@pytest.mark.parametrize("size", [3, 8])
def test_a_conference(bench: Bench, size: int) -> None:
    people = [bench.leg(chr(ord("a") + place), "PCMA" if place % 2 else "PCMU") for place in range(size)]
    names = [person.name for person in people]
    for name in names:
        bench.engine.do(c.Hear(name, {other: 0.0 for other in names if other != name}))
    assert who_hears_whom(bench, *people) == {
        name: "".join(other for other in names if other != name) for name in names
    }
    bench.engine.do(c.Level(names[0], SILENT_DB))
    assert who_hears_whom(bench, *people)[names[1]] == "".join(name for name in names[2:])
    bench.engine.do(c.Close(names[1]))
    rest = [people[0], *people[2:]]
    assert who_hears_whom(bench, *rest)[names[0]] == "".join(name for name in names[2:])


def test_gains_and_levels_are_exact(bench: Bench) -> None:
    left, right = bench.leg("a"), bench.leg("b")
    bench.engine.do(c.Hear("a", {"b": -6.0}))
    bench.engine.do(c.Hear("b", {"a": 0.0}))
    bench.pass_time(SECOND, left, right)
    assert peak_at(heard(left, len(left.port.packets) - 25), hz_of(right)) == pytest.approx(8000 * 10**-0.3, rel=0.03)
    assert peak_at(heard(right, len(right.port.packets) - 25), hz_of(left)) == pytest.approx(8000, rel=0.03)
    bench.engine.do(c.Level("b", -6.0))
    bench.pass_time(SECOND, left, right)
    assert peak_at(heard(left, len(left.port.packets) - 25), hz_of(right)) == pytest.approx(8000 * 10**-0.6, rel=0.03)


def test_a_mixed_talk_passes_keys_on(bench: Bench) -> None:
    left, right = bench.leg("a"), bench.leg("b")
    bench.engine.do(c.Bridge("a", "b"))
    bench.engine.do(c.Level("a", -3.0))
    bench.pass_time(10, left, right)
    for number in range(3):
        left.say(bytes([5, 0x80 if number == 2 else 0, 1, 64 * (number + 1)]), payload_type=101, timestamp=4000)
    bench.pass_time(20, left, right)
    keys = [packet for packet in right.port.packets if packet.payload_type == 101]
    assert keys[0].marker
    assert {packet.payload[0] for packet in keys} == {5}
    assert right.port.packets[-1].payload_type == 8, "the voice goes on afterwards"


def test_music_stops_the_instant_people_are_joined(bench: Bench, tmp_path: Path) -> None:
    caller, agent, third = bench.leg("c"), bench.leg("a"), bench.leg("t")
    path = write_clip(tmp_path / "music.wav", tone(1300, 1.0))
    for join in (c.Bridge("c", "a"), c.Hear("c", {"a": 0.0, "t": 0.0})):
        bench.engine.do(c.Play("c", "music", (str(path),), loop=True))
        bench.load()
        bench.pass_time(20, caller, agent, third)
        assert peak_at(heard(caller, len(caller.port.packets) - 10), 1300) > 7000
        bench.engine.do(join)
        assert bench.events.pop() == PlayEnded("c", "music", finished=False)
        since = len(caller.port.packets)
        bench.pass_time(20, caller, agent, third)
        assert peak_at(heard(caller, since), 1300) < 50
        assert peak_at(heard(caller, since + 5), hz_of(agent)) > 6000
        bench.engine.do(c.Unbridge("c"))


def test_an_announcement_to_one_side_is_laid_over_the_talk(bench: Bench, tmp_path: Path) -> None:
    caller, agent = bench.leg("c"), bench.leg("a")
    bench.engine.do(c.Bridge("c", "a"))
    bench.pass_time(20, caller, agent)
    path = write_clip(tmp_path / "news.wav", tone(1300, 1.0, 6000))
    bench.engine.do(c.Play("c", "news", (str(path),), over=True))
    bench.load()
    bench.pass_time(10, caller, agent)
    since_caller, since_agent = len(caller.port.packets), len(agent.port.packets)
    bench.pass_time(35, caller, agent)
    assert peak_at(heard(caller, since_caller), 1300) == pytest.approx(6000, rel=0.03)
    assert peak_at(heard(caller, since_caller), hz_of(agent)) == pytest.approx(8000 * 10**-0.6, rel=0.05)
    assert peak_at(heard(agent, since_agent), 1300) < 50
    assert peak_at(heard(agent, since_agent), hz_of(caller)) == pytest.approx(8000, rel=0.03)
    assert bench.events == []
    bench.pass_time(10, caller, agent)
    assert bench.events == [PlayEnded("c", "news", finished=True)]
    since = len(caller.port.packets)
    bench.pass_time(10, caller, agent)
    assert peak_at(heard(caller, since), hz_of(agent)) == pytest.approx(8000, rel=0.03)
    assert {step for step, _ in steps(caller.port.packets)} == {1}


def test_over_nothing_an_announcement_plays_alone_and_can_be_stopped(bench: Bench, tmp_path: Path) -> None:
    caller = bench.leg("c")
    path = write_clip(tmp_path / "news.wav", tone(1300, 1.0))
    bench.engine.do(c.Play("c", "news", (str(path),), over=True))
    bench.load()
    bench.pass_time(20, caller)
    assert peak_at(heard(caller, 5), 1300) > 7000
    bench.engine.do(c.Stop("c"))
    assert bench.events == [PlayEnded("c", "news", finished=False)]
    since = len(caller.port.packets)
    bench.pass_time(20, caller)
    assert len(caller.port.packets) == since


def test_an_announcement_over_music_leaves_the_music_in_its_place(bench: Bench, tmp_path: Path) -> None:
    caller, agent = bench.leg("c"), bench.leg("a")
    bench.engine.do(c.Bridge("c", "a"))
    music, news = write_clip(tmp_path / "m.wav", tone(1300, 1.0)), write_clip(tmp_path / "n.wav", tone(1700, 0.6, 6000))
    bench.engine.do(c.Play("c", "music", (str(music),), loop=True))
    bench.load()
    bench.pass_time(20, caller, agent)
    bench.engine.do(c.Play("c", "news", (str(news),), over=True))
    bench.load()
    since = len(caller.port.packets)
    bench.pass_time(30, caller, agent)
    sound = heard(caller, since)
    assert peak_at(sound, 1700) == pytest.approx(6000, rel=0.05)
    assert peak_at(sound, 1300) == pytest.approx(8000 * 10**-0.6, rel=0.05)
    assert peak_at(sound, hz_of(agent)) < 100
    bench.pass_time(2, caller, agent)
    assert bench.events == [PlayEnded("c", "news", finished=True)]
    since = len(caller.port.packets)
    bench.pass_time(20, caller, agent)
    assert peak_at(heard(caller, since), 1300) == pytest.approx(8000, rel=0.03)
    bench.engine.do(c.Stop("c"))
    since = len(caller.port.packets)
    bench.pass_time(20, caller, agent)
    assert peak_at(heard(caller, since), hz_of(agent)) > 7000, "the talk comes back"
    assert {step for step, _ in steps(caller.port.packets)} == {1}


def test_a_prompt_that_ends_under_an_announcement_is_told(bench: Bench, tmp_path: Path) -> None:
    caller = bench.leg("c")
    prompt, news = write_clip(tmp_path / "p.wav", tone(1300, 0.2)), write_clip(tmp_path / "n.wav", tone(1700, 0.6))
    bench.engine.do(c.Play("c", "prompt", (str(prompt),)))
    bench.engine.do(c.Play("c", "news", (str(news),), over=True))
    bench.load()
    bench.pass_time(20, caller)
    assert bench.events == [PlayEnded("c", "prompt", finished=True)]
    bench.pass_time(20, caller)
    assert bench.events[1:] == [PlayEnded("c", "news", finished=True)]
    assert len(caller.port.packets) == 30


class WideEnd:
    """A far end in G.722 or Opus."""

    def __init__(self, bench: Bench, name: str, codec: str, ptime_ms: int = 20) -> None:
        bench.engine.do(c.Open(name))
        self.name, self.port = name, bench.ports.opened[-1]
        self.codec = audio_codec(codec)
        self.source = ("192.0.2.1", 10000 + self.port.port)
        form = FORMATS[codec]
        self.stream = Stream(Address(*self.source), codec, form.payload_type, ptime_ms=ptime_ms)
        bench.engine.do(c.Update(name, self.stream))
        self.encoder = self.codec.encoder(20)
        self.ticks = form.ticks(20)
        self.sent = 0
        self.sound = itertools.cycle(np.split(tone(500 + self.port.port % 100 * 100, 1.0), 50))

    def say(self) -> None:
        payload = self.encoder.encode(next(self.sound))
        packet = RtpPacket(self.stream.payload_type, self.sent & 0xFFFF, self.sent * self.ticks, 7, payload)
        self.sent += 1
        self.port.arrive(packet.to_bytes(), self.source)

    def heard(self) -> Pcm:
        decoder = self.codec.decoder()
        return np.concatenate([decoder.decode(packet.payload) for packet in self.port.packets])


@pytest.mark.parametrize(("codec", "ptime_ms"), [("G722", 20), ("opus", 20), ("G722", 30), ("opus", 40), ("PCMU", 60)])
def test_codecs_that_differ_are_mixed_and_told_in_their_own_packets(bench: Bench, codec: str, ptime_ms: int) -> None:
    wide, plain = WideEnd(bench, "w", codec, ptime_ms), bench.leg("p")
    third = WideEnd(bench, "t", "opus")
    names = ["w", "p", "t"]
    for name in names:
        bench.engine.do(c.Hear(name, {other: 0.0 for other in names if other != name}))
    bench.pass_time(2 * SECOND, wide, plain, third)
    ends = {"w": wide.heard(), "p": heard(plain, 0), "t": third.heard()}
    hz = {far_end.name: 500 + far_end.port.port % 100 * 100 for far_end in (wide, plain, third)}
    for listener, sound in ends.items():
        levels = {name: peak_at(sound[-6400:], tone_hz) for name, tone_hz in hz.items()}
        assert {name for name, level in levels.items() if level > 5000} == {n for n in names if n != listener}, levels
        assert levels[listener] < 400
    steps_of = {(number, ticks) for number, ticks in steps(wide.port.packets)}
    assert steps_of == {(1, FORMATS[codec].ticks(ptime_ms))}, "even packets of the length that was agreed"


def test_a_talk_of_two_codecs_and_one_that_comes_to_share_its_codec(bench: Bench) -> None:
    wide, plain = WideEnd(bench, "w", "G722"), bench.leg("p")
    bench.engine.do(c.Bridge("w", "p"))
    bench.pass_time(SECOND, wide, plain)
    assert peak_at(wide.heard()[-3200:], hz_of(plain)) == pytest.approx(8000, rel=0.1)
    assert peak_at(heard(plain, len(plain.port.packets) - 20), 500 + wide.port.port % 100 * 100) > 7000
    assert bench.engine._desk._tables
    bench.engine.do(c.Update("w", replace(wide.stream, codec="PCMU", payload_type=0)))
    assert not bench.engine._desk._tables, "relayed from now on"
    before = len(wide.port.packets)
    bench.pass_time(10, plain)
    assert [packet.payload_type for packet in wide.port.packets[before:]] == [0] * 10
    assert {step for step, _ in steps(wide.port.packets)} == {1}


def test_nothing_is_left_behind(bench: Bench) -> None:
    people = [bench.leg(name) for name in "abc"]
    for name in "abc":
        bench.engine.do(c.Hear(name, {other: 0.0 for other in "abc" if other != name}))
    bench.pass_time(10, *people)
    for name in "abc":
        bench.engine.do(c.Close(name))
    desk = bench.engine._desk
    assert (desk._parties, desk._tables, desk._hearing._hears, desk._hearing._heard_by) == ({}, {}, {}, {})


def test_what_cannot_be_is_refused_and_changes_nothing(bench: Bench) -> None:
    caller, agent = bench.leg("c"), bench.leg("a")
    bench.engine.do(c.Bridge("c", "a"))
    for impossible in (
        c.Hear("c", {"c": 0.0}),
        c.Hear("c", {"nobody": 0.0}),
        c.Hear("c", {"a": 30.0}),
        c.Hear("c", {f"{number}": 0.0 for number in range(MOST_HEARD + 1)}),
        c.Level("c", float("nan")),
        c.Bridge("c", "c"),
    ):
        with pytest.raises(LocalProtocolError):
            bench.engine.do(impossible)
    assert who_hears_whom(bench, caller, agent) == {"c": "a", "a": "c"}


def test_rooms_have_their_bounds(bench: Bench) -> None:
    people = [bench.leg(f"{place}") for place in range(66)]
    for place in range(63):
        bench.engine.do(c.Hear(f"{place + 1}", {"0": 0.0}))
    with pytest.raises(LocalProtocolError):
        bench.engine.do(c.Hear("64", {"0": 0.0}))
    bench.pass_time(3, people[0])
    assert len(people[63].port.packets) == 3
    assert people[64].port.packets == []


NAMES = "abcde"
GAINS = st.sampled_from([0.0, 0.0, -6.0, SILENT_DB])
COMMANDS = st.one_of(
    st.builds(
        lambda leg, sources: c.Hear(leg, {name: gain for name, gain in sources.items() if name != leg}),
        st.sampled_from(NAMES),
        st.dictionaries(st.sampled_from(NAMES), GAINS, max_size=4),
    ),
    st.builds(c.Bridge, st.sampled_from(NAMES), st.sampled_from(NAMES)),
    st.builds(c.Unbridge, st.sampled_from(NAMES)),
    st.builds(c.Level, st.sampled_from(NAMES), GAINS, st.booleans()),
    st.builds(c.Play, st.sampled_from(NAMES), st.just("p"), st.just(("tone:beep",)), st.booleans(), st.booleans()),
    st.builds(c.Stop, st.sampled_from(NAMES)),
    st.builds(c.SendDigits, st.sampled_from(NAMES), st.just("1")),
    st.builds(c.Close, st.sampled_from(NAMES)),
    st.tuples(st.sampled_from(NAMES), st.sampled_from(["PCMA", "PCMU", "G722"])),
    st.integers(1, 3),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(COMMANDS, max_size=25))
def test_whatever_is_asked_for_each_listener_is_relayed_or_mixed(steps_taken: list[object]) -> None:
    bench = Bench()
    ends = {name: bench.leg(name) for name in NAMES}
    engine = bench.engine
    try:
        for step in steps_taken:
            if isinstance(step, int):
                bench.pass_time(step, *ends.values())
            elif isinstance(step, tuple):
                name, codec = step
                if name in engine._legs:
                    form = FORMATS[codec]
                    engine.do(c.Update(name, Stream(Address("192.0.2.9", 4000), codec, form.payload_type)))
            else:
                with contextlib.suppress(LocalProtocolError):
                    engine.do(step)
            if not engine._desk._unsettled:
                check_ways(bench)
        bench.pass_time(1)
        check_ways(bench)
        for name in list(engine._legs):
            engine.do(c.Close(name))
        assert not engine._desk._tables
        assert not engine._desk._parties
    finally:
        engine.shut_down()


def check_ways(bench: Bench) -> None:
    desk, legs = bench.engine._desk, bench.engine._legs
    seated = [party for table in desk._tables for party in table._parties]
    assert len(seated) == len(set(seated)), "nobody sits at two tables"
    for name, leg in legs.items():
        sources = desk._hearing.sources(name)
        if leg.speaker is not None:
            assert leg.speaker.listener is leg
            assert sources == {leg.speaker.name: 0.0}
        elif sources:
            party = desk._parties[name]
            assert party in seated
            assert all(desk._parties[source].playout is not None for source in sources)
            assert party.table is not None
            assert all(desk._parties[source].table is party.table for source in sources)
        if leg.listener is not None:
            assert leg.listener.speaker is leg

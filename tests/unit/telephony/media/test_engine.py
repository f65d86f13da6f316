"""The engine without sockets, on virtual time: each leg's port is a list of what was sent."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import LocalProtocolError
from telephony.media import commands as c
from telephony.media.codecs import PCMA
from telephony.media.port import Address, DigitPressed, LegStats, PlayEnded, RtpSilent, Stream
from telephony.rtp.latch import Source
from telephony.rtp.packet import RtpPacket
from tests.interop.rtp_peer import loudest_hz, tone, write_clip
from tests.unit.telephony.media.engine_bench import Bench, steps


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.engine.shut_down()


def play(bench: Bench, folder: Path, leg: str, name: str, seconds: float, *, loop: bool = False) -> None:
    path = write_clip(folder / f"{name}.wav", tone(1200, seconds))
    bench.engine.do(c.Play(leg, name, (str(path),), loop))
    bench.load()


def test_play_bridge_play_is_one_stream(bench: Bench, tmp_path: Path) -> None:
    left, right = bench.leg("a"), bench.leg("b", "PCMU")
    play(bench, tmp_path, "a", "p", 0.1)
    bench.pass_time(5)
    assert bench.events == []  # the last packet has been sent, its time has not passed
    bench.pass_time(1)
    assert bench.events == [PlayEnded("a", "p", finished=True)]
    bench.pass_time(4)
    bench.engine.do(c.Bridge("a", "b"))
    bench.pass_time(10, left, right)
    bench.engine.do(c.Unbridge("b"))
    bench.pass_time(3, left, right)
    play(bench, tmp_path, "a", "q", 0.1)
    bench.pass_time(5)
    packets = left.port.packets
    assert len(packets) == 20
    assert {step for step, _ in steps(packets)} == {1}
    assert [index for index, packet in enumerate(packets) if packet.marker] == [0, 5, 15]
    assert [samples for _, samples in steps(packets) if samples != 160] == [6 * 160, 4 * 160]
    assert len({packet.ssrc for packet in packets}) == 1
    assert len(right.port.packets) == 10
    heard = np.concatenate([PCMA.decode(packet.payload) for packet in packets[5:15]])
    assert loudest_hz(heard) == pytest.approx(700, abs=10)  # what b says, from µ-law into A-law


def test_loss_and_order_are_passed_on_duplicates_are_not(bench: Bench) -> None:
    left, right = bench.leg("a"), bench.leg("b")
    bench.engine.do(c.Bridge("a", "b"))
    base, stamp = left.sequence, left.timestamp
    for number in (0, 1, 3, 2, 2, 6, 7):
        left.sequence, left.timestamp = base + number, stamp + 160 * number
        bench.pass_time(1, left)
    first = right.port.packets[0]
    relayed = [(packet.sequence - first.sequence) & 0xFFFF for packet in right.port.packets]
    assert relayed == [0, 1, 3, 2, 6, 7]
    assert [(packet.timestamp - first.timestamp) & 0xFFFFFFFF for packet in right.port.packets] == [
        160 * number for number in relayed
    ]
    stats = bench.engine.do(c.Close("a"))
    assert isinstance(stats, LegStats)
    assert replace(stats, quality=None) == LegStats(0, 6, 2, 1, packets_refused=1)


def test_a_new_source_behind_the_same_leg_goes_on_without_a_step(bench: Bench) -> None:
    left, right = bench.leg("a"), bench.leg("b")
    bench.engine.do(c.Bridge("a", "b"))
    bench.pass_time(5, left)
    left.ssrc, left.sequence, left.timestamp = 999, 7, 12345
    bench.pass_time(5, left)
    assert steps(right.port.packets) == [(1, 160)] * 9
    assert [packet.marker for packet in right.port.packets] == [True] + [False] * 4 + [True] + [False] * 4


def test_other_payload_types_are_dropped_and_look_like_no_loss(bench: Bench) -> None:
    left, right = bench.leg("a"), bench.leg("b", event_type=None)
    bench.engine.do(c.Bridge("a", "b"))
    bench.pass_time(3, left)
    left.say(b"noise", payload_type=13)
    left.say(b"\x05\x8a\x03\x20", payload_type=101)  # b knows no telephone-event
    bench.pass_time(3, left)
    assert [step for step, _ in steps(right.port.packets)] == [1] * 5
    assert bench.events == [DigitPressed("a", "5", 100)]


def test_packets_before_sdp_and_rubbish_are_dropped(bench: Bench) -> None:
    bench.engine.do(c.Open("a"))
    port = bench.ports.opened[-1]
    for data in (b"", b"\x80", bytes(12), bytes(200), b"\x9f" + bytes(30)):
        port.arrive(data, ("192.0.2.9", 1))
    assert bench.engine.do(c.Close("a")) == LegStats(0, 0, 0, 0, packets_refused=5)
    assert port.closed


def test_a_clip_takes_the_partners_place_and_gives_it_back(bench: Bench, tmp_path: Path) -> None:
    left, right = bench.leg("a"), bench.leg("b")
    bench.engine.do(c.Bridge("a", "b"))
    bench.pass_time(5, left, right)
    play(bench, tmp_path, "a", "p", 0.1)
    bench.pass_time(6, left, right)
    bench.pass_time(5, left, right)
    packets = left.port.packets
    assert [index for index, packet in enumerate(packets) if packet.marker] == [0, 5, 10]
    assert {step for step, _ in steps(packets)} == {1}
    assert len(right.port.packets) == 16


def test_hold_stops_what_is_sent_and_a_prompt_goes_on_unheard(bench: Bench, tmp_path: Path) -> None:
    left = bench.leg("a")
    play(bench, tmp_path, "a", "p", 0.2)
    bench.pass_time(3)
    bench.engine.do(c.Update("a", replace(left.stream, send=False)))
    bench.pass_time(4)
    bench.engine.do(c.Update("a", left.stream))
    bench.pass_time(4)
    assert len(left.port.packets) == 6
    assert bench.events == [PlayEnded("a", "p", finished=True)]


def test_hold_at_address_zero_sends_nothing(bench: Bench, tmp_path: Path) -> None:
    left = bench.leg("a")
    bench.engine.do(c.Update("a", replace(left.stream, remote=Address("0.0.0.0", 4000))))
    play(bench, tmp_path, "a", "p", 0.2)
    bench.pass_time(5)
    assert left.port.packets == []


def test_a_stall_skips_ahead_and_bursts_nothing(bench: Bench, tmp_path: Path) -> None:
    left = bench.leg("a")
    play(bench, tmp_path, "a", "p", 1.0)
    bench.pass_time(5)
    bench.pass_time(10, stalled=True)
    bench.pass_time(3)
    packets = left.port.packets
    assert len(packets) == 9
    assert [samples for _, samples in steps(packets)] == [160] * 4 + [1600] + [160] * 3
    sound = PCMA.encode(tone(1200, 1.0))
    assert packets[5].payload == sound[14 * 160 : 15 * 160]


def test_playing_waits_for_sdp_and_stopping_says_so(bench: Bench, tmp_path: Path) -> None:
    bench.engine.do(c.Open("a"))
    play(bench, tmp_path, "a", "p", 0.1)
    bench.pass_time(20)
    assert bench.events == []
    bench.engine.do(c.Stop("a"))
    bench.engine.do(c.Stop("a"))
    assert bench.events == [PlayEnded("a", "p", finished=False)]
    play(bench, tmp_path, "a", "q", 0.1, loop=True)
    bench.engine.do(c.Close("a"))
    assert bench.events[1:] == [PlayEnded("a", "q", finished=False)]


def test_stop_while_the_clip_is_being_loaded(bench: Bench, tmp_path: Path) -> None:
    left = bench.leg("a")
    path = write_clip(tmp_path / "c.wav", tone(500, 0.1))
    bench.engine.do(c.Play("a", "p", (str(path),)))
    bench.engine.do(c.Stop("a"))
    bench.load()
    bench.pass_time(5)
    assert left.port.packets == []
    assert bench.events == [PlayEnded("a", "p", finished=False)]


def test_keys_replace_the_partner_and_he_comes_back(bench: Bench) -> None:
    left, right = bench.leg("a"), bench.leg("b")
    bench.engine.do(c.Bridge("a", "b"))
    bench.pass_time(3, left, right)
    bench.engine.do(c.SendDigits("a", "1"))
    bench.pass_time(8, left, right)
    bench.pass_time(3, left, right)
    kinds = [packet.payload_type for packet in left.port.packets]
    assert kinds == [8] * 3 + [101] * 7 + [8] * 3
    assert {step for step, _ in steps(left.port.packets)} == {1}
    assert len({packet.timestamp for packet in left.port.packets[3:10]}) == 1
    ahead = (left.port.packets[10].timestamp - left.port.packets[2].timestamp) & 0xFFFFFFFF
    assert ahead == 9 * 160


def test_keys_are_tones_where_the_far_end_knows_no_events(bench: Bench) -> None:
    left = bench.leg("a", event_type=None)
    bench.engine.do(c.SendDigits("a", "5"))
    bench.pass_time(10)
    heard = np.concatenate([PCMA.decode(packet.payload) for packet in left.port.packets[:5]]).astype(float)
    spectrum = np.abs(np.fft.rfft(heard))
    assert len(left.port.packets) == 8
    assert sorted(round(index * 8000 / 800) for index in np.argsort(spectrum)[-2:]) == [770, 1340]


def test_a_key_whose_ends_are_lost_is_said_after_half_a_second(bench: Bench) -> None:
    left = bench.leg("a")
    left.say(b"\x05\x0a\x01\x40", payload_type=101)
    bench.pass_time(60, left)
    assert bench.events == [DigitPressed("a", "5", 40)]


def test_silence_is_said_once_and_not_while_the_far_end_holds(bench: Bench) -> None:
    left = bench.leg("a")
    bench.pass_time(100)
    assert [event for event in bench.events if isinstance(event, RtpSilent)] == bench.events
    assert len(bench.events) == 1
    for holding in (replace(left.stream, receive=False), replace(left.stream, send=False)):
        bench.engine.do(c.Update("a", holding))
        bench.pass_time(100)
        assert len(bench.events) == 1
    bench.engine.do(c.Update("a", left.stream))
    bench.pass_time(100, left)
    bench.pass_time(100)
    assert len(bench.events) == 2


def test_bridging_anew_leaves_the_old_partner_alone(bench: Bench) -> None:
    left, old, new = bench.leg("a"), bench.leg("b"), bench.leg("c")
    bench.engine.do(c.Bridge("a", "b"))
    bench.pass_time(3, left, old)
    bench.engine.do(c.Bridge("c", "a"))
    bench.pass_time(3, left, old, new)
    assert (len(old.port.packets), len(new.port.packets), len(left.port.packets)) == (3, 3, 6)
    bench.engine.do(c.Close("a"))
    bench.pass_time(3, new)
    assert len(new.port.packets) == 3


@pytest.mark.parametrize(
    "command",
    [
        c.Stop("x"),
        c.Bridge("a", "a"),
        c.Bridge("a", "x"),
        c.Open("a"),
        c.SendDigits("a", "z"),
        c.Play("a", "p", ("/no/such/file.wav",)),
        c.Update("a", Stream(Address("phone.example", 1), "PCMA", 8)),
        c.Update("a", Stream(Address("192.0.2.1", 1), "G729", 18)),
        c.Record("r", "/tmp/r.wav", "a", "x"),
    ],
    ids=repr,
)
def test_commands_that_make_no_sense_are_refused(bench: Bench, command: c.Command) -> None:
    bench.leg("a")
    with pytest.raises(LocalProtocolError):
        bench.engine.do(command)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.binary(max_size=40), st.integers(0, 2), st.booleans()), max_size=40))
def test_no_datagram_hurts_the_engine(datagrams: list[tuple[bytes, int, bool]]) -> None:
    bench = Bench()
    try:
        left, right = bench.leg("a"), bench.leg("b", "PCMU")
        bench.engine.do(c.Bridge("a", "b"))
        for data, place, like_rtp in datagrams:
            source = (left.source, right.source, ("203.0.113.1", 5))[place]
            left.port.arrive(b"\x80\x08" + data if like_rtp else data, source)
            bench.pass_time(1, left, right)
        assert len(right.port.packets) >= len(datagrams) - 3 * len(datagrams) // 4 - 1
    finally:
        bench.engine.shut_down()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([1, 1, 1, 1, 1, 2, 0, -1, 5]), st.booleans(), st.sampled_from([8, 8, 8, 8, 101, 13])),
        max_size=40,
    )
)
def test_the_short_way_and_the_long_way_send_the_same(packets: list[tuple[int, bool, int]]) -> None:
    """Loss, duplicates, reordering, markers, keys, comfort noise: ``hear`` must do as ``receive`` does."""
    sent: list[list[tuple[Source, RtpPacket]]] = []
    stats: list[object] = []
    for short in (True, False):
        bench = Bench()
        try:
            left, right = bench.leg("a"), bench.leg("b", "PCMU", event_type=96)
            bench.engine.do(c.Bridge("a", "b"))
            sequence = 100
            for step, marker, payload_type in packets:
                sequence += step
                packet = RtpPacket(payload_type, sequence, 160 * sequence, 1, bytes([sequence & 0x7F] * 160), marker)
                bench.pass_time(1)
                assert left.port.leg is not None
                if short and left.source == left.port.locked:
                    left.port.leg.hear(packet.to_bytes())
                else:
                    left.port.leg.receive(packet.to_bytes(), left.source)
            sent.append(right.port.sent)
            stats.append(bench.engine.do(c.Close("a")))
        finally:
            bench.engine.shut_down()
    assert sent[0] == sent[1]
    assert stats[0] == stats[1]

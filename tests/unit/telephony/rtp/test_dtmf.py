import itertools

import pytest

from telephony.rtp.dtmf import KEYS, KeyPress, KeyReceiver, in_clock, key_steps


def event(key: str, duration: int, *, end: bool = False) -> bytes:
    return bytes([KEYS.index(key), (0x80 if end else 0) | 10]) + duration.to_bytes(2)


def test_one_press_is_said_once_however_often_its_end_comes() -> None:
    receiver = KeyReceiver()
    packets = [event("5", 160), event("5", 320), event("5", 800, end=True), event("5", 800, end=True)]
    said = [press for packet in packets for press in receiver.receive(1000, packet)]
    assert said == [KeyPress("5", 100)]
    assert not receiver.pending


def test_the_same_key_twice_is_two_presses() -> None:
    receiver = KeyReceiver()
    said = receiver.receive(1000, event("1", 800, end=True)) + receiver.receive(3000, event("1", 800, end=True))
    assert said == [KeyPress("1", 100), KeyPress("1", 100)]


def test_a_press_whose_ends_are_lost_is_said_when_the_next_begins_or_on_giving_up() -> None:
    receiver = KeyReceiver()
    assert receiver.receive(1000, event("*", 480)) == []
    assert receiver.receive(3000, event("#", 160)) == [KeyPress("*", 60)]
    assert receiver.receive(1000, event("*", 800, end=True)) == []
    assert receiver.give_up() == [KeyPress("#", 20)]
    assert receiver.give_up() == []
    assert receiver.receive(3000, event("#", 800, end=True)) == []


def test_only_the_last_packet_arrives() -> None:
    assert KeyReceiver().receive(7, event("D", 1600, end=True)) == [KeyPress("D", 200)]


def test_a_key_held_over_the_longest_segment_is_one_press() -> None:
    receiver = KeyReceiver()
    assert receiver.receive(0, event("0", 0xFFFF)) == []
    assert receiver.receive(0xFFFF, event("0", 800, end=True)) == [KeyPress("0", (0xFFFF + 800) // 8)]


def test_other_events_and_damage_are_ignored() -> None:
    receiver = KeyReceiver()
    assert receiver.receive(0, b"\x01") == []
    assert receiver.receive(0, bytes([16, 0x8A, 3, 32])) == []  # flash


def test_what_we_press_is_understood_by_the_receiver() -> None:
    receiver = KeyReceiver()
    timestamp, said = 0, []
    for step in key_steps("09*#ad"):
        timestamp += 160
        if step.begins:
            began = timestamp
        if step.payload:
            said += receiver.receive(began, step.payload)
    assert said == [KeyPress(key, 100) for key in "09*#AD"]


def test_a_key_takes_100_ms_down_and_60_ms_up_with_three_ends() -> None:
    steps = list(key_steps("5"))
    assert len(steps) == 8
    assert [bool(step.key) for step in steps] == [True] * 5 + [False] * 3
    assert sum(bool(step.payload) and step.payload[1] >= 0x80 for step in steps) == 3
    durations = [int.from_bytes(step.payload[2:]) for step in steps if step.payload]
    assert all(before <= after for before, after in itertools.pairwise(durations))
    assert durations[-1] == 800


def test_a_character_that_is_no_key_is_an_error() -> None:
    with pytest.raises(ValueError, match="substring"):
        list(key_steps("5x"))


def test_durations_count_in_the_clock_of_the_codec() -> None:
    steps = [step for step in key_steps("5", 48000) if step.payload]
    assert [int.from_bytes(step.payload[2:]) for step in steps] == [960, 1920, 2880, 3840, 4800, 4800, 4800]
    said = [press for step in steps for press in KeyReceiver(48000).receive(7, step.payload)]
    assert said == [KeyPress("5", 100)] * 3, "each receiver is new"
    assert in_clock(event("5", 800, end=True), 8000, 48000) == event("5", 4800, end=True)
    assert in_clock(event("5", 4800), 48000, 8000) == event("5", 800)
    assert in_clock(event("5", 60000), 8000, 48000) == event("5", 65535)
    assert in_clock(b"\x05", 8000, 48000) == b"\x05"

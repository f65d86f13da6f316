"""What a listener gets of a far end whose packets come in time, late, or not at all."""

import socket
from collections.abc import Iterator

import numpy as np
import pytest

from core.audio import FRAME_SAMPLES
from core.tap import TapFrame, TapTarget, unpack_tap
from telephony.media.codecs import PCMU
from telephony.media.taps import BEHIND, PATIENCE, TapSender
from telephony.media.track import Track

LOUD = bytes([0x10]) * FRAME_SAMPLES


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.0.1", 0))
        ear.setblocking(False)
        yield ear


@pytest.fixture
def mouth() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        yield sender


def received(listener: socket.socket) -> list[TapFrame]:
    frames = []
    while True:
        try:
            frames.append(unpack_tap(listener.recv(4096)))
        except BlockingIOError:
            return frames


def run(listener: socket.socket, mouth: socket.socket, late: dict[int, int], ticks: int = 60) -> list[TapFrame]:
    """Packet n is due at tick n; ``late`` holds some of them up, by ticks (or for ever: -1)."""
    track = Track(PCMU, 0)
    tap = TapSender(track, TapTarget("127.0.0.1", listener.getsockname()[1], 7), mouth, 0)
    arrivals: dict[int, list[int]] = {}
    for packet in range(ticks):
        if (delay := late.get(packet, 0)) >= 0:
            arrivals.setdefault(packet + delay, []).append(packet)
    for tick in range(ticks):
        now = tick * FRAME_SAMPLES
        for packet in arrivals.get(tick, ()):
            track.timeline.put(1, packet * FRAME_SAMPLES, LOUD, now)
        tap.tick(now)
    return received(listener)


def silent(frames: list[TapFrame]) -> int:
    return sum(not np.any(frame.samples) for frame in frames)


def test_what_comes_in_time_is_passed_on_60_ms_later(listener: socket.socket, mouth: socket.socket) -> None:
    frames = run(listener, mouth, {})
    assert len(frames) == 59 - BEHIND // FRAME_SAMPLES
    assert silent(frames) == 0
    assert [frame.position for frame in frames] == [number * FRAME_SAMPLES for number in range(len(frames))]


def test_packets_that_were_held_up_leave_no_hole(listener: socket.socket, mouth: socket.socket) -> None:
    burst = {20 + number: 10 - number for number in range(10)}  # nothing for 200 ms, then all at once
    frames = run(listener, mouth, burst)
    assert silent(frames) == 0
    assert len(frames) == 59 - BEHIND // FRAME_SAMPLES


def test_packets_out_of_order_leave_no_hole(listener: socket.socket, mouth: socket.socket) -> None:
    assert silent(run(listener, mouth, {20: 2, 30: 1})) == 0


def test_lost_packets_are_silence_and_time_goes_on(listener: socket.socket, mouth: socket.socket) -> None:
    frames = run(listener, mouth, {20: -1, 21: -1})
    assert silent(frames) == 2
    assert len(frames) == 59 - BEHIND // FRAME_SAMPLES


def test_a_far_end_that_falls_silent_lets_time_pass(listener: socket.socket, mouth: socket.socket) -> None:
    frames = run(listener, mouth, dict.fromkeys(range(20, 60), -1))
    assert len(frames) == 59 - PATIENCE // FRAME_SAMPLES
    assert silent(frames) == len(frames) - 20

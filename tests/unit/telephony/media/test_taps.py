"""What a listener gets of a far end whose packets come in time, late, or not at all."""

import socket
from collections.abc import Iterator

import numpy as np
import pytest

from core.audio import FRAME_SAMPLES
from core.tap import TapFrame, unpack_tap
from core.tap_target import TapTarget
from telephony.media.codecs import PCMA, PCMU
from telephony.media.native import feed_taps
from telephony.media.taps import BATCH, BEHIND, PATIENCE, TapLines, TapSender
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


LAST_DUE = 58
"""Batches are due at ticks 1, 4, 7, ... of the 60 that ``run`` takes."""


def run(
    listener: socket.socket, mouth: socket.socket, late: dict[int, int], ticks: int = 60, rate_hz: int = 8000
) -> list[TapFrame]:
    """Packet n is due at tick n; ``late`` holds some of them up, by ticks (or for ever: -1).

    All is done twice: by ``tick`` alone, and as the engine does it.
    """
    mouth.connect(listener.getsockname())
    arrivals: dict[int, list[int]] = {}
    for packet in range(ticks):
        if (delay := late.get(packet, 0)) >= 0:
            arrivals.setdefault(packet + delay, []).append(packet)
    heard = []
    for feed in (lambda taps, now: taps[0].tick(now), feed_taps):
        track = Track(PCMU, 0)
        tap = TapSender(track, TapTarget("127.0.0.1", listener.getsockname()[1], 7, rate_hz), mouth, 0)
        for tick in range(ticks):
            now = tick * FRAME_SAMPLES
            for packet in arrivals.get(tick, ()):
                track.timeline.put(1, packet * FRAME_SAMPLES, LOUD, now)
            feed([tap], now)
        heard.append(received(listener))
    for one, other in zip(*heard, strict=True):
        assert (one.sequence, one.position, one.stream) == (other.sequence, other.position, other.stream)
        assert np.array_equal(one.samples, other.samples)
    return heard[0]


def pieces(frames: list[TapFrame]) -> list[np.ndarray]:
    """What was heard, 20 ms at a time; there is no gap in it."""
    assert [frame.sequence for frame in frames] == list(range(len(frames)))
    lengths = np.cumsum([0, *(len(frame.samples) for frame in frames)])
    assert [frame.position for frame in frames] == list(lengths[:-1])
    heard = np.concatenate([frame.samples for frame in frames])
    return np.split(heard, len(heard) // FRAME_SAMPLES)


def silent(frames: list[TapFrame]) -> int:
    return sum(not np.any(piece) for piece in pieces(frames))


def test_what_comes_in_time_is_passed_on_60_ms_later(listener: socket.socket, mouth: socket.socket) -> None:
    frames = run(listener, mouth, {})
    assert len(pieces(frames)) == LAST_DUE - BEHIND // FRAME_SAMPLES
    assert silent(frames) == 0
    assert {len(frame.samples) for frame in frames[1:]} == {BATCH}


def test_packets_that_were_held_up_leave_no_hole(listener: socket.socket, mouth: socket.socket) -> None:
    burst = {20 + number: 10 - number for number in range(10)}  # nothing for 200 ms, then all at once
    frames = run(listener, mouth, burst)
    assert silent(frames) == 0
    assert len(pieces(frames)) == LAST_DUE - BEHIND // FRAME_SAMPLES
    assert max(len(frame.samples) for frame in frames) == 800


def test_packets_out_of_order_leave_no_hole(listener: socket.socket, mouth: socket.socket) -> None:
    assert silent(run(listener, mouth, {20: 2, 30: 1})) == 0


def test_lost_packets_are_made_up_for_and_time_goes_on(listener: socket.socket, mouth: socket.socket) -> None:
    frames = run(listener, mouth, {20: -1, 21: -1})
    assert silent(frames) == 0
    assert len(pieces(frames)) == LAST_DUE - BEHIND // FRAME_SAMPLES


def test_a_far_end_that_falls_silent_lets_time_pass(listener: socket.socket, mouth: socket.socket) -> None:
    frames = run(listener, mouth, dict.fromkeys(range(20, 60), -1))
    heard = len(pieces(frames))
    assert heard == LAST_DUE - PATIENCE // FRAME_SAMPLES
    assert silent(frames) == heard - 20


def test_16_khz_for_who_asks_for_it(listener: socket.socket, mouth: socket.socket) -> None:
    frames = run(listener, mouth, {}, rate_hz=16000)
    heard = np.concatenate([frame.samples for frame in frames])
    assert [frame.position for frame in frames] == list(np.cumsum([0, *(len(frame.samples) for frame in frames[:-1])]))
    assert len(heard) == 2 * (LAST_DUE * FRAME_SAMPLES - BEHIND)
    level = PCMU.decode(LOUD)[0]
    assert np.abs(heard[200:] - level).max() < abs(level) // 100  # a level that stays is the same at any rate


def test_a_listener_that_is_gone_is_counted_and_not_waited_for(listener: socket.socket, mouth: socket.socket) -> None:
    mouth.connect(listener.getsockname())
    listener.close()
    track = Track(PCMU, 0)
    tap = TapSender(track, TapTarget("127.0.0.1", 9, 7), mouth, 0)
    for tick in range(60):
        track.timeline.put(1, tick * FRAME_SAMPLES, LOUD, tick * FRAME_SAMPLES)
        feed_taps([tap], tick * FRAME_SAMPLES)
    assert tap.unsent > 0


def test_lines_are_shared_and_closed_with_the_last_tap(listener: socket.socket) -> None:
    lines = TapLines()
    host, port = listener.getsockname()
    first = lines.take(host, port)
    assert lines.take(host, port) is first
    lines.give_back(host, port)
    assert first.fileno() >= 0
    lines.give_back(host, port)
    assert first.fileno() == -1
    lines.take(host, port)
    lines.close()


def test_a_change_of_codec_is_heard_right(listener: socket.socket, mouth: socket.socket) -> None:
    mouth.connect(listener.getsockname())
    track = Track(PCMU, 0)
    tap = TapSender(track, TapTarget("127.0.0.1", listener.getsockname()[1], 7), mouth, 0)
    for tick in range(60):
        if tick == 30:
            track.change_codec(PCMA)
        sound = PCMU.decode(LOUD)
        track.timeline.put(1, tick * FRAME_SAMPLES, track.codec.encode(sound), tick * FRAME_SAMPLES)
        feed_taps([tap], tick * FRAME_SAMPLES)
    heard = np.concatenate(pieces(received(listener))).astype(int)
    assert np.abs(heard - int(PCMU.decode(LOUD)[0])).max() < 700  # a step of G.711 at that level

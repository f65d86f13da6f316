"""Real worker processes over loopback sockets: tones found by FFT prove who hears whom."""

import asyncio
import itertools
import os
import signal
import socket
import sys
import time
import wave
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.audio import Pcm
from core.errors import LocalProtocolError, Unavailable
from core.tap import TapFrame, unpack_tap
from core.tap_target import TapTarget
from telephony.media.client import MediaClient
from telephony.media.port import (
    Address,
    DigitPressed,
    LegStats,
    MediaEvent,
    PlayEnded,
    RecordingClosed,
    RtpSilent,
    WorkerLost,
)
from telephony.media.recording import repair
from tests.interop.rtp_peer import Peer, loudest_hz, tone, write_clip

pytestmark = pytest.mark.interop


class House:
    """A client with one worker, its events, and peers that are stopped at the end."""

    def __init__(self, client: MediaClient) -> None:
        self.client = client
        self.events: list[MediaEvent] = []
        self.peers: list[Peer] = []
        client.subscribe(self.events.append)

    async def leg(self, name: str, codec: str = "PCMA", hz: float = 440.0, near: str = "", **kwargs: bool) -> Peer:
        peer = Peer(codec, hz)
        self.peers.append(peer)
        peer.start(await self.client.open(name, near=near))
        await self.client.update(name, peer.stream(**kwargs))
        return peer

    async def wait(self, holds: Callable[[], bool], timeout_s: float = 5.0) -> None:
        async with asyncio.timeout(timeout_s):
            while not holds():  # noqa: ASYNC110 - other processes and threads change what is looked at
                await asyncio.sleep(0.01)

    async def event(self, event: MediaEvent) -> None:
        await self.wait(lambda: event in self.events)

    def of(self, kind: type) -> list[MediaEvent]:
        return [event for event in self.events if isinstance(event, kind)]


@pytest.fixture
async def house() -> AsyncIterator[House]:
    client = MediaClient(port_range=(23000, 23399), rtp_silent_s=1.0)
    await client.start()
    made = House(client)
    try:
        yield made
    finally:
        for peer in made.peers:
            peer.stop()
        await client.shut_down()


def read_stereo(path: Path) -> Pcm:
    with wave.open(str(path)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (2, 2, 8000)
        return np.frombuffer(sound.readframes(sound.getnframes()), "<i2").reshape(-1, 2)


def about(frequency_hz: float) -> object:
    return pytest.approx(frequency_hz, abs=8.0)


async def test_play_then_bridge_is_one_stream_and_each_hears_the_other(house: House, tmp_path: Path) -> None:
    left = await house.leg("a", "PCMA", 440.0)
    right = await house.leg("b", "PCMU", 880.0, near="a")
    path = tmp_path / "call.wav"
    await house.client.record("r", path, "a", "b")
    await house.client.play("a", "p", [write_clip(tmp_path / "clip.wav", tone(1200, 0.4))])
    began = time.monotonic()
    await house.event(PlayEnded("a", "p", finished=True))
    assert 0.35 < time.monotonic() - began < 2.0
    assert loudest_hz(left.heard()) == about(1200)
    joined = time.monotonic()
    await house.client.bridge("a", "b")
    await asyncio.sleep(0.8)
    assert loudest_hz(left.heard(joined + 0.1)) == about(880)
    assert loudest_hz(right.heard(joined + 0.1)) == about(440)
    packets = [packet for _, packet in left.packets]
    assert len({packet.ssrc for packet in packets}) == 1
    steps = [
        ((after.sequence - before.sequence) & 0xFFFF, (after.timestamp - before.timestamp) & 0xFFFFFFFF)
        for before, after in itertools.pairwise(packets)
    ]
    assert {step for step, _ in steps} == {1}
    assert all(160 <= samples < 16000 for _, samples in steps)  # exact steps: see the engine's tests on virtual time
    markers = [index for index, packet in enumerate(packets) if packet.marker]
    assert markers[0] == 0
    assert len(markers) == 2
    assert {packet.payload_type for packet in packets} == {8}
    assert {packet.payload_type for _, packet in right.packets} == {0}
    await house.client.stop_record("r")
    await house.wait(lambda: bool(house.of(RecordingClosed)))
    stereo = read_stereo(path)
    assert loudest_hz(stereo[1600:, 0]) == about(440)
    assert loudest_hz(stereo[1600:, 1]) == about(880)
    assert house.events[-1] == RecordingClosed("r", len(stereo) / 8000, "")


async def test_what_is_sent_to_the_left_is_recorded_when_there_is_no_right(house: House, tmp_path: Path) -> None:
    await house.leg("a", "PCMU", 440.0)
    await house.leg("b", "PCMA", 880.0, near="a")
    path = tmp_path / "call.wav"
    await house.client.record("r", path, "a", "")
    await house.client.play("a", "p", [write_clip(tmp_path / "music.wav", tone(1500, 0.31))], loop=True)
    await asyncio.sleep(0.8)
    await house.client.bridge("a", "b")
    await asyncio.sleep(0.7)
    await house.client.stop_record("r")
    await house.wait(lambda: bool(house.of(RecordingClosed)))
    stereo = read_stereo(path)
    assert PlayEnded("a", "p", finished=False) in house.events
    assert loudest_hz(stereo[800:5600, 0]) == about(440)
    assert loudest_hz(stereo[800:5600, 1]) == about(1500)
    assert loudest_hz(stereo[8000:, 1]) == about(880)


async def test_kill_9_of_the_worker_loses_at_most_a_second_and_another_starts(house: House, tmp_path: Path) -> None:
    await house.leg("a", "PCMA", 440.0)
    await house.leg("b", "PCMA", 880.0, near="a")
    path = tmp_path / "call.wav"
    await house.client.bridge("a", "b")
    await house.client.record("r", path, "a", "b")
    began = time.monotonic()
    await asyncio.sleep(2.5)
    os.kill(house.client.pids[0], signal.SIGKILL)
    lasted = time.monotonic() - began
    await house.event(WorkerLost(("a", "b"), ("r",)))
    before = read_stereo(path)
    assert len(before) / 8000 > lasted - 1.0
    assert repair(path) == pytest.approx(len(before) / 8000, abs=0.5)
    stereo = read_stereo(path)
    assert loudest_hz(stereo[1600:, 0]) == about(440)
    assert loudest_hz(stereo[1600:, 1]) == about(880)
    with pytest.raises(Unavailable):
        await house.client.play("a", "p", [])
    assert await house.client.close("a") == LegStats(0, 0, 0, 0)
    with pytest.raises(LocalProtocolError):
        await house.client.unbridge("a")
    again = await house.leg("c", "PCMA", 700.0)
    await house.client.play("c", "p", [write_clip(tmp_path / "clip.wav", tone(1200, 0.3))])
    await house.event(PlayEnded("c", "p", finished=True))
    assert loudest_hz(again.heard()) == about(1200)


async def test_keys_are_said_once_and_relayed_with_the_partners_type(house: House) -> None:
    left = await house.leg("a", "PCMA")
    right = Peer("PCMU", 880.0, event_type=96)
    house.peers.append(right)
    right.start(await house.client.open("b", near="a"))
    await house.client.update("b", right.stream())
    await house.client.bridge("a", "b")
    await asyncio.sleep(0.1)
    await house.client.send_digits("b", "5#")
    stamp = left.timestamp
    for duration, flags in ((160, 10), (320, 10), (480, 0x8A), (480, 0x8A), (480, 0x8A)):
        left.send_packet(101, bytes([7, flags]) + duration.to_bytes(2), timestamp=stamp, marker=duration == 160)
    await house.wait(lambda: bool(house.of(DigitPressed)))
    await asyncio.sleep(0.5)
    assert house.of(DigitPressed) == [DigitPressed("a", "7", 60)]
    events = [packet for _, packet in right.packets if packet.payload_type == 96]
    ours = [packet for packet in events if packet.payload[0] in (5, 11)]
    assert {packet.payload[0] for packet in ours} == {5, 11}
    assert len({packet.timestamp for packet in ours}) == 2
    assert sum(packet.payload[1] >= 0x80 for packet in ours) == 6
    sequences = [packet.sequence for _, packet in right.packets]
    assert all((after - before) & 0xFFFF == 1 for before, after in itertools.pairwise(sequences))
    await house.wait(lambda: loudest_hz(right.heard(time.monotonic() - 0.2)) == about(440))


async def test_far_end_behind_nat_is_learnt_and_strangers_are_refused(house: House, tmp_path: Path) -> None:
    peer = Peer("PCMA", 440.0)
    house.peers.append(peer)
    where = await house.client.open("a")
    await house.client.update("a", peer.stream(remote=Address("127.0.0.1", 9)))  # SDP lies, as phones behind NAT do
    other = await house.leg("b", "PCMA", 880.0, near="a")
    await house.client.bridge("a", "b")
    peer.start(where)
    await house.wait(lambda: len(peer.packets) > 10)
    stranger = Peer("PCMA", 2000.0)
    house.peers.append(stranger)
    stranger.start(where)
    began = time.monotonic()
    await asyncio.sleep(0.5)
    assert loudest_hz(other.heard(began)) == about(440)
    assert stranger.packets == []


async def test_hold_silences_one_way_and_resume_brings_it_back(house: House) -> None:
    left = await house.leg("a", "PCMA", 440.0)
    right = await house.leg("b", "PCMA", 880.0, near="a")
    await house.client.bridge("a", "b")
    await asyncio.sleep(0.2)
    await house.client.update("a", replace(left.stream(), send=False))
    await asyncio.sleep(0.05)
    held = time.monotonic()
    await asyncio.sleep(0.3)
    assert len(left.heard(held)) == 0
    assert loudest_hz(right.heard(held)) == about(440)
    await house.client.update("a", replace(left.stream(), send=False, receive=False))
    await asyncio.sleep(0.05)
    held = time.monotonic()
    await asyncio.sleep(0.2)
    assert len(right.heard(held)) == 0
    await house.client.update("a", left.stream())
    await asyncio.sleep(0.3)
    assert loudest_hz(left.heard(held)) == about(880)
    assert loudest_hz(right.heard(held)) == about(440)


async def test_a_tap_hears_the_far_end_in_order_and_its_end(house: House) -> None:
    listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listener.bind(("127.0.0.1", 0))
    listener.settimeout(1.0)
    await house.leg("a", "PCMU", 600.0)
    await house.client.tap("a", TapTarget("127.0.0.1", listener.getsockname()[1], 7))
    await asyncio.sleep(0.6)
    await house.client.untap("a")
    await house.client.untap("a")
    frames: list[TapFrame] = []
    with listener:
        while not frames or len(frames[-1].samples):
            frames.append(unpack_tap(listener.recv(4096)))
    assert [frame.sequence for frame in frames] == list(range(len(frames)))
    assert [frame.position for frame in frames] == list(np.cumsum([0, *(len(frame.samples) for frame in frames[:-1])]))
    assert {frame.stream for frame in frames} == {7}
    heard = np.concatenate([frame.samples for frame in frames])
    assert loudest_hz(heard) == about(600)
    assert len(heard) > 4000


async def test_silence_is_said_once_per_silence(house: House) -> None:
    peer = await house.leg("a")
    peer.mute()
    await house.wait(lambda: len(house.of(RtpSilent)) == 1)
    peer.mute(muted=False)
    await asyncio.sleep(0.7)
    peer.mute()
    await house.wait(lambda: len(house.of(RtpSilent)) == 2)


async def test_a_lost_control_connection_ends_the_worker_with_whole_recordings(tmp_path: Path) -> None:
    client = MediaClient(port_range=(23400, 23499))
    await client.start()
    house = House(client)
    await house.leg("a", "PCMA", 440.0)
    path = tmp_path / "call.wav"
    await client.record("r", path, "a", "")
    began = time.monotonic()
    await asyncio.sleep(1.0)
    lasted = time.monotonic() - began
    pid = client.pids[0]
    await client.shut_down()
    house.peers[0].stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert len(read_stereo(path)) / 8000 == pytest.approx(lasted, abs=0.1)
    assert house.of(WorkerLost) == []
    assert len(house.of(RecordingClosed)) == 1


async def test_errors_of_the_port(house: House, tmp_path: Path) -> None:
    client = house.client
    with pytest.raises(LocalProtocolError):
        await client.stop("nobody")
    await house.leg("a")
    with pytest.raises(LocalProtocolError):
        await client.open("a")
    with pytest.raises(LocalProtocolError):
        await client.play("a", "p", [tmp_path / "missing.wav"])
    noise = tmp_path / "noise.wav"
    noise.write_bytes(b"RIFF but no sound")
    await client.play("a", "p2", [noise])
    await house.event(PlayEnded("a", "p2", finished=False))
    await client.record("r", tmp_path / "no-folder" / "x.wav", "a", "")
    await house.wait(lambda: bool(house.of(RecordingClosed)))
    closed = house.of(RecordingClosed)[0]
    assert isinstance(closed, RecordingClosed)
    assert "cannot be made" in closed.fault
    with pytest.raises(LocalProtocolError):
        await client.send_digits("a", "5x")
    with pytest.raises(LocalProtocolError):
        await client.bridge("a", "a")
    await asyncio.sleep(0.2)
    stats = await client.close("a")
    assert stats.packets_received > 0


CONTROL = """
import asyncio, sys
from pathlib import Path
from telephony.media.client import MediaClient

async def main():
    client = MediaClient(port_range=(23500, 23599))
    await client.start()
    await client.open("a")
    await client.record("r", Path(sys.argv[1]), "a", "")
    print(client.pids[0], flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


async def test_kill_9_of_control_ends_the_worker_with_whole_recordings(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    control = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CONTROL, str(path), stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    assert control.stdout is not None
    worker = int(await control.stdout.readline())
    began = time.monotonic()
    await asyncio.sleep(1.0)
    control.kill()
    await control.wait()
    lasted = time.monotonic() - began
    async with asyncio.timeout(5.0):
        while _runs(worker):  # noqa: ASYNC110 - no child of ours: there is nothing to wait for
            await asyncio.sleep(0.02)
    assert len(read_stereo(path)) / 8000 == pytest.approx(lasted, abs=0.3)


def _runs(pid: int) -> bool:
    """Whether the process lives (a zombie that nobody has reaped yet does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def test_two_workers_share_the_legs_and_only_the_dead_ones_legs_are_lost(tmp_path: Path) -> None:
    client = MediaClient(workers=2, port_range=(23600, 23699))
    await client.start()
    house = House(client)
    try:
        await house.leg("a", hz=440.0)
        await house.leg("b", hz=880.0)
        left = await house.leg("c", hz=600.0, near="a")
        with pytest.raises(LocalProtocolError):
            await client.bridge("a", "b")
        await client.bridge("a", "c")
        os.kill(client.pids[1], signal.SIGKILL)
        await house.event(WorkerLost(("b",), ()))
        lost = time.monotonic()
        await asyncio.sleep(0.4)
        assert loudest_hz(left.heard(lost)) == about(440)
        await house.wait(lambda: len(client.pids) == 2)
        await house.leg("b")
    finally:
        for peer in house.peers:
            peer.stop()
        await client.shut_down()


async def test_a_cancelled_open_leaves_no_leg_behind(house: House) -> None:
    task = asyncio.create_task(house.client.open("a"))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await house.client.open("a")

"""A recogniser that dies or hangs in the middle of taps, and a worker that dies, in calls of two workers."""

import asyncio
import contextlib
import itertools
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from core.tap import unpack_tap
from core.tap_target import TapTarget
from telephony.media.client import MediaClient
from telephony.media.port import RecordingClosed
from tests.interop.line import CARRIER, basic, serving
from tests.interop.processes import Child, children
from tests.interop.rtp_peer import Peer, loudest_hz
from tests.interop.sound import share_of_tone, tone
from tests.interop.test_crashes import AGENT_HZ, CALLER_HZ, GENERAL, MEDIA, assert_identity, figures_of, people, served
from tests.interop.test_media_workers import House, about, read_stereo
from tests.ports import free_port

pytestmark = pytest.mark.interop

LISTENER = """
import socket, sys, time
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("127.0.0.1", 0))
print(sock.getsockname()[1], flush=True)
while True:
    sock.recv(4096)
"""


class Listener:
    """A process that receives taps and does nothing with them."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self.process = process
        self.target = TapTarget("127.0.0.1", port, 7)

    @classmethod
    async def start(cls) -> "Listener":
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", LISTENER, stdout=asyncio.subprocess.PIPE, stdin=asyncio.subprocess.DEVNULL
        )
        assert process.stdout is not None
        return cls(process, int(await process.stdout.readline()))


@pytest.fixture
async def house() -> AsyncIterator[House]:
    client = MediaClient(port_range=(24600, 24799))
    await client.start()
    made = House(client)
    try:
        yield made
    finally:
        for peer in made.peers:
            peer.stop()
        await client.shut_down()


def steps(peer: Peer, since: float) -> set[int]:
    sequences = [packet.sequence for at, packet in peer.packets if at >= since]
    assert len(sequences) > 20
    return {(after - before) & 0xFFFF for before, after in itertools.pairwise(sequences)}


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
async def test_a_recogniser_that_dies_or_hangs_in_the_middle_of_taps_costs_the_call_nothing(
    house: House, tmp_path: Path, number: signal.Signals
) -> None:
    left = await house.leg("a", "PCMA", 440.0)
    right = await house.leg("b", "PCMA", 880.0, near="a")
    await house.client.bridge("a", "b")
    path = tmp_path / "call.wav"
    await house.client.record("r", path, "a", "b")
    listener = await Listener.start()
    try:
        for leg in ("a", "b"):
            await house.client.tap(leg, listener.target)
        await asyncio.sleep(0.4)
        listener.process.send_signal(number)
        stopped = time.monotonic()
        await asyncio.sleep(1.6)
        assert steps(left, stopped) == steps(right, stopped) == {1}
        assert loudest_hz(left.heard(stopped)) == about(880)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as another:  # the recogniser that is started in its place
            another.bind(("127.0.0.1", 0))
            another.setblocking(False)
            await house.client.tap("a", TapTarget("127.0.0.1", another.getsockname()[1], 8))
            await asyncio.sleep(0.5)
            await house.client.untap("a")
            await house.client.untap("b")
            frames = [unpack_tap(another.recv(4096))]
            while len(frames[-1].samples):
                frames.append(unpack_tap(another.recv(4096)))
        assert [frame.sequence for frame in frames] == list(range(len(frames)))
        assert loudest_hz(np.concatenate([frame.samples for frame in frames])) == about(440)
        await house.client.stop_record("r")
        await house.wait(lambda: bool(house.of(RecordingClosed)))
    finally:
        with contextlib.suppress(ProcessLookupError):
            listener.process.kill()
        await listener.process.wait()
    closed = house.of(RecordingClosed)[0]
    assert isinstance(closed, RecordingClosed)
    assert (closed.fault, closed.gaps) == ("", ())
    stereo = read_stereo(path)
    assert loudest_hz(stereo[-8000:, 0]) == about(440)
    assert loudest_hz(stereo[-8000:, 1]) == about(880)


def sockets(worker: Child) -> int:
    links = (str(entry.readlink()) for entry in Path(f"/proc/{worker.pid}/fd").iterdir())
    return sum(link.startswith("socket:") for link in links)


async def test_of_two_media_workers_one_dies_and_the_calls_of_the_other_go_on(tmp_path: Path) -> None:
    carrier_port = free_port(CARRIER)
    config = basic(carrier_port=carrier_port)
    async with serving(tmp_path, config, media_workers=2) as line, people(line, carrier_port) as them:
        await them.sign_in()
        talking = await them.talk()
        waiting = await them.carrier.call(GENERAL, "13900139000")  # on the worker that carries fewer legs
        await asyncio.sleep(1.0)
        workers = children(served(line), MEDIA)
        assert len(workers) == 2
        max(workers, key=sockets).kill()  # two legs are more than one
        await asyncio.wait_for(talking.ended, 5)
        assert not waiting.ended.done()
        await line.until_agent("101", "talking", 25)  # who waited gets the agent
        await waiting.voice.say_samples(tone(CALLER_HZ, 2))
        assert share_of_tone(waiting.voice.heard_samples()[-8000:], AGENT_HZ, 40.0) > 0.5
        waiting.hang_up()
        lost, other = sorted(await line.until_calls_ended(2), key=lambda call: str(call["reason"]))
        assert (lost["reason"], lost["ended_by"], lost["ani"]) == ("media_lost", "system", "+8613800138000")
        assert (other["reason"], other["ended_by"], other["ani"]) == ("normal", "caller", "+8613900139000")
        assert len(children(served(line), MEDIA)) == 2
        assert_identity(await figures_of(line, "general"))
        assert not any("broke off" in text or "Traceback" in text for text in line.output)

"""Real workers, real RTP: supervision, conferences, announcements; tones found by FFT prove who hears whom."""

import asyncio
import itertools
import math
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from core.audio import Pcm
from core.ids import Ids
from service.clock import SystemClock
from telephony.audio import AudioRoom
from telephony.conference import Conference
from telephony.media.client import MediaClient
from telephony.media.port import Address
from telephony.oversight import Oversight, ears
from tests.interop.rtp_peer import Peer, tone, write_clip

pytestmark = pytest.mark.interop
SETTLED_S = 0.25
HEARD_S = 0.5


class House:
    """A room over one worker, and peers that are stopped at the end."""

    def __init__(self, client: MediaClient) -> None:
        self.client = client
        self.room = AudioRoom(client, Ids(SystemClock(), os.urandom))
        self.peers: dict[str, Peer] = {}

    async def leg(self, name: str, hz: float, codec: str = "PCMA") -> Peer:
        peer = self.peers[name] = Peer(codec, hz)
        audio = await self.room.open(name, lost=lambda: None, group="call")
        peer.start(audio.local)
        await audio.update(peer.stream())
        return peer

    async def hears(self) -> dict[str, str]:
        """For each leg the names of those whose tones it hears."""
        await asyncio.sleep(SETTLED_S)
        since = time.monotonic()
        await asyncio.sleep(HEARD_S)
        return {
            name: "".join(
                other for other, voice in self.peers.items() if peak_at(peer.heard(since), voice.frequency_hz) > 300
            )
            for name, peer in self.peers.items()
        }


@pytest.fixture
async def house() -> AsyncIterator[House]:
    client = MediaClient(port_range=(23400, 23799))
    await client.start()
    made = House(client)
    try:
        yield made
    finally:
        for peer in made.peers.values():
            peer.stop()
        await client.shut_down()


def peak_at(samples: Pcm, hz: float) -> float:
    """The peak of the sine of ``hz`` in whole tenths of a second of ``samples``."""
    usable = samples[: len(samples) // 800 * 800].astype(float)
    if not len(usable):
        return 0.0
    return float(abs(np.mean(usable * np.exp(-2j * np.pi * hz * np.arange(len(usable)) / 8000)))) * 2


def is_one_stream(peer: Peer) -> bool:
    packets = [packet for _, packet in peer.packets]
    steps = {(after.sequence - before.sequence) & 0xFFFF for before, after in itertools.pairwise(packets)}
    return steps == {1} and len({packet.ssrc for packet in packets}) == 1


async def test_listen_whisper_barge_take_over(house: House) -> None:
    caller, agent, chief = [
        await house.leg(name, hz, codec)
        for name, hz, codec in (("c", 500, "PCMA"), ("a", 700, "PCMU"), ("s", 900, "PCMA"))
    ]
    heard = {}
    for how in (None, *Oversight):
        await house.room.arrange(ears("c", "a", {"s": how} if how else {}))
        heard[how] = await house.hears()
    assert heard == {
        None: {"c": "a", "a": "c", "s": ""},
        Oversight.LISTEN: {"c": "a", "a": "c", "s": "ca"},
        Oversight.WHISPER: {"c": "a", "a": "cs", "s": "ca"},
        Oversight.BARGE: {"c": "as", "a": "cs", "s": "ca"},
        Oversight.TAKE_OVER: {"c": "s", "a": "", "s": "c"},
    }
    assert all(is_one_stream(peer) for peer in (caller, agent, chief))


async def test_a_conference_with_music_mute_volume_and_an_announcement(house: House, tmp_path: Path) -> None:
    music = write_clip(tmp_path / "music.wav", tone(1900, 1.0))
    news = write_clip(tmp_path / "news.wav", tone(2100, 0.8, 5000))
    conference = Conference(house.room, [music])
    first = await house.leg("a", 500)
    await conference.join("a")
    await asyncio.sleep(0.3)
    assert peak_at(first.heard(), 1900) > 7000
    for name, hz, codec in (("b", 700, "PCMU"), ("d", 900, "PCMA"), ("e", 1100, "PCMU")):
        await house.leg(name, hz, codec)
        await conference.join(name)
    assert await house.hears() == {"a": "bde", "b": "ade", "d": "abe", "e": "abd"}
    since = time.monotonic()
    await conference.announce([news])
    for peer in house.peers.values():
        assert peak_at(peer.heard(since + 0.2)[: 8 * 500], 2100) == pytest.approx(5000, rel=0.1)
        assert peak_at(peer.heard(since - 0.5), 1900) < 50, "no music any more"
    await conference.mute("b")
    assert (await house.hears())["a"] == "de"
    await conference.leave("d")
    assert await house.hears() == {"a": "e", "b": "ae", "d": "", "e": "a"}


async def test_what_a_mix_adds_to_the_delay(house: House) -> None:
    """Bursts of a tone through four talks that are mixed (a gain of -1 dB), each at its own phase of the tick."""
    delays_ms: list[float] = []
    for number in range(4):
        talker, listener = Burst(), await house.leg(f"b{number}", 300)
        audio = await house.room.open(f"a{number}", lost=lambda: None, group="call")
        await audio.update(talker.peer.stream())
        await house.room.arrange({f"a{number}": {f"b{number}": 0.0}, f"b{number}": {f"a{number}": -1.0}})
        try:
            await asyncio.to_thread(talker.run, audio.local, 0.8)
        finally:
            talker.peer.stop()
        delays_ms += [1000 * delay for delay in talker.delays(listener)]
    assert len(delays_ms) >= 12
    assert np.percentile(delays_ms, 90) <= 40.0, sorted(delays_ms)  # the sender, a thread of ours, may be late itself
    assert np.median(delays_ms) <= 30.0, sorted(delays_ms)


class Burst:
    """A far end that sends 40 ms of tone each 200 ms, silence between, and remembers when."""

    def __init__(self) -> None:
        self.peer = Peer("PCMA", 1000)
        self.began: list[float] = []

    def run(self, remote: Address, seconds: float) -> None:
        self.peer.remote = (remote.host, remote.port)
        silence, burst = np.zeros(160, np.int16), tone(1000, 0.02)
        begin = time.monotonic()
        for count in range(round(seconds / 0.02)):
            place = count % 10
            time.sleep(max(0.0, begin + 0.02 * count - time.monotonic()))
            if place == 5:
                self.began.append(time.monotonic())
            self.peer.send_packet(8, self.peer.codec.encode(burst if place in (5, 6) else silence))
            self.peer.timestamp += 160

    def delays(self, listener: Peer) -> list[float]:
        """From the moment a burst was sent until it could be heard, in seconds."""
        found: list[float] = []
        loud_before = False
        for at, packet in list(listener.packets):
            loud = np.abs(listener.codec.decode(packet.payload)) > 3000
            if loud.any() and not loud_before:
                onset = at + float(np.argmax(loud)) / 8000
                sent = max((began for began in self.began if began <= onset), default=math.nan)
                found.append(onset - sent)
            loud_before = bool(loud.any())
        return found

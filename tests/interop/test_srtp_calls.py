"""SRTP through a real worker: plain tones at both ends, nothing plain on the wire, forgeries without effect."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import LocalProtocolError
from telephony.media.client import MediaClient
from telephony.media.port import Address, LegStats, RecordingClosed, SrtpKeys, Stream
from telephony.media.srtp import KEY_OCTETS, SrtpContext
from tests.interop.rtp_peer import Peer, loudest_hz, tone, write_clip
from tests.interop.test_media_workers import House, about, read_stereo

pytestmark = pytest.mark.interop


class SrtpSocket:
    """A UDP socket whose datagrams are protected on the way out and unprotected on the way in, while ``on``."""

    def __init__(self, sock: socket.socket, context: SrtpContext) -> None:
        self.sock = sock
        self.context = context
        self.on_the_wire: list[bytes] = []
        self.on = True

    def sendto(self, data: bytes, address: tuple[str, int]) -> int:
        if not self.on:
            return self.sock.sendto(data, address)
        protected = self.context.protect(data)
        assert protected is not None
        return self.sock.sendto(protected, address)

    def recvfrom(self, size: int) -> tuple[bytes, object]:
        while True:
            data, source = self.sock.recvfrom(size)
            self.on_the_wire.append(data)
            plain = self.context.unprotect(data) if self.on else data
            if plain is not None:
                return plain, source

    def close(self) -> None:
        self.sock.close()


class SecurePeer(Peer):
    """A far end that speaks SRTP."""

    def __init__(self, suite: str, codec: str, hz: float, seed: int) -> None:
        super().__init__(codec, hz)
        self.keys = keys_of(suite, seed)
        self.secure = SrtpSocket(self.socket, SrtpContext(reversed_keys(self.keys)))
        self.socket = self.secure  # type: ignore[assignment]

    def stream(self, *, remote: Address | None = None, send: bool = True, receive: bool = True) -> Stream:
        return replace(super().stream(remote=remote, send=send, receive=receive), crypto=self.keys)


def keys_of(suite: str, seed: int) -> SrtpKeys:
    ours, theirs = (bytes((seed + add + index) & 0xFF for index in range(KEY_OCTETS[suite])) for add in (0, 90))
    return SrtpKeys(suite, ours, theirs)


def reversed_keys(keys: SrtpKeys) -> SrtpKeys:
    return SrtpKeys(keys.suite, keys.receive_key, keys.send_key)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    client = MediaClient(port_range=(24200, 24399), rtp_silent_s=2.0)
    await client.start()
    made = House(client)
    try:
        yield made
    finally:
        for peer in made.peers:
            peer.stop()
        await client.shut_down()


async def join(house: House, name: str, peer: Peer, near: str = "") -> None:
    house.peers.append(peer)
    peer.start(await house.client.open(name, near=near))
    await house.client.update(name, peer.stream())


@pytest.mark.parametrize("suite", sorted(KEY_OCTETS))
async def test_a_secured_leg_is_bridged_recorded_and_played_to(house: House, tmp_path: Path, suite: str) -> None:
    secured = SecurePeer(suite, "PCMU", 440.0, 7)
    await join(house, "a", secured)
    plain = await house.leg("b", "PCMA", 880.0, near="a")
    path = tmp_path / "call.wav"
    await house.client.record("r", path, "a", "b")
    await house.client.play("a", "p", [write_clip(tmp_path / "clip.wav", tone(1200, 0.3))])
    await asyncio.sleep(0.5)
    assert loudest_hz(secured.heard()) == about(1200)
    await house.client.bridge("a", "b")
    await asyncio.sleep(0.1)
    joined = time.monotonic()
    await asyncio.sleep(0.5)
    assert loudest_hz(secured.heard(joined)) == about(880)
    assert loudest_hz(plain.heard(joined)) == about(440)
    await house.client.stop_record("r")
    await house.wait(lambda: bool(house.of(RecordingClosed)))
    stereo = read_stereo(path)
    assert loudest_hz(stereo[-2400:, 0]) == about(440)
    assert loudest_hz(stereo[-2400:, 1]) == about(880)
    payloads = {packet.payload for _, packet in secured.packets}
    assert not any(payload in data for payload in payloads for data in secured.secure.on_the_wire)
    stats = await house.client.close("a")
    assert stats.packets_refused <= 5  # those that came before we knew the keys
    assert secured.secure.context.refused == 0


async def test_two_secured_legs_with_keys_of_their_own(house: House) -> None:
    left = SecurePeer("AES_CM_128_HMAC_SHA1_80", "PCMA", 440.0, 1)
    right = SecurePeer("AEAD_AES_256_GCM", "PCMA", 880.0, 2)
    await join(house, "a", left)
    await join(house, "b", right, "a")
    await house.client.bridge("a", "b")
    await asyncio.sleep(0.6)
    assert loudest_hz(left.heard()) == about(880)
    assert loudest_hz(right.heard()) == about(440)


async def test_plain_and_forged_packets_move_nothing_and_are_counted(house: House) -> None:
    secured = SecurePeer("AES_CM_128_HMAC_SHA1_80", "PCMA", 440.0, 3)
    await join(house, "a", secured)
    other = await house.leg("b", "PCMA", 880.0, near="a")
    await house.client.bridge("a", "b")
    await asyncio.sleep(0.3)
    secured.mute()  # silent for more than two seconds, so that a new place would be learnt
    intruder = Peer("PCMA", 2000.0)
    liar = SecurePeer("AES_CM_128_HMAC_SHA1_80", "PCMA", 2000.0, 99)
    for peer in (intruder, liar):
        peer.ssrc, peer.sequence = secured.ssrc, secured.sequence
        house.peers.append(peer)
        assert secured.remote is not None
        peer.start(Address(*secured.remote))
    began = time.monotonic()
    await asyncio.sleep(2.6)
    assert loudest_hz(other.heard(began + 0.1)) == 0.0
    assert (intruder.packets, liar.secure.on_the_wire) == ([], [])
    secured.mute(muted=False)
    await asyncio.sleep(0.4)
    assert loudest_hz(other.heard(time.monotonic() - 0.25)) == about(440)
    stats = await house.client.close("a")
    assert isinstance(stats, LegStats)
    assert stats.packets_refused > 200


async def test_new_keys_in_the_middle_of_a_call_and_back_to_plain(house: House) -> None:
    suite = "AES_CM_128_HMAC_SHA1_32"
    secured = SecurePeer(suite, "PCMA", 440.0, 4)
    await join(house, "a", secured)
    other = await house.leg("b", "PCMA", 880.0, near="a")
    await house.client.bridge("a", "b")
    await asyncio.sleep(0.3)
    secured.keys = keys_of(suite, 50)
    await house.client.update("a", secured.stream())
    secured.secure.context.rekey(reversed_keys(secured.keys))
    changed = time.monotonic()
    await asyncio.sleep(0.5)
    assert loudest_hz(secured.heard(changed + 0.1)) == about(880)
    assert loudest_hz(other.heard(changed + 0.1)) == about(440)
    with pytest.raises(LocalProtocolError, match="30 octets"):
        await house.client.update("a", replace(secured.stream(), crypto=SrtpKeys(suite, b"", b"")))
    secured.secure.on = False
    await house.client.update("a", replace(secured.stream(), crypto=None))
    changed = time.monotonic()
    await asyncio.sleep(0.5)
    assert loudest_hz(secured.heard(changed + 0.1)) == about(880)
    assert loudest_hz(other.heard(changed + 0.1)) == about(440)
    lost = [
        after.sequence - before.sequence
        for (_, before), (_, after) in zip(other.packets, other.packets[1:], strict=False)
    ]
    assert sum((step & 0xFFFF) - 1 for step in lost) <= 3  # a packet or two at each change

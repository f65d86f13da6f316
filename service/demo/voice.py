"""A simulated person's mouth and ears: RTP in G.711, one packet each 20 ms, silence where nothing is said."""

import asyncio
from collections import deque
from pathlib import Path
from typing import Final

import numpy as np

from core.audio import FRAME_SAMPLES, Pcm
from core.errors import ParseError
from telephony.media.clips import load_clip
from telephony.media.codecs import PCMA, codec_named
from telephony.media.port import Address
from telephony.rtp.dtmf import KEYS
from telephony.rtp.packet import RtpPacket, parse_rtp

_TICK_S: Final = 0.020
_EVENT_TYPE: Final = 101
_SSRC: Final = 0x4C343030
_KEEP_HEARD_FRAMES: Final = 50 * 60 * 5
"""What was heard is kept for five minutes at most."""


class Voice(asyncio.DatagramProtocol):
    """One party's RTP socket. ``heard`` collects what came, for those who want to know who heard whom."""

    def __init__(self, codec: str = "PCMA") -> None:
        self.codec = codec_named(codec)
        self._payload_type = 8 if self.codec is PCMA else 0
        self._silence = bytes((self.codec.silence,)) * FRAME_SAMPLES
        self.heard: list[Pcm] = []
        self.heard_at: list[float] = []
        """When each of them came, by the loop's clock."""
        self._transport: asyncio.DatagramTransport | None = None
        self._remote: tuple[str, int] | None = None
        self._queue: deque[bytes] = deque()
        self._said = asyncio.Event()
        self._keys: deque[str] = deque()
        self._sequence = 0
        self._timestamp = 0
        self._pump: asyncio.Task[None] | None = None

    async def open(self, host: str = "127.0.0.1") -> Address:
        """Bind a port; where others send to."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(host, 0))
        name = self._transport.get_extra_info("sockname")
        return Address(name[0], name[1])

    def connect(self, remote: Address) -> None:
        """Begin to send to ``remote``."""
        self._remote = (remote.host, remote.port)
        if self._pump is None:
            self._pump = asyncio.ensure_future(self._send_for_ever())

    async def say(self, clip: Path) -> None:
        """Speak a WAV file to its end."""
        sound = await asyncio.to_thread(load_clip, str(clip))
        await self._speak(sound.encoded(self.codec))

    async def say_samples(self, samples: Pcm) -> None:
        """Speak ``samples`` to their end."""
        await self._speak(self.codec.encode(samples))

    async def _speak(self, encoded: bytes) -> None:
        self._said.clear()
        for start in range(0, len(encoded), FRAME_SAMPLES):
            self._queue.append(encoded[start : start + FRAME_SAMPLES].ljust(FRAME_SAMPLES, self._silence[:1]))
        await self._said.wait()

    def press(self, keys: str) -> None:
        """Press keys (RFC 4733), one after the other."""
        self._keys.extend(keys)

    def heard_samples(self) -> Pcm:
        """All that was heard so far, packet after packet."""
        return np.concatenate(self.heard) if self.heard else np.zeros(0, np.int16)

    def close(self) -> None:
        """Fall silent."""
        if self._pump is not None:
            self._pump.cancel()
        if self._transport is not None:
            self._transport.close()

    def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:
        """Hear a packet."""
        del addr
        try:
            packet = parse_rtp(data)
        except ParseError:
            return
        if packet.payload_type == self._payload_type and len(self.heard) < _KEEP_HEARD_FRAMES:
            self.heard.append(self.codec.decode(packet.payload))
            self.heard_at.append(asyncio.get_running_loop().time())

    async def _send_for_ever(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            if self._keys:
                due = await self._send_key(self._keys.popleft(), due)
            frame = self._queue.popleft() if self._queue else self._silence
            self._send(RtpPacket(self._payload_type, self._sequence, self._timestamp, _SSRC, frame))
            self._timestamp += FRAME_SAMPLES
            if not self._queue:
                self._said.set()
            due += _TICK_S
            await asyncio.sleep(max(0.0, due - loop.time()))

    async def _send_key(self, key: str, due: float) -> float:
        """RFC 4733: 100 ms of updates, then the end three times, all with the timestamp of the key's beginning."""
        loop = asyncio.get_running_loop()
        event = KEYS.index(key)
        for step in range(8):
            end = step >= 5
            duration = min(step + 1, 5) * FRAME_SAMPLES
            payload = bytes((event, (0x80 if end else 0) | 10)) + duration.to_bytes(2)
            self._send(RtpPacket(_EVENT_TYPE, self._sequence, self._timestamp, _SSRC, payload, marker=step == 0))
            due += _TICK_S
            await asyncio.sleep(max(0.0, due - loop.time()))
        self._timestamp += 8 * FRAME_SAMPLES
        return due

    def _send(self, packet: RtpPacket) -> None:
        self._sequence = (self._sequence + 1) & 0xFFFF
        self._timestamp &= 0xFFFFFFFF
        if self._transport is not None and self._remote is not None:
            self._transport.sendto(packet.to_bytes(), self._remote)

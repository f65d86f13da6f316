"""A plain RTP party for tests: sends a tone in G.711 every 20 ms from its own thread, and keeps what it hears."""

import socket
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from core.audio import Pcm
from telephony.media.codecs import Law, codec_named
from telephony.media.port import Address, Stream
from telephony.rtp.packet import RtpPacket, parse_rtp
from telephony.rtp.rtcp import is_rtcp

PAYLOAD_TYPES = {"PCMU": 0, "PCMA": 8}


def tone(frequency_hz: float, seconds: float, level: float = 8000.0) -> Pcm:
    time_s = np.arange(round(seconds * 8000)) / 8000
    return (level * np.sin(2 * np.pi * frequency_hz * time_s)).astype(np.int16)


def loudest_hz(samples: Pcm) -> float:
    """The strongest frequency, 0.0 where there is (almost) silence."""
    if len(samples) < 800 or float(np.sqrt(np.mean(samples.astype(float) ** 2))) < 200:
        return 0.0
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * 8000 / len(samples))


@dataclass
class Peer:
    """One far end on loopback."""

    codec_name: str = "PCMA"
    frequency_hz: float = 440.0
    event_type: int | None = 101
    packets: list[tuple[float, RtpPacket]] = field(default_factory=list)
    _sends: bool = True

    def __post_init__(self) -> None:
        self.codec: Law = codec_named(self.codec_name)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(0.1)
        self.address = Address("127.0.0.1", self.socket.getsockname()[1])
        self.remote: tuple[str, int] | None = None
        self.ssrc = self.address.port
        self.sequence = 65530  # wraps early in every test
        self.timestamp = 2**32 - 800
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._receive), threading.Thread(target=self._send)]

    def stream(self, *, remote: Address | None = None, send: bool = True, receive: bool = True) -> Stream:
        return Stream(
            remote or self.address,
            self.codec_name,
            PAYLOAD_TYPES[self.codec_name],
            self.event_type,
            send=send,
            receive=receive,
        )

    def start(self, remote: Address) -> "Peer":
        self.remote = (remote.host, remote.port)
        for thread in self._threads:
            thread.start()
        return self

    def mute(self, *, muted: bool = True) -> None:
        self._sends = not muted

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()
        self.socket.close()

    def heard(self, since: float = 0.0) -> Pcm:
        """What came since monotonic time ``since``, laid out by timestamp."""
        packets = [
            packet for at, packet in list(self.packets) if at >= since and packet.payload_type != self.event_type
        ]
        if not packets:
            return np.zeros(0, np.int16)
        base = packets[0].timestamp
        last = max((packet.timestamp - base) & 0xFFFFFFFF for packet in packets)
        samples = np.zeros(last + 960, np.int16)
        for packet in packets:
            at = (packet.timestamp - base) & 0xFFFFFFFF
            decoded = self.codec.decode(packet.payload)
            samples[at : at + len(decoded)] = decoded
        return samples[: last + len(packets[-1].payload)]

    def send_packet(
        self, payload_type: int, payload: bytes, *, timestamp: int | None = None, marker: bool = False
    ) -> None:
        assert self.remote is not None
        stamp = self.timestamp if timestamp is None else timestamp
        packet = RtpPacket(payload_type, self.sequence, stamp & 0xFFFFFFFF, self.ssrc, payload, marker)
        self.sequence = (self.sequence + 1) & 0xFFFF
        self.socket.sendto(packet.to_bytes(), self.remote)

    def _send(self) -> None:
        sound = tone(self.frequency_hz, 2.0)
        begin, count = time.monotonic(), 0
        while not self._stop.is_set():
            if self._sends:
                at = count * 160 % len(sound)
                self.send_packet(PAYLOAD_TYPES[self.codec_name], self.codec.encode(sound[at : at + 160]))
            self.timestamp += 160
            count += 1
            time.sleep(max(0.0, begin + 0.02 * count - time.monotonic()))

    def _receive(self) -> None:
        while not self._stop.is_set():
            try:
                data, _ = self.socket.recvfrom(2048)
            except TimeoutError:
                continue
            if is_rtcp(data):
                continue  # of another peer, whose port is one below ours
            self.packets.append((time.monotonic(), parse_rtp(data)))


def write_clip(path: Path, samples: Pcm) -> Path:
    """A mono WAV as clips are."""
    import wave  # noqa: PLC0415

    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(samples.astype("<i2").tobytes())
    return path

"""An engine without sockets, on virtual time: each leg's port is a list of what was sent."""

import itertools
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from telephony.media import commands as c
from telephony.media.codecs import PCMA, PCMU
from telephony.media.engine import Engine
from telephony.media.leg import MediaLeg
from telephony.media.port import Address, MediaEvent, SrtpKeys, Stream
from telephony.media.track import Clock
from telephony.rtp.latch import Source
from telephony.rtp.packet import RtpPacket, parse_rtp
from tests.interop.rtp_peer import tone


@dataclass
class FakePort:
    """A leg's port: what was sent, and where to."""

    port: int
    sent: list[tuple[Source, RtpPacket]] = field(default_factory=list)
    reported: list[tuple[Source, bytes, bool]] = field(default_factory=list)
    locked: Source | None = None
    closed: bool = False
    leg: MediaLeg | None = None
    descriptor: int = -1
    keys: SrtpKeys | None = None

    def towards(self, destination: Source) -> Callable[[bytes], int]:
        def transmit(data: bytes) -> int:
            self.sent.append((destination, parse_rtp(data)))
            return len(data)

        return transmit

    def lock(self, source: Source) -> Callable[[bytes], int]:
        self.locked = source
        return self.towards(source)

    def secure(self, keys: SrtpKeys | None) -> None:
        self.keys = keys

    def control(self, data: bytes, destination: Source, *, muxed: bool) -> None:
        self.reported.append((destination, data, muxed))

    def unlock(self) -> None:
        self.locked = None

    def watch(self, leg: MediaLeg) -> None:
        self.leg = leg

    def close(self) -> None:
        self.closed = True

    def arrive(self, data: bytes, source: Source) -> None:
        assert self.leg is not None
        if source == self.locked:
            self.leg.hear(data)
        else:
            self.leg.receive(data, source)

    @property
    def packets(self) -> list[RtpPacket]:
        return [packet for _, packet in self.sent]


class FakePorts:
    def __init__(self) -> None:
        self.opened: list[FakePort] = []

    def open(self) -> FakePort:
        self.opened.append(FakePort(30000 + 2 * len(self.opened)))
        return self.opened[-1]


class Bench:
    """An engine with its time."""

    def __init__(self) -> None:
        self.ports = FakePorts()
        self.events: list[MediaEvent] = []
        chance = random.Random(4)
        self.engine = Engine(
            clock=Clock(),
            host="127.0.0.1",
            ports=self.ports,
            emit=self.events.append,
            entropy=chance.randbytes,
            wake=lambda: None,
            rtp_silent_s=1.0,
        )

    def leg(self, name: str, codec: str = "PCMA", event_type: int | None = 101) -> "FarEnd":
        self.engine.do(c.Open(name))
        far_end = FarEnd(self, name, codec, event_type, self.ports.opened[-1])
        self.engine.do(c.Update(name, far_end.stream))
        return far_end

    def pass_time(self, frames: int = 1, *speakers: "FarEnd", stalled: bool = False) -> None:
        if stalled:
            self.engine.clock.samples += 160 * frames
            self.engine.tick(frames)
            return
        for _ in range(frames):
            self.engine.clock.samples += 160
            for speaker in speakers:
                speaker.say()
            self.engine.tick(1)

    def load(self) -> None:
        """Let the loader thread do its work."""
        done = threading.Event()
        self.engine._loader.submit(done.set)
        self.engine._loader.push()
        assert done.wait(5.0)
        self.engine.collect()


class FarEnd:
    def __init__(self, bench: Bench, name: str, codec: str, event_type: int | None, port: FakePort) -> None:
        self.bench, self.name, self.port = bench, name, port
        self.codec = PCMA if codec == "PCMA" else PCMU
        self.source: Source = ("192.0.2.1", 10000 + port.port)
        self.stream = Stream(Address(*self.source), codec, 8 if codec == "PCMA" else 0, event_type)
        self.sequence, self.timestamp, self.ssrc = 65530, 2**32 - 320, port.port
        self.sound = itertools.cycle(np.split(tone(500 + port.port % 100 * 100, 1.0), 50))

    def say(
        self, payload: bytes | None = None, *, payload_type: int | None = None, timestamp: int | None = None
    ) -> None:
        packet = RtpPacket(
            self.stream.payload_type if payload_type is None else payload_type,
            self.sequence & 0xFFFF,
            (self.timestamp if timestamp is None else timestamp) & 0xFFFFFFFF,
            self.ssrc,
            self.codec.encode(next(self.sound)) if payload is None else payload,
        )
        self.sequence += 1
        if timestamp is None:
            self.timestamp += 160
        self.port.arrive(packet.to_bytes(), self.source)


def steps(packets: list[RtpPacket]) -> list[tuple[int, int]]:
    return [
        ((after.sequence - before.sequence) & 0xFFFF, (after.timestamp - before.timestamp) & 0xFFFFFFFF)
        for before, after in itertools.pairwise(packets)
    ]

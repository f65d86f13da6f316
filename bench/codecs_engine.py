"""Whole calls through the engine without sockets, on virtual time: what a call costs beside the kernel's work.

Each call is two legs that talk all the time, bridged; far ends say a voice-like sound. Counted is the engine's own
processor time: packets taken, jitter buffer, decoding, mixing, encoding, recording where asked for.
"""

import itertools
import secrets
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.audio import FRAME_SAMPLES, Pcm
from telephony.media import commands as c
from telephony.media.codecs import audio_codec
from telephony.media.engine import Engine
from telephony.media.leg import MediaLeg
from telephony.media.port import Address, SrtpKeys, Stream
from telephony.media.track import Clock
from telephony.rtp.formats import FORMATS
from telephony.rtp.latch import Source
from telephony.rtp.packet import HEADER, PLAIN

_CALLS = 10
_SETTLE_FRAMES = 50
_SECONDS = 4


class _Port:
    """A leg's port that goes nowhere."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.descriptor = -1
        self.leg: MediaLeg | None = None

    def towards(self, destination: Source) -> Callable[[bytes], int]:
        del destination
        return len

    def lock(self, source: Source) -> Callable[[bytes], int]:
        return self.towards(source)

    def unlock(self) -> None:
        pass

    def secure(self, keys: SrtpKeys | None) -> None:
        pass

    def control(self, data: bytes, destination: Source, *, muxed: bool) -> None:
        pass

    def watch(self, leg: MediaLeg) -> None:
        self.leg = leg

    def close(self) -> None:
        pass


class _Ports:
    def __init__(self) -> None:
        self.opened: list[_Port] = []

    def open(self) -> _Port:
        self.opened.append(_Port(20000 + 2 * len(self.opened)))
        return self.opened[-1]


@dataclass(slots=True)
class _Far:
    port: _Port
    payloads: "itertools.cycle[bytes]"
    payload_type: int
    ticks: int
    sequence: int = 0

    def say(self) -> None:
        self.sequence += 1
        timestamp = self.sequence * self.ticks & 0xFFFFFFFF
        header = HEADER.pack(PLAIN, self.payload_type, self.sequence & 0xFFFF, timestamp, self.port.port)
        leg = self.port.leg
        if leg is not None and self.sequence > 10:
            leg.hear(header + next(self.payloads))
        elif leg is not None:
            leg.receive(header + next(self.payloads), ("127.0.0.1", self.port.port + 10000))


def core_pct(left: str, right: str, frames: list[Pcm], *, recorded: bool = True) -> float:
    """Percent of one processor that a bridged call of these two codecs costs the engine."""
    ports = _Ports()
    clock = Clock()
    engine = Engine(
        clock=clock, host="127.0.0.1", ports=ports, emit=lambda _: None, entropy=secrets.token_bytes,
        wake=lambda: None,
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        far_ends: list[_Far] = []
        for call in range(_CALLS):
            for side, name in enumerate((left, right)):
                far_ends.append(_leg(engine, ports, f"{call}-{side}", name, frames))
            engine.do(c.Bridge(f"{call}-0", f"{call}-1"))
            if recorded:
                engine.do(c.Record(f"r{call}", str(Path(folder) / f"{call}.wav"), f"{call}-0", f"{call}-1"))
        spent = 0
        for frame in range(_SETTLE_FRAMES + 50 * _SECONDS):
            began = time.process_time_ns()
            clock.samples += FRAME_SAMPLES
            for far_end in far_ends:
                far_end.say()
            engine.tick(1)
            if frame >= _SETTLE_FRAMES:
                spent += time.process_time_ns() - began
        engine.shut_down()
    return spent / 1e9 / _SECONDS / _CALLS * 100


def _leg(engine: Engine, ports: _Ports, leg: str, name: str, frames: list[Pcm]) -> _Far:
    form = FORMATS[name]
    encoder = audio_codec(name).encoder()
    engine.do(c.Open(leg))
    port = ports.opened[-1]
    stream = Stream(
        Address("127.0.0.1", port.port + 10000), name, form.payload_type, 101, event_clock_hz=form.clock_hz
    )  # fmt: skip
    engine.do(c.Update(leg, stream))
    payloads = itertools.cycle([encoder.encode(frame) for frame in frames[:100]])
    return _Far(port, payloads, form.payload_type, form.ticks(20))

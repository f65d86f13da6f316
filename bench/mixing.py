"""What mixing costs: processor time a leg and tick, through the engine of a media worker without its sockets.

``python -m bench.mixing [--json] [--seconds N]``. Packets of all legs come in order; each tick of 20 ms takes them out
of their jitter buffers, mixes, encodes and gives packets away; the kernel's part (sending and receiving, about 8 µs a
leg and tick) is not in it. Processor time is counted; one thread.
"""

import argparse
import json
import os
import platform
import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import cycle

import numpy as np

from core.audio import FRAME_SAMPLES, RATE_HZ
from telephony.media import commands as c
from telephony.media.codecs import audio_codec
from telephony.media.engine import Engine
from telephony.media.leg import MediaLeg
from telephony.media.port import Address, SrtpKeys, Stream
from telephony.media.track import Clock
from telephony.rtp.formats import FORMATS
from telephony.rtp.latch import Source
from telephony.rtp.packet import RtpPacket

_WARM_UP = 50
_TICK_US = 20_000


@dataclass(frozen=True, slots=True)
class MixCost:
    """``legs`` in all, ``receive_us`` and ``tick_us`` each a leg and 20 ms; ``core_pct_per_leg`` of both."""

    case: str
    legs: int
    receive_us: float
    tick_us: float
    core_pct_per_leg: float


class NoPort:
    """A leg's port that leads nowhere."""

    descriptor = -1

    def __init__(self, port: int) -> None:
        self.port = port
        self.leg: MediaLeg | None = None

    def towards(self, destination: Source) -> Callable[[bytes], int]:
        """See ``telephony.media.leg.Line``."""
        del destination
        return len

    lock = towards

    def unlock(self) -> None:
        """See ``telephony.media.leg.Line``."""

    def control(self, data: bytes, destination: Source, *, muxed: bool) -> None:
        """See ``telephony.media.reports.ControlLine``."""

    def secure(self, keys: SrtpKeys | None) -> None:
        """See ``telephony.media.engine.LegPort``."""

    def watch(self, leg: MediaLeg) -> None:
        """See ``telephony.media.engine.LegPort``."""
        self.leg = leg

    def close(self) -> None:
        """See ``telephony.media.engine.LegPort``."""


class NoPorts:
    """See ``telephony.media.engine.Ports``."""

    def __init__(self) -> None:
        self.opened: list[NoPort] = []

    def open(self) -> NoPort:
        """One more."""
        self.opened.append(NoPort(20000 + 2 * len(self.opened)))
        return self.opened[-1]


def payloads(codec: str, number: int) -> Iterator[bytes]:
    """A second of a buzz in syllables, over and over; each number another pitch."""
    encoder = audio_codec(codec).encoder()
    at = np.arange(RATE_HZ) / RATE_HZ
    loudness = np.clip(np.sin(2 * np.pi * 4 * at + number), 0, 1)
    buzz = sum(np.sin(2 * np.pi * (100 + 3 * number) * harmonic * at) / harmonic for harmonic in range(1, 12))
    sound = (1500 * loudness * buzz).astype(np.int16)
    return cycle([encoder.encode(frame) for frame in np.split(sound, RATE_HZ // FRAME_SAMPLES)])


def cost_of(case: str, hears: Mapping[str, Mapping[str, float]], codecs: Mapping[str, str], ticks: int) -> MixCost:
    """Legs that hear each other as ``hears`` says; ``codecs`` of those that do not speak A-law."""
    ports, clock = NoPorts(), Clock()
    engine = Engine(
        clock=clock,
        host="127.0.0.1",
        ports=ports,
        emit=lambda event: None,
        entropy=random.Random(4).randbytes,
        wake=lambda: None,
    )
    speakers: list[tuple[MediaLeg, int, int, int, Iterator[bytes]]] = []
    for number, name in enumerate(hears):
        form = FORMATS[codecs.get(name, "PCMA")]
        engine.do(c.Open(name))
        engine.do(c.Update(name, Stream(Address("192.0.2.1", 4000 + number), form.name, form.payload_type)))
        leg = ports.opened[-1].leg
        if leg is not None:
            speakers.append((leg, number, form.payload_type, form.ticks(20), payloads(form.name, number)))
    for name, sources in hears.items():
        engine.do(c.Hear(name, sources))
    received_ns = ticked_ns = 0
    for tick in range(_WARM_UP + ticks):
        clock.samples += FRAME_SAMPLES
        packets = [
            (leg, number, RtpPacket(kind, tick & 0xFFFF, tick * step, number, next(sound)).to_bytes())
            for leg, number, kind, step, sound in speakers
        ]
        began = time.process_time_ns()
        for leg, number, packet in packets:
            if tick < _WARM_UP:
                leg.receive(packet, ("192.0.2.1", 4000 + number))
            else:
                leg.hear(packet)
        came = time.process_time_ns()
        engine.tick(1)
        if tick >= _WARM_UP:
            received_ns += came - began
            ticked_ns += time.process_time_ns() - came
    engine.shut_down()
    receive_us, tick_us = (ns / 1000 / ticks / len(hears) for ns in (received_ns, ticked_ns))
    return MixCost(
        case, len(hears), round(receive_us, 2), round(tick_us, 2), round(100 * (receive_us + tick_us) / _TICK_US, 4)
    )


def conference(size: int) -> dict[str, dict[str, float]]:
    """All hear all others."""
    names = [f"l{number}" for number in range(size)]
    return {name: {other: 0.0 for other in names if other != name} for name in names}


def talks(count: int, gain_db: float) -> dict[str, dict[str, float]]:
    """Pairs; a gain other than 0 makes them mixed."""
    hears: dict[str, dict[str, float]] = {}
    for number in range(count):
        left, right = f"a{number}", f"b{number}"
        hears |= {left: {right: gain_db}, right: {left: gain_db}}
    return hears


def supervised(count: int) -> dict[str, dict[str, float]]:
    """Talks with someone who whispers to the agent; the caller's way stays relayed."""
    hears: dict[str, dict[str, float]] = {}
    for number in range(count):
        caller, agent, chief = f"a{number}", f"b{number}", f"s{number}"
        hears[caller] = {agent: 0.0}
        hears[agent] = {caller: 0.0, chief: 0.0}
        hears[chief] = {caller: 0.0, agent: 0.0}
    return hears


def measure(ticks: int) -> list[MixCost]:
    """All cases."""
    wide = {f"a{number}": "G722" for number in range(20)}
    return [
        cost_of("relayed talks", talks(20, 0.0), {}, ticks),
        cost_of("mixed talks", talks(20, -1.0), {}, ticks),
        cost_of("talks of G.722 and A-law", talks(20, 0.0), wide, ticks),
        cost_of("talks with a whisper", supervised(10), {}, ticks),
        *(cost_of(f"conference of {size}", conference(size), {}, ticks) for size in (3, 8, 32)),
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.mixing", description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seconds", type=float, default=10.0, help="of each case")
    arguments = parser.parse_args()
    costs = measure(round(arguments.seconds * 50))
    if arguments.json:
        about = {"python": platform.python_version(), "cores": os.cpu_count(), "numpy": np.__version__}
        print(json.dumps({"machine": about, "cases": [asdict(cost) for cost in costs]}, ensure_ascii=False))
        return
    sys.stdout.write(f"{'case':28}{'legs':>5}{'receive µs':>12}{'tick µs':>10}{'% of a core a leg':>20}\n")
    for cost in costs:
        sys.stdout.write(
            f"{cost.case:28}{cost.legs:5}{cost.receive_us:12.2f}{cost.tick_us:10.2f}{cost.core_pct_per_leg:20.4f}\n"
        )


if __name__ == "__main__":
    main()

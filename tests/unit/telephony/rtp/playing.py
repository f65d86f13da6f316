"""A far end, a network and a tick, all on virtual time, for tests of what is played."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from core.audio import Pcm
from core.errors import ParseError
from telephony.rtp.playout import Playout

SSRC = 7
AMPLITUDE = 8000
HZ = 213.0
"""Unlike 50 Hz and its multiples it does not fit into frames: a shift by a frame is a jump."""


@dataclass(frozen=True, slots=True, order=True)
class Coming:
    """A packet on its way: when it arrives, and what it is."""

    arrival: int
    number: int
    timestamp: int
    payload: bytes
    begins: bool = False
    ssrc: int = SSRC
    comfort: bool = False


def plain(payload: bytes) -> Pcm:
    """A codec that loses nothing: 16-bit samples."""
    if len(payload) % 2:
        raise ParseError("half a sample")
    return np.frombuffer(payload, dtype=np.int16)


def tone(samples: int, hz: float = HZ, amplitude: float = AMPLITUDE) -> Pcm:
    return np.rint(amplitude * np.sin(2 * np.pi * hz * np.arange(samples) / 8000)).astype(np.int16)


def steepest(sound: Pcm, order: int = 1) -> int:
    """The largest step from one sample to the next (order 2: the largest change of steps)."""
    return int(np.abs(np.diff(sound.astype(np.int32), order)).max())


def packets(sound: Pcm, size: int = 160, delays: Sequence[int | None] = (), first: int = 1000) -> list[Coming]:
    """``sound`` in packets of ``size``; each is late by its delay (the last ones by 0), None: lost."""
    made = []
    for number in range(len(sound) // size):
        delay = delays[number] if number < len(delays) else 0
        if delay is not None:
            payload = sound[number * size : (number + 1) * size].tobytes()
            made.append(Coming((number + 1) * size + delay, number, first + number * size & 0xFFFFFFFF, payload))
    return made


def play(playout: Playout, coming: Iterable[Coming], ticks: int, frame: int = 160, begin: int = 0) -> list[Pcm]:
    """Every frame of ``ticks``, as packets come."""
    queue = sorted(coming, reverse=True)
    frames = []
    for number in range(1, ticks + 1):
        now = begin + number * frame
        while queue and queue[-1].arrival <= now:
            packet = queue.pop()
            if packet.comfort:
                playout.put_comfort(packet.ssrc, packet.timestamp, packet.payload, packet.arrival)
            else:
                playout.put(packet.ssrc, packet.timestamp, packet.payload, packet.arrival, begins=packet.begins)
        frames.append(playout.take(now, frame))
    return frames

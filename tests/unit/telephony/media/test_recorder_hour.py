"""An hour on virtual time: both channels of a recording stay within one packet of each other, whatever comes between.

Two far ends with clocks that drift apart by 400 ppm say a click at the same moment every two seconds. Meanwhile packets
are lost, late, out of order and doubled, one side holds, one goes silent, codecs and sources change, and the caller is
put through to somebody else.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pytest

from core.audio import Pcm
from telephony.media import recorder as recorder_module
from telephony.media.background import Completion, Job
from telephony.media.codecs import PCMA, PCMU, Law
from telephony.media.port import Gap, RecordingClosed
from telephony.media.recorder import Recorder
from telephony.media.track import Track

HOUR: Final = 3600
EVERY: Final = 2 * 8000
PACKET: Final = 160


class Inline:
    """A disk that does each job at once."""

    pending = 0

    def submit(self, job: Job) -> None:
        completion: Completion | None = job()
        if completion is not None:
            completion()


class Memory:
    """A file in memory."""

    newest: "Memory"

    def __init__(self, path: str) -> None:
        self.frames = np.zeros((HOUR * 8000 + 8000, 2), dtype="<i2")
        self.end = 0
        Memory.newest = self

    def write(self, frame: int, data: bytes) -> None:
        samples = np.frombuffer(data, "<i2").reshape(-1, 2)
        self.frames[frame : frame + len(samples)] = samples
        self.end = frame + len(samples)

    def extend(self, end: int) -> None:
        self.end = max(self.end, end)

    def close(self) -> float:
        return self.duration_s

    @property
    def duration_s(self) -> float:
        return self.end / 8000


@dataclass
class Talker:
    """A far end whose clock goes wrong by ``ppm`` and whose packets arrive by chance, from ``since`` on (samples)."""

    ssrc: int
    ppm: float
    codec: Law
    seed: int
    since: int = 0
    until: int = HOUR * 8000
    silent: tuple[tuple[int, int], ...] = ()
    """Spans of time in which it sends nothing."""

    def packets(self) -> Iterator[tuple[int, int, bytes]]:
        """(arrival, timestamp, payload) by arrival."""
        chance = np.random.default_rng(self.seed)
        stretch = 1 + self.ppm / 1e6
        count = int((self.until - self.since) / (PACKET * stretch)) - 2
        left_at = self.since + (np.arange(count) + 1) * PACKET * stretch
        late = 160 + chance.exponential(40, count) + (chance.random(count) < 0.002) * 700
        arrival = (left_at + late).astype(np.int64)
        clicks = {}
        for moment in range(-(-self.since // EVERY) * EVERY, self.until, EVERY):
            number, offset = divmod(round((moment - self.since) / stretch), PACKET)
            clicks[number] = (offset, PACKET)
            clicks[number + 1] = (0, offset)
        there = chance.random(count) >= 0.02
        there[[number for number in clicks if number < count]] = True  # a click cut short could not be measured
        for start, end in self.silent:
            there &= (left_at < start) | (left_at > end)
        twice = np.flatnonzero(there & (chance.random(count) < 0.005))
        numbers = np.concatenate([np.flatnonzero(there), twice])
        silence = bytes([self.codec.silence]) * PACKET
        burst = (12_000 * np.sin(2 * np.pi * 1000 * np.arange(PACKET) / 8000)).astype(np.int16)
        for number in numbers[np.argsort(arrival[numbers], kind="stable")]:
            payload = silence
            if int(number) in clicks:
                begin, end = clicks[int(number)]
                samples = np.zeros(PACKET, np.int16)
                samples[begin:end] = burst[begin:end] if begin == 0 else burst[: end - begin]
                payload = self.codec.encode(samples)
            yield int(arrival[number]), (9000 + PACKET * int(number)) & 0xFFFFFFFF, payload


def onsets(channel: Pcm) -> dict[int, int]:
    """By the number of the click: the sample at which it is first heard."""
    loud = np.flatnonzero(np.abs(channel.astype(int)) > 3000)
    found: dict[int, int] = {}
    for at in loud:
        found.setdefault(round(int(at) / EVERY), int(at))
    return found


def deliver(track: Callable[[], Track], talkers: list[Talker]) -> Iterator[int]:
    """Feeds ``track`` up to the moment that is sent in."""
    pending = [(talker, packets, next(packets, None)) for talker in talkers for packets in [talker.packets()]]
    now = yield 0
    for talker, packets, first in pending:
        packet = first
        while packet is not None:
            while packet[0] > now:
                now = yield 0
            track().timeline.put(talker.ssrc, packet[1], packet[2], packet[0])
            packet = next(packets, None)
    while True:
        yield 0


def test_both_channels_stay_within_a_packet_for_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    minute = 60 * 8000
    closed: list[RecordingClosed] = []
    monkeypatch.setattr(recorder_module, "RecordingFile", Memory)
    tracks = [Track(PCMA, 0), Track(PCMA, 0)]
    caller = [
        Talker(1, 200, PCMA, 11, until=30 * minute, silent=((5 * minute, 6 * minute),)),
        Talker(2, 200, PCMA, 12, since=30 * minute),  # his phone began a new stream
    ]
    agents = [
        Talker(3, -200, PCMA, 13, until=20 * minute, silent=((10 * minute, 12 * minute),)),
        Talker(3, -200, PCMU, 14, since=20 * minute, until=40 * minute),
        Talker(4, -200, PCMU, 15, since=40 * minute),  # put through to somebody else
    ]
    recorder = Recorder("r", "r.wav", (tracks[0], tracks[1]), disk=Inline(), closed=closed.append, faulty=print)  # type: ignore[arg-type]
    ways = [deliver(lambda: tracks[0], caller), deliver(lambda: tracks[1], agents)]
    for way in ways:
        next(way)
    recorder.start(0, 0)
    for now in range(PACKET, HOUR * 8000 + 1, PACKET):
        for way in ways:
            way.send(now)
        if now == 20 * minute:
            tracks[1].change_codec(PCMU)
        elif now == 40 * minute:
            tracks[1] = Track(PCMU, now)
            recorder.switch((tracks[0], tracks[1]), now)
        elif now == 50 * minute:
            recorder.pause(now)
        elif now == 51 * minute:
            recorder.resume(now)
        recorder.tick(now)
    recorder.stop(HOUR * 8000)
    assert closed == [RecordingClosed("r", 3600.0, gaps=(Gap(3000.0, 3060.0, "paused"),))]

    frames = Memory.newest.frames
    left, right = onsets(frames[:, 0]), onsets(frames[:, 1])
    both = sorted(left.keys() & right.keys())
    assert len(both) > 1500
    begins = {at * 60 * 8000 // EVERY for at in (0, 6, 12, 20, 30, 40)}  # a side begins, or goes on after a silence
    apart = {number: abs(left[number] - right[number]) for number in both}
    assert max(far for number, far in apart.items() if number not in begins) <= PACKET
    assert max(apart.values()) <= 2 * PACKET, "while the clocks of a silent side have drifted on unseen"
    assert np.median(list(apart.values())) <= 60
    late = np.array([left[number] - number * EVERY for number in both])
    assert late.min() >= 0 and late.max() < 600, "a channel is never more than 75 ms behind the moment of speaking"
    assert not frames[50 * minute : 51 * minute].any()

"""Recordings through the whole engine: paused, put through, onto a disk that is full."""

import os
import wave
from pathlib import Path

import numpy as np
import pytest

from telephony.media import commands as c
from telephony.media.port import Gap, RecordingClosed, RecordingFaulty
from tests.unit.telephony.media.engine_bench import Bench

SECOND = 50
CALLER, FIRST, SECOND_AGENT = 500, 700, 900


def heard(path: Path) -> tuple[list[int], list[int]]:
    """For each channel the loudest tone in the middle of each second, 0 for silence."""
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)
    channels: list[list[int]] = []
    for channel in samples.T.astype(float):
        tones = []
        for at in range(0, len(channel) - 7999, 8000):
            spectrum = np.abs(np.fft.rfft(channel[at + 2000 : at + 6000]))
            tones.append(2 * int(spectrum.argmax()) if spectrum.max() > 1e5 else 0)
        channels.append(tones)
    return channels[0], channels[1]


def test_a_pause_and_a_transfer_are_one_recording(tmp_path: Path) -> None:
    bench, path = Bench(), tmp_path / "call.wav"
    caller, first, second = bench.leg("c"), bench.leg("a", "PCMU"), bench.leg("b")
    bench.engine.do(c.Bridge("c", "a"))
    bench.engine.do(c.Record("r", str(path), "c", "a"))
    bench.pass_time(SECOND, caller, first)
    bench.engine.do(c.PauseRecord("r"))
    bench.pass_time(2 * SECOND, caller, first)
    bench.engine.do(c.ResumeRecord("r"))
    bench.pass_time(SECOND, caller, first)
    bench.engine.do(c.Bridge("c", "b"))
    bench.engine.do(c.SwitchRecord("r", "c", "b"))
    bench.engine.do(c.Close("a"))
    bench.pass_time(2 * SECOND, caller, second)
    bench.engine.do(c.StopRecord("r"))
    for late in (c.PauseRecord("r"), c.ResumeRecord("r"), c.StopRecord("r"), c.PauseRecord("r-9")):
        bench.engine.do(late)
    bench.engine.shut_down()
    assert heard(path) == (
        [CALLER, 0, 0, CALLER, CALLER, CALLER],
        [FIRST, 0, 0, FIRST, SECOND_AGENT, SECOND_AGENT],
    )
    closed = [event for event in bench.events if isinstance(event, RecordingClosed)]
    assert closed == [RecordingClosed("r", 6.0, gaps=(Gap(1.0, 3.0, "paused"),))]


def test_a_stall_of_the_worker_is_marked_in_each_recording(tmp_path: Path) -> None:
    bench = Bench()
    caller, agent = bench.leg("c"), bench.leg("a")
    bench.engine.do(c.Bridge("c", "a"))
    bench.engine.do(c.Record("r", str(tmp_path / "r.wav"), "c", "a"))
    bench.pass_time(SECOND, caller, agent)
    bench.engine.do(c.Record("later", str(tmp_path / "later.wav"), "c", "a"))
    bench.pass_time(3 * SECOND, stalled=True)
    bench.pass_time(SECOND, caller, agent)
    for name in ("r", "later"):
        bench.engine.do(c.StopRecord(name))
    bench.engine.shut_down()
    closed = {event.recording: event for event in bench.events if isinstance(event, RecordingClosed)}
    assert closed["r"].gaps == (Gap(1.0, 4.0, "stall"),)
    assert closed["later"].gaps == (Gap(0.0, 3.0, "stall"),)


def test_a_full_disk_is_told_while_the_call_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = os.pwrite

    def full(descriptor: int, data: bytes, offset: int) -> int:
        if offset > 8000 * 4:
            raise OSError(28, "No space left on device")
        return written(descriptor, data, offset)

    bench, path = Bench(), tmp_path / "call.wav"
    caller, agent = bench.leg("c"), bench.leg("a")
    bench.engine.do(c.Bridge("c", "a"))
    bench.engine.do(c.Record("r", str(path), "c", "a"))
    monkeypatch.setattr(os, "pwrite", full)
    for _ in range(4 * SECOND):
        bench.pass_time(1, caller, agent)
        bench.engine.collect()
    bench.engine.do(c.StopRecord("r"))
    bench.engine.shut_down()
    faults = [event for event in bench.events if isinstance(event, RecordingFaulty)]
    assert [fault.recording for fault in faults] == ["r"] and "No space left" in faults[0].fault
    [closed] = [event for event in bench.events if isinstance(event, RecordingClosed)]
    [gap] = closed.gaps
    assert (closed.duration_s, gap.end_s, gap.why) == (4.0, 4.0, "disk") and 1.0 < gap.start_s < 1.8
    assert heard(path)[0][0] == CALLER
    assert len(agent.port.packets) == 4 * SECOND, "every packet was relayed"

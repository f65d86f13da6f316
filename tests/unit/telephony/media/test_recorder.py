"""Recorders on virtual time, with the disk thread's work done by hand."""

import errno
import itertools
import os
import resource
import signal
import threading
import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.audio import Pcm
from telephony.media import recorder as recorder_module
from telephony.media.background import Background
from telephony.media.codecs import PCMA, PCMU, Law
from telephony.media.gaps import Gaps
from telephony.media.port import Gap, RecordingClosed
from telephony.media.recorder import SLOW_DISK, Recorder
from telephony.media.track import Track
from tests.interop.rtp_peer import tone


class HandDisk(Background):
    """Jobs wait until the test lets the disk work."""

    def __init__(self) -> None:
        super().__init__("disk", lambda: None)

    def work(self) -> None:
        done = threading.Event()
        self.submit(done.set)
        self.push()
        assert done.wait(5.0)
        self.collect()


class Scene:
    def __init__(self, path: Path, codecs: tuple[Law, Law]) -> None:
        self.disk = HandDisk()
        self.closed: list[RecordingClosed] = []
        self.tracks = (Track(codecs[0], 0), Track(codecs[1], 0))
        self.faults: list[str] = []
        self.recorder = Recorder(
            "r", str(path), self.tracks, disk=self.disk, closed=self.closed.append, faulty=self.faults.append
        )
        self.now = 0

    def run(self, frames: int, left: Pcm | None = None, right: Pcm | None = None) -> None:
        for number in range(frames):
            for track, sound in zip(self.tracks, (left, right), strict=True):
                if sound is not None:
                    payload = track.codec.encode(sound[160 * number : 160 * number + 160])
                    track.timeline.put(1, self.now & 0xFFFFFFFF, payload, self.now)
            self.now += 160
            self.recorder.tick(self.now)


def read(path: Path) -> np.ndarray:
    with wave.open(str(path)) as sound:
        return np.frombuffer(sound.readframes(sound.getnframes()), "<i2").reshape(-1, 2)


@pytest.mark.parametrize("codecs", [(PCMA, PCMA), (PCMU, PCMU), (PCMA, PCMU)], ids=["AA", "UU", "AU"])
@pytest.mark.parametrize("phase", [0, 3])
def test_both_channels_are_written_sample_by_sample(tmp_path: Path, codecs: tuple[Law, Law], phase: int) -> None:
    scene = Scene(tmp_path / "r.wav", codecs)
    left, right = tone(440, 2.0), tone(880, 2.0)
    scene.recorder.start(0, phase)
    scene.run(100, left, right)
    scene.recorder.stop(scene.now)
    scene.disk.work()
    stereo = read(tmp_path / "r.wav")
    assert scene.closed == [RecordingClosed("r", 2.0)]
    for channel, (codec, sound) in enumerate(zip(codecs, (left, right), strict=True)):
        assert np.array_equal(stereo[:, channel], codec.decode(codec.encode(sound)))


def test_never_more_than_0_62_s_are_missing_on_disk(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "r.wav", (PCMA, PCMA))
    scene.recorder.start(0, 2)
    for _ in range(150):
        scene.run(1, tone(440, 0.02), None)
        scene.disk.work()
        assert scene.now - len(read(tmp_path / "r.wav")) <= 0.62 * 8000
    scene.recorder.stop(scene.now)
    scene.disk.work()


def test_a_change_of_codec_in_the_middle_is_heard_right_on_both_sides_of_it(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "r.wav", (PCMA, PCMA))
    sound = tone(440, 1.0)
    scene.recorder.start(0, 0)
    scene.run(50, sound)
    scene.tracks[0].change_codec(PCMU)
    scene.run(50, sound)
    scene.recorder.stop(scene.now)
    scene.disk.work()
    heard = read(tmp_path / "r.wav")[:, 0].astype(float)
    assert np.max(np.abs(heard - np.concatenate([sound, sound]))) < 700  # twice the widest step of G.711


def test_silence_stands_for_what_never_came(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "r.wav", (PCMA, PCMU))
    scene.recorder.start(0, 0)
    scene.run(30, tone(440, 0.6), None)
    scene.run(40)
    scene.recorder.stop(scene.now)
    scene.disk.work()
    stereo = read(tmp_path / "r.wav")
    assert len(stereo) == 70 * 160
    assert np.abs(stereo[4800:, 0]).max() <= 8
    assert not stereo[:, 1].any()


def test_a_pause_is_silence_in_place_and_not_a_word_of_it_reaches_the_disk(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "r.wav", (PCMA, PCMU))
    sound = tone(440, 6.0)
    scene.recorder.start(0, 1)
    scene.run(60, sound, sound)  # 1.2 s
    scene.recorder.pause(scene.now)
    scene.recorder.pause(scene.now)
    scene.run(55, sound, sound)  # 1.1 s of card numbers
    scene.disk.work()
    assert len(read(tmp_path / "r.wav")) >= scene.now - 0.62 * 8000  # a kill now loses no more than otherwise
    scene.run(55, sound, sound)
    scene.recorder.resume(scene.now)
    scene.recorder.resume(scene.now)
    scene.run(130, sound, sound)  # 2.6 s
    scene.recorder.stop(scene.now)
    scene.disk.work()
    stereo = read(tmp_path / "r.wav")
    assert scene.closed == [RecordingClosed("r", 6.0, gaps=(Gap(1.2, 3.4, "paused"),))]
    assert scene.faults == []
    assert not stereo[9600:27_200].any()
    for channel, codec in enumerate((PCMA, PCMU)):
        assert np.array_equal(stereo[:9600, channel], codec.decode(codec.encode(sound[:9600])))
        assert np.array_equal(stereo[27_200:, channel], codec.decode(codec.encode(sound[: 130 * 160])))


def test_one_that_ends_paused_is_as_long_as_the_call(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "r.wav", (PCMA, PCMA))
    scene.recorder.start(0, 0)
    scene.run(50, tone(440, 1.0), None)
    scene.recorder.pause(scene.now)
    scene.run(100, tone(440, 2.0), None)
    scene.recorder.stop(scene.now)
    scene.disk.work()
    assert scene.closed == [RecordingClosed("r", 3.0, gaps=(Gap(1.0, 3.0, "paused"),))]
    assert not read(tmp_path / "r.wav")[8000:].any()


def test_a_caller_who_is_put_through_is_one_recording(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "r.wav", (PCMA, PCMA))
    caller, first, second = tone(440, 2.0), tone(600, 1.0), tone(900, 1.0)
    scene.recorder.start(0, 0)
    scene.run(50, caller[:8000], first)
    scene.tracks = (scene.tracks[0], Track(PCMU, scene.now))
    scene.recorder.switch(scene.tracks, scene.now)
    scene.run(50, caller[8000:], second)
    scene.recorder.stop(scene.now)
    scene.disk.work()
    stereo = read(tmp_path / "r.wav")
    assert scene.closed == [RecordingClosed("r", 2.0)]
    assert np.array_equal(stereo[:, 0], PCMA.decode(PCMA.encode(caller)))
    assert np.array_equal(stereo[:8000, 1], PCMA.decode(PCMA.encode(first)))
    assert np.array_equal(stereo[8000:, 1], PCMU.decode(PCMU.encode(second)))


def test_a_disk_that_does_not_keep_up_leaves_a_gap_in_its_place_and_an_alarm_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer that blocks for 2 s, with room for two batches: what does not fit is silent, the rest in its place."""
    monkeypatch.setattr(recorder_module, "MAX_PENDING_JOBS", 2)
    scene = Scene(tmp_path / "r.wav", (PCMA, PCMA))
    goes_on = threading.Event()

    def block() -> None:
        goes_on.wait(10.0)

    scene.disk.submit(block)
    scene.recorder.start(0, 0)
    sound = tone(440, 5.0)
    for number in range(0, 250, 10):
        scene.run(10, sound[number * 160 :], None)
        scene.disk.push()
        if number == 100:
            assert scene.faults == [SLOW_DISK]
            goes_on.set()
        if number >= 100:
            scene.disk.work()
    scene.recorder.stop(scene.now)
    scene.disk.work()
    stereo = read(tmp_path / "r.wav")
    [closed] = scene.closed
    [gap] = closed.gaps
    assert (closed.duration_s, gap.why, closed.fault) == (5.0, "disk", SLOW_DISK)
    assert scene.faults == [SLOW_DISK]
    first, last = round(gap.start_s * 8000), round(gap.end_s * 8000)
    assert 0.4 * 8000 < last - first < 2.2 * 8000
    whole = PCMA.decode(PCMA.encode(sound))
    assert not stereo[first:last].any()
    assert np.array_equal(stereo[:first, 0], whole[:first])
    assert np.array_equal(stereo[last:, 0], whole[last:])


def test_a_full_disk_is_a_gap_with_an_alarm_at_once_and_the_rest_stands_in_its_place(tmp_path: Path) -> None:
    """A limit on the size of files stands in for the end of the disk (EFBIG in place of ENOSPC); then there is room."""
    scene = Scene(tmp_path / "r.wav", (PCMA, PCMA))
    sound = tone(440, 4.0)
    scene.recorder.start(0, 0)
    scene.run(50, sound, None)
    scene.disk.work()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (44 + 4 * 8000, before[1]))
        scene.run(50, sound[8000:], None)
        scene.disk.work()
        assert len(scene.faults) == 1 and "could not be written: File too large" in scene.faults[0]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    scene.run(100, sound[16_000:], None)
    scene.recorder.stop(scene.now)
    scene.disk.work()
    [closed] = scene.closed
    [gap] = closed.gaps
    assert (closed.duration_s, gap.why) == (4.0, "disk") and closed.fault == scene.faults[0]
    assert 0.5 < gap.start_s < 1.0 < gap.end_s < 2.1
    whole = PCMA.decode(PCMA.encode(sound))
    stereo = read(tmp_path / "r.wav")
    first, last = round(gap.start_s * 8000), round(gap.end_s * 8000)
    assert np.array_equal(stereo[:first, 0], whole[:first])
    assert np.array_equal(stereo[last:, 0], whole[last:])


def test_a_disk_that_stays_full_is_said_once_and_the_length_is_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int, data: bytes, offset: int) -> int:
        if offset:
            raise OSError(28, "No space left on device")
        return len(data)

    scene = Scene(tmp_path / "r.wav", (PCMA, PCMA))
    scene.recorder.start(0, 0)
    scene.disk.work()
    monkeypatch.setattr(os, "pwrite", full)
    scene.run(60, tone(440, 1.2), None)
    scene.disk.work()
    assert scene.faults == ["part of the recording could not be written: No space left on device"]
    scene.recorder.stop(scene.now)
    scene.recorder.stop(scene.now)
    scene.disk.work()
    assert scene.closed == [RecordingClosed("r", 1.2, scene.faults[0], (Gap(0.0, 1.2, "disk"),))]


def test_a_process_that_stood_still_says_so(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "r.wav", (PCMA, PCMA))
    sound = tone(440, 1.0)
    scene.recorder.start(0, 0)
    scene.run(50, sound, sound)
    scene.now += 3 * 8000
    scene.recorder.stalled(8000, scene.now + 160)
    scene.run(50, sound, sound)
    scene.recorder.stop(scene.now)
    scene.disk.work()
    [closed] = scene.closed
    [gap] = closed.gaps
    assert (closed.duration_s, gap.why, gap.start_s) == (5.0, "stall", 1.0) and 4.0 <= gap.end_s <= 4.03
    stereo = read(tmp_path / "r.wav")
    assert np.array_equal(stereo[32_000:, 0], PCMA.decode(PCMA.encode(sound)))


def test_a_file_that_cannot_be_made_is_said_once(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "missing" / "r.wav", (PCMA, PCMA))
    scene.recorder.start(0, 0)
    scene.disk.work()
    scene.run(30)
    scene.recorder.stop(scene.now)
    scene.disk.work()
    assert len(scene.closed) == 1
    assert "cannot be made" in scene.closed[0].fault
    assert scene.faults == []  # its end says it


class FullDisk:
    """In place of ``os.pwrite``: nothing can be written while it is full."""

    def __init__(self) -> None:
        self.full = True
        self._write = os.pwrite

    def __call__(self, descriptor: int, data: bytes, offset: int) -> int:
        if self.full:
            raise OSError(errno.ENOSPC, "No space left on device")
        return self._write(descriptor, data, offset)


def test_a_disk_that_is_full_at_the_start_is_a_gap_at_the_beginning_with_an_alarm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = FullDisk()
    monkeypatch.setattr(os, "pwrite", disk)
    scene = Scene(tmp_path / "r.wav", (PCMA, PCMA))
    sound = tone(440, 4.0)
    scene.recorder.start(0, 0)
    scene.run(100, sound, sound)
    scene.disk.work()
    assert scene.faults == ["the recording could not begin: No space left on device"]
    assert scene.closed == [] and not (tmp_path / "r.wav").exists()
    disk.full = False
    scene.run(100, sound[16_000:], sound[16_000:])
    scene.disk.work()
    assert (tmp_path / "r.wav").exists()
    scene.recorder.stop(scene.now)
    scene.disk.work()
    [closed] = scene.closed
    [gap] = closed.gaps
    assert (closed.duration_s, closed.fault) == (4.0, scene.faults[0])
    assert (gap.start_s, gap.why) == (0.0, "disk") and 1.0 < gap.end_s <= 2.0
    stereo, first = read(tmp_path / "r.wav"), round(gap.end_s * 8000)
    assert not stereo[:first].any()
    assert np.array_equal(stereo[first:, 0], PCMA.decode(PCMA.encode(sound))[first:])


def test_a_disk_that_is_full_to_the_end_leaves_no_file_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "pwrite", FullDisk())
    scene = Scene(tmp_path / "r.wav", (PCMA, PCMA))
    scene.recorder.start(0, 0)
    scene.run(100)
    scene.disk.work()
    scene.recorder.stop(scene.now)
    scene.disk.work()
    [closed] = scene.closed
    assert closed.duration_s == 0.0 and "No space left" in closed.fault and "never room" in closed.fault
    assert list(tmp_path.iterdir()) == []


@given(
    st.lists(st.tuples(st.integers(0, 900), st.integers(0, 100), st.sampled_from(["paused", "disk"])), max_size=40),
    st.integers(0, 800),
)
def test_gaps_are_in_order_within_the_recording_and_cover_what_was_noted(
    noted: list[tuple[int, int, str]], frames: int
) -> None:
    gaps = Gaps()
    for start, length, why in noted:
        gaps.note(start, start + length, why)
    found = gaps.whole(frames)
    assert list(found) == sorted(found, key=lambda gap: gap.start_s)
    for why in ("paused", "disk"):
        covered = {at for start, length, w in noted if w == why for at in range(start, min(start + length, frames))}
        told = [(round(gap.start_s * 8000), round(gap.end_s * 8000)) for gap in found if gap.why == why]
        assert {at for start, end in told for at in range(start, end)} == covered
        assert all(end < start for (_, end), (start, _) in itertools.pairwise(told))

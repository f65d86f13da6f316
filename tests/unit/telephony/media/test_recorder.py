"""Recorders on virtual time, with the disk thread's work done by hand."""

import threading
import wave
from pathlib import Path

import numpy as np
import pytest

from core.audio import Pcm
from telephony.media import recorder as recorder_module
from telephony.media.background import Background
from telephony.media.codecs import PCMA, PCMU, Codec
from telephony.media.port import RecordingClosed
from telephony.media.recorder import Recorder
from telephony.media.recording import RecordingFile
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
    def __init__(self, path: Path, codecs: tuple[Codec, Codec]) -> None:
        self.disk = HandDisk()
        self.closed: list[RecordingClosed] = []
        self.tracks = (Track(codecs[0], 0), Track(codecs[1], 0))
        self.recorder = Recorder("r", str(path), self.tracks, disk=self.disk, closed=self.closed.append)
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
def test_both_channels_are_written_sample_by_sample(tmp_path: Path, codecs: tuple[Codec, Codec], phase: int) -> None:
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


def test_a_disk_that_does_not_keep_up_leaves_a_gap_and_a_word_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder_module, "MAX_PENDING_JOBS", -1)
    scene = Scene(tmp_path / "r.wav", (PCMA, PCMA))
    scene.recorder.start(0, 0)
    scene.disk.work()
    scene.run(60, tone(440, 1.2), None)
    monkeypatch.undo()
    scene.run(40, tone(440, 0.8), None)
    scene.recorder.stop(scene.now)
    scene.disk.work()
    assert len(read(tmp_path / "r.wav")) == 16000
    assert "too slow" in scene.closed[0].fault


def test_a_full_disk_is_said_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_self: RecordingFile, _frame: int, _data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(RecordingFile, "write", full)
    scene = Scene(tmp_path / "r.wav", (PCMA, PCMA))
    scene.recorder.start(0, 0)
    scene.run(60, tone(440, 1.2), None)
    scene.recorder.stop(scene.now)
    scene.recorder.stop(scene.now)
    scene.disk.work()
    assert len(scene.closed) == 1
    assert "No space left" in scene.closed[0].fault


def test_a_file_that_cannot_be_made_is_said_once(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "missing" / "r.wav", (PCMA, PCMA))
    scene.recorder.start(0, 0)
    scene.disk.work()
    scene.run(30)
    scene.recorder.stop(scene.now)
    scene.disk.work()
    assert len(scene.closed) == 1
    assert "cannot be made" in scene.closed[0].fault

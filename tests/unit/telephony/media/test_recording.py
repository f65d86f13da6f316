import errno
import os
import struct
import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ParseError
from core.wav import wav_header
from telephony.media.recording import HEADER_BYTES, RecordingFile, repair


def frames(path: Path) -> np.ndarray:
    with wave.open(str(path)) as sound:
        return np.frombuffer(sound.readframes(sound.getnframes()), "<i2").reshape(-1, 2)


def stereo(count: int) -> bytes:
    return np.arange(2 * count, dtype="<i2").tobytes()


def test_the_file_is_right_after_every_write(tmp_path: Path) -> None:
    path = tmp_path / "r.wav"
    file = RecordingFile(str(path))
    assert len(frames(path)) == 0
    file.write(0, stereo(3200))
    assert len(frames(path)) == 3200
    file.write(4000, stereo(800))  # the gap is silence
    held = frames(path)
    assert len(held) == 4800
    assert not held[3200:4000].any()
    assert file.close() == 0.6


def test_an_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "r.wav"
    path.write_text("precious")
    with pytest.raises(FileExistsError):
        RecordingFile(str(path))


def test_a_disk_without_room_for_the_header_leaves_no_file_and_no_descriptor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    before = sorted(Path("/proc/self/fd").iterdir())
    with pytest.raises(OSError, match="No space left"):
        RecordingFile(str(tmp_path / "r.wav"))
    assert sorted(Path("/proc/self/fd").iterdir()) == before
    assert not list(tmp_path.iterdir())


@settings(max_examples=60)
@given(st.integers(0, 2000))
def test_a_file_cut_anywhere_is_mended_to_what_it_holds(cut: int) -> None:
    import tempfile  # noqa: PLC0415 - hypothesis wants no function-scoped folder

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "r.wav"
        whole = wav_header(0) + stereo(480)
        path.write_bytes(whole[:cut])
        held = max(0, min(cut, len(whole)) - HEADER_BYTES) // 4
        assert repair(path) == held / 8000
        assert len(frames(path)) == held
        assert repair(path) == held / 8000


def test_a_header_that_says_too_much_or_too_little_is_mended(tmp_path: Path) -> None:
    path = tmp_path / "r.wav"
    for said in (0, 2**32 - 45):
        path.write_bytes(wav_header(0)[:40] + struct.pack("<I", said) + stereo(100))
        assert repair(path) == 100 / 8000
        assert len(frames(path)) == 100


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("dear customer, " * 20)
    with pytest.raises(ParseError):
        repair(path)
    assert path.read_text().startswith("dear customer")

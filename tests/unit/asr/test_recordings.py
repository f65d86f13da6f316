"""Recordings as the recogniser reads them: before and after they were compressed and sealed."""

from pathlib import Path

import numpy as np
import pytest

from archive.keys import load_or_make_key
from archive.pack import PackOrder, pack
from asr.recordings import read_channels
from core.errors import ConfigError, ParseError
from core.wav import WAV_HEADER_BYTES
from tests.unit.archive.sounds import talk, write_wav


@pytest.mark.parametrize(("keep_as", "sealed"), [("wav", False), ("flac", False), ("flac", True), ("wav", True)])
def test_both_channels_whatever_it_is_kept_as(tmp_path: Path, keep_as: str, sealed: bool) -> None:
    frames = talk(25.0)
    path = write_wav(tmp_path / "r-1.wav", frames)
    key_file = tmp_path / "recordings.key"
    load_or_make_key(key_file)
    done = pack(PackOrder(str(path), keep_as, str(key_file) if sealed else ""))
    if Path(done.path) != path:
        path.unlink()
    left, right = read_channels(path, key_file)  # by the name that the job was queued under
    assert np.array_equal(left, frames[:, 0]) and np.array_equal(right, frames[:, 1])
    if sealed:
        key_file.unlink()
        with pytest.raises(ConfigError, match="key of the recordings is missing"):
            read_channels(path, key_file)


def test_a_file_that_was_cut_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "r-1.wav", talk(2.0))
    path.write_bytes(path.read_bytes()[: WAV_HEADER_BYTES + 4 * 8000 + 3])
    left, right = read_channels(path)
    assert len(left) == len(right) == 8000
    assert np.array_equal(left, talk(2.0)[:8000, 0])


def test_one_channel_and_none_at_all(tmp_path: Path) -> None:
    (only,) = read_channels(write_wav(tmp_path / "mono.wav", talk(1.0)[:, :1]))
    assert np.array_equal(only, talk(1.0)[:, 0])
    left, right = read_channels(write_wav(tmp_path / "empty.wav", talk(0.0)))
    assert len(left) == len(right) == 0


def test_what_is_no_recording_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letter.wav").write_text("dear customer " * 50)
    with pytest.raises(ParseError):
        read_channels(tmp_path / "letter.wav")
    with pytest.raises(FileNotFoundError):
        read_channels(tmp_path / "gone.wav")

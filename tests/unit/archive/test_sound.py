"""Reading recordings, whatever they are kept as."""

import math
from pathlib import Path

import numpy as np
import pytest

from archive.check import CHANGED, MISSING, OK, UNREADABLE, Stored, check
from archive.keys import load_or_make_key
from archive.pack import PackOrder, pack
from archive.peaks import PeakCounter, unpack_peaks
from archive.sound import locate, open_sound
from archive.wavview import WavView
from core.errors import ConfigError, ParseError
from tests.unit.archive.sounds import talk, write_wav

FORMS = [("flac", False), ("flac", True), ("wav", True), ("opus", False), ("opus", True)]


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    load_or_make_key(tmp_path / "recordings.key")
    return tmp_path / "recordings.key"


def kept(folder: Path, seconds: float, keep_as: str, key_file: Path | None) -> Path:
    source = write_wav(folder / "r-1.wav", talk(seconds))
    done = pack(PackOrder(str(source), keep_as, str(key_file) if key_file else ""))
    if Path(done.path) != source:
        source.unlink()
    return Path(done.path)


@pytest.mark.parametrize(("keep_as", "sealed"), FORMS)
def test_every_form_gives_the_samples_from_any_place(
    tmp_path: Path, key_file: Path, keep_as: str, sealed: bool
) -> None:
    path = kept(tmp_path, 12.0, keep_as, key_file if sealed else None)
    assert path.name == f"r-1.{keep_as}" + (".sealed" if sealed else "")
    frames = talk(12.0)
    with open_sound(path, key_file) as sound:
        assert (sound.frames, sound.channels, sound.duration_s) == (96_000, 2, 12.0)
        for start, count in ((0, 96_000), (50_000, 4000), (4000, 4000), (95_000, 4000)):
            wanted = frames[start : start + count].astype(float)
            heard = sound.read(start, count).astype(float)
            assert heard.shape == wanted.shape
            if keep_as == "opus":
                power = np.sum(wanted**2) / np.sum((heard - wanted) ** 2)
                assert 10 * math.log10(power) > 8
            else:
                assert np.array_equal(heard, wanted)
        assert len(sound.read(96_000, 10)) == 0


@pytest.mark.parametrize(("keep_as", "sealed"), [("flac", True), ("wav", False)])
def test_any_range_of_the_wav_file_that_it_was(tmp_path: Path, key_file: Path, keep_as: str, sealed: bool) -> None:
    whole = write_wav(tmp_path / "r-1.wav", talk(5.0)).read_bytes()
    path = kept(tmp_path, 5.0, keep_as, key_file if sealed else None)
    with open_sound(path, key_file) as sound:
        view = WavView(sound)
        assert view.size == len(whole)
        for start, end in ((0, len(whole)), (0, 4), (40, 47), (43, 44), (44, 144), (70_001, 140_003), (159_000, 10**9)):
            assert b"".join(view.read(start, end)) == whole[start:end]


def test_a_recording_is_found_under_the_name_that_it_has_by_now(tmp_path: Path) -> None:
    path = kept(tmp_path, 1.0, "flac", None)
    assert locate(tmp_path / "r-1.wav") == path
    write_wav(tmp_path / "r-1.wav", talk(1.0))
    assert locate(tmp_path / "r-1.wav") == tmp_path / "r-1.wav"
    with pytest.raises(FileNotFoundError):
        locate(tmp_path / "r-2.wav")


def test_a_sealed_recording_needs_its_key(tmp_path: Path, key_file: Path) -> None:
    path = kept(tmp_path, 1.0, "flac", key_file)
    assert b"fLaC" not in path.read_bytes()
    with pytest.raises(ParseError, match="no key was named"):
        open_sound(path)
    key_file.unlink()
    with pytest.raises(ConfigError, match="missing"):
        open_sound(path, key_file)
    load_or_make_key(key_file)
    with pytest.raises(ParseError, match="sealed with key"):
        open_sound(path, key_file)


@pytest.mark.parametrize("sealed", [False, True])
def test_damage_is_an_error_and_never_silence(tmp_path: Path, key_file: Path, sealed: bool) -> None:
    path = kept(tmp_path, 20.0, "flac", key_file if sealed else None)
    data = bytearray(path.read_bytes())
    for at in range(len(data) // 2, len(data) // 2 + 50):
        data[at] ^= 0x55
    path.write_bytes(data)
    with pytest.raises(ParseError), open_sound(path, key_file) as sound:
        for _ in sound.blocks():
            pass


def test_other_files_are_refused(tmp_path: Path) -> None:
    text = tmp_path / "a.wav"
    text.write_text("not sound " * 100)
    with pytest.raises(ParseError, match="not a recording"):
        open_sound(text)
    with pytest.raises(FileNotFoundError):
        open_sound(tmp_path / "b.wav")


def test_peaks_are_the_loudest_samples_of_each_slice() -> None:
    frames = talk(700.0)
    counter = PeakCounter(len(frames))
    for start in range(0, len(frames), 77_777):
        counter.add(frames[start : start + 77_777])
    peaks = counter.result()
    size = math.ceil(len(frames) / 2000)
    expected = [np.abs(frames[at : at + size].astype(int)).max(0) for at in range(0, len(frames), size)]
    assert np.array_equal(peaks.slices, expected)
    assert np.array_equal(unpack_peaks(peaks.packed()).slices, peaks.slices)
    left, right = peaks.channels()
    assert len(left) == len(right) <= 2000 and min(left) >= 0 and max(left) <= 1


def test_the_loudest_negative_sample_is_full_scale() -> None:
    counter = PeakCounter(100)
    counter.add(np.full((100, 2), -32768, dtype=np.int16))
    assert counter.result().channels() == [[1.0, 1.0], [1.0, 1.0]]


def test_checks_find_what_changed(tmp_path: Path, key_file: Path) -> None:
    source = write_wav(tmp_path / "r-1.wav", talk(3.0))
    done = pack(PackOrder(str(source), "flac", str(key_file)))
    path = Path(done.path)
    stored = Stored("r-1", path, done.size, done.sha256)
    assert check(stored, key_file, decode=True).state == OK
    assert check(Stored("r-1", source, None, ""), key_file).state == OK
    data = bytearray(path.read_bytes())
    data[1000] ^= 1
    path.write_bytes(data)
    assert check(stored, key_file).state == CHANGED
    path.write_bytes(data[:-1])
    assert "bytes, not" in check(stored, key_file).why
    path.unlink()
    assert check(stored, key_file).state == MISSING
    source.write_text("x")
    assert check(Stored("r-1", source, None, ""), key_file).state == UNREADABLE

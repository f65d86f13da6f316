"""Bringing recordings into their final form, and being killed over it."""

import asyncio
import hashlib
import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from archive import pack as pack_module
from archive.keys import load_or_make_key
from archive.pack import PackOrder, pack, sha256_of
from archive.packer import Packer
from archive.sound import open_sound
from archive.worker import answer_to, pack_answer, unpack_answer
from core.errors import ConfigError, ParseError, Unavailable
from tests.unit.archive.sounds import talk, write_wav


def test_flac_is_the_recording_to_the_bit_and_half_as_large(tmp_path: Path) -> None:
    frames = talk(30.0)
    source = write_wav(tmp_path / "r-1.wav", frames)
    done = pack(PackOrder(str(source), "flac"))
    assert done.pcm_sha256 == hashlib.sha256(frames.astype("<i2").tobytes()).hexdigest()
    assert done.sha256 == hashlib.sha256(Path(done.path).read_bytes()).hexdigest()
    assert done.size == Path(done.path).stat().st_size < 0.55 * source.stat().st_size
    assert (done.frames, done.keep_as) == (240_000, "flac")
    assert np.array_equal(done.peaks.slices[0], np.abs(frames[:120].astype(int)).max(0))
    assert source.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r-1.flac", "r-1.wav"]


def test_done_again_it_is_the_same(tmp_path: Path) -> None:
    source = write_wav(tmp_path / "r-1.wav", talk(3.0))
    first = pack(PackOrder(str(source), "flac"))
    (tmp_path / "r-1.flac.77.sound.part").write_bytes(b"half")
    assert pack(PackOrder(str(source), "flac")).sha256 == first.sha256
    assert not list(tmp_path.glob("*.part"))


def test_a_wav_that_stays_one_is_hashed(tmp_path: Path) -> None:
    source = write_wav(tmp_path / "r-1.wav", talk(1.0))
    done = pack(PackOrder(str(source), "wav"))
    assert (done.path, done.sha256) == (str(source), sha256_of(source))


def test_an_empty_recording_stays_a_wav(tmp_path: Path) -> None:
    source = write_wav(tmp_path / "r-1.wav", talk(0.0))
    done = pack(PackOrder(str(source), "flac"))
    assert (done.keep_as, done.frames, done.peaks.channels()) == ("wav", 0, [[], []])


def test_a_copy_that_differs_is_never_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write_wav(tmp_path / "r-1.wav", talk(2.0))
    encode = pack_module._encode

    def careless(watched: pack_module._Watched, target: Path, keep_as: str) -> None:
        encode(watched, target, keep_as)
        target.unlink()
        other = write_wav(tmp_path / "other" / "o.wav", talk(2.0, seed=2))
        Path(pack(PackOrder(str(other), "wav")).path).rename(target)

    monkeypatch.setattr(pack_module, "_encode", careless)
    with pytest.raises(ParseError, match="not the recording"):
        pack(PackOrder(str(source), "flac"))
    assert not (tmp_path / "r-1.flac").exists()


def test_errors_go_over_the_pipe_as_what_they_are(tmp_path: Path) -> None:
    source = write_wav(tmp_path / "r-1.wav", talk(1.0))
    done = pack(PackOrder(str(source), "flac"))
    back = unpack_answer(pack_answer(done))
    assert (back.path, back.sha256) == (done.path, done.sha256)
    assert np.array_equal(back.peaks.slices, done.peaks.slices)
    missing = b'{"source": "/nowhere/r.wav", "keep_as": "flac"}'
    with pytest.raises(FileNotFoundError):
        unpack_answer(answer_to(missing))
    with pytest.raises(ParseError, match="key of the recordings is missing"):
        unpack_answer(answer_to(f'{{"source": "{source}", "keep_as": "flac", "key_file": "{tmp_path}/k"}}'.encode()))
    with pytest.raises(ConfigError):
        pack(PackOrder(str(source), "flac", f"{tmp_path}/k"))


async def test_the_packer_works_at_the_lowest_priority_and_is_started_again(tmp_path: Path) -> None:
    source = write_wav(tmp_path / "r-1.wav", talk(2.0))
    load_or_make_key(tmp_path / "k")
    order = PackOrder(str(source), "flac", str(tmp_path / "k"))
    packer = Packer()
    try:
        done = await packer.pack(order)
        assert packer.pid is not None
        assert os.getpriority(os.PRIO_PROCESS, packer.pid) == 19
        os.kill(packer.pid, signal.SIGSTOP)
        at_work = asyncio.create_task(packer.pack(order))
        await asyncio.sleep(0.2)
        os.kill(packer.pid, signal.SIGKILL)
        with pytest.raises(Unavailable, match="died"):
            await at_work
        again = await packer.pack(order)
        assert again.pcm_sha256 == done.pcm_sha256
        with open_sound(Path(again.path), tmp_path / "k") as sound:
            assert np.array_equal(sound.read(0, 16_000), talk(2.0))
        process = packer._process
        assert process is not None
        process.kill()
        await asyncio.to_thread(process.wait)
        with pytest.raises(FileNotFoundError):  # another process says so
            await packer.pack(PackOrder(str(tmp_path / "gone.wav"), "flac"))
    finally:
        await packer.close()


async def test_a_packer_that_hangs_is_ended(tmp_path: Path) -> None:
    source = write_wav(tmp_path / "r-1.wav", talk(1.0))
    packer = Packer(longest_s=0.0)
    with pytest.raises(Unavailable, match="too long"):
        await packer.pack(PackOrder(str(source), "flac"))
    assert packer.pid is None
    await packer.close()


async def test_an_idle_packer_ends_and_is_started_again_when_needed(tmp_path: Path) -> None:
    source = write_wav(tmp_path / "r-1.wav", talk(1.0))
    packer = Packer(idle_s=0.0)
    await packer.pack(PackOrder(str(source), "flac"))
    process = packer._process
    assert process is not None
    assert await asyncio.to_thread(process.wait, 10) == 0, "the end of its input is its end"
    assert packer.pid is None
    await packer.pack(PackOrder(str(source), "flac"))
    await packer.close()


def test_a_packer_whose_house_is_gone_says_nothing(tmp_path: Path) -> None:
    order = json.dumps(asdict(PackOrder(str(tmp_path / "nowhere.wav"), "flac"))).encode()
    reading, writing = os.pipe()
    with subprocess.Popen(
        [sys.executable, "-m", "archive.worker"], stdin=subprocess.PIPE, stdout=writing, stderr=subprocess.PIPE
    ) as packer:
        os.close(writing)
        os.close(reading)
        _, said = packer.communicate(order + b"\n", timeout=60)
    assert (packer.returncode, said) == (0, b"")

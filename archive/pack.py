"""A finished WAV file to what is kept: compressed, checked, sealed, hashed, with its waveform. The WAV stays.

Nothing bears the final name before it is whole and on the disk; whoever asked deletes the WAV once the store knows of
the new file. So a kill at any moment leaves the recording, and work that is done again leaves the same.
"""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
import soundfile

from archive.forms import FLAC, WAV
from archive.keys import load_key
from archive.peaks import PeakCounter, Peaks
from archive.seal import SUFFIX, seal
from archive.sound import Frames, Sound, open_sound
from core.audio import RATE_HZ
from core.errors import ParseError

_PART: Final = ".part"
_OPUS_LEVEL: Final = 0.96
"""libsndfile's measure between 256 and 6 kbit/s a channel: about 16 kbit/s."""
_READ_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class PackOrder:
    """``source`` is a finished WAV file; ``keep_as`` one of ``KEPT_FORMS``; sealed with the key in ``key_file``
    ("": not)."""

    source: str
    keep_as: str
    key_file: str = ""


@dataclass(frozen=True, slots=True)
class Packed:
    """What is kept now beside the WAV: ``path`` (the WAV itself where nothing was to be done) of ``size`` bytes.

    ``sha256`` is of the stored bytes, ``pcm_sha256`` of the samples as they were recorded (16-bit little-endian,
    interleaved), so that a compressed copy can be proven to be the recording.
    """

    path: str
    keep_as: str
    size: int
    sha256: str
    pcm_sha256: str
    frames: int
    peaks: Peaks


def pack(order: PackOrder) -> Packed:
    """Do it. ``OSError`` where files cannot be read or written, ``ParseError`` where the WAV is none of ours,
    ``ConfigError`` where the key is missing.
    """
    source = Path(order.source)
    key = load_key(Path(order.key_file)) if order.key_file else None
    with open_sound(source) as sound:
        keep_as = order.keep_as if sound.frames else WAV
        target = source.with_name(source.stem + "." + keep_as + (SUFFIX if key is not None else ""))
        clear_parts(source)
        watched = _Watched(sound)
        plain = source if keep_as == WAV else _part(target, "sound")
        if keep_as == WAV:
            for _ in watched.blocks():
                pass
        else:
            _encode(watched, plain, keep_as)
            _compare(plain, keep_as, watched)
    if key is not None:
        ready = _part(target, "sealed")
        with plain.open("rb") as opened, ready.open("xb") as file:
            seal(opened, file, key)
            _to_disk(file)
        if plain != source:
            plain.unlink()
    else:
        ready = plain
    digest = sha256_of(ready)
    size = ready.stat().st_size
    if ready != target:
        ready.rename(target)
        _folder_to_disk(target.parent)
    return Packed(str(target), keep_as, size, digest, watched.digest(), watched.sound.frames, watched.peaks())


def clear_parts(source: Path) -> None:
    """Remove what an earlier try of packing ``source`` left unfinished."""
    for part in source.parent.glob(f"{source.name.partition('.')[0]}.*{_PART}"):
        part.unlink(missing_ok=True)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while data := file.read(_READ_BYTES):
            digest.update(data)
    return digest.hexdigest()


class _Watched:
    """A recording whose samples are hashed and looked at while they pass."""

    def __init__(self, sound: Sound) -> None:
        self.sound = sound
        self._digest = hashlib.sha256()
        self._peaks = PeakCounter(sound.frames, sound.channels)

    def blocks(self) -> Iterator[Frames]:
        for block in self.sound.blocks():
            self._digest.update(block.astype("<i2", copy=False).tobytes())
            self._peaks.add(block)
            yield block

    def digest(self) -> str:
        return self._digest.hexdigest()

    def peaks(self) -> Peaks:
        return self._peaks.result()


def _encode(watched: _Watched, target: Path, keep_as: str) -> None:
    kind, subtype = ("FLAC", "PCM_16") if keep_as == FLAC else ("OGG", "OPUS")
    level = {} if keep_as == FLAC else {"compression_level": _OPUS_LEVEL}
    with target.open("xb") as file:
        try:
            with soundfile.SoundFile(
                file.fileno(), "w", RATE_HZ, watched.sound.channels, subtype, format=kind, closefd=False, **level
            ) as encoder:
                for block in watched.blocks():
                    encoder.write(block)
        except soundfile.LibsndfileError as error:
            raise OSError(5, f"the encoder could not write: {error.error_string}", str(target)) from None
        _to_disk(file)


def _compare(path: Path, keep_as: str, watched: _Watched) -> None:
    """Read back what was written: the same samples (FLAC), the same length (Opus)."""
    digest = hashlib.sha256()
    frames = 0
    with soundfile.SoundFile(str(path)) as copy:
        for block in copy.blocks(blocksize=_READ_BYTES, dtype="int16", always_2d=True):
            digest.update(np.ascontiguousarray(block).astype("<i2", copy=False).tobytes())
            frames += len(block)
    same = frames == watched.sound.frames and (keep_as != FLAC or digest.hexdigest() == watched.digest())
    if not same:
        raise ParseError("the compressed copy is not the recording; the WAV file is kept", where=str(path))


def _part(target: Path, what: str) -> Path:
    return target.with_name(f"{target.name}.{os.getpid()}.{what}{_PART}")


def _to_disk(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _folder_to_disk(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

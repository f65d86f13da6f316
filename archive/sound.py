"""The one door through which recordings are read, whatever they are kept as: WAV, FLAC or Opus, plain or sealed.

Decoding is libsndfile's work. A recording may be compressed between the moment its name was looked up and the moment
it is opened, so ``locate`` finds it under each of the names it may have by now.
"""

import io
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol, Self, TypeAlias

import numpy as np
import soundfile
from numpy.typing import NDArray

from archive.keys import load_key
from archive.seal import SUFFIX, SealedFile, open_sealed
from core.audio import RATE_HZ, seconds_of
from core.errors import ParseError

Frames: TypeAlias = NDArray[np.int16]
"""Samples of all channels, shape (n, channels), int16, 8 kHz."""

BLOCK_FRAMES: Final = 10 * RATE_HZ
"""What is decoded at a time where all of a file is: 10 s."""
_KINDS: Final = (".flac", ".opus", ".wav")
NAMES: Final = tuple(kind + sealed for sealed in ("", SUFFIX) for kind in _KINDS)
"""How the file of a recording may end."""
_SUBTYPES: Final = frozenset({"PCM_16", "OPUS"})


class _SoundFile(Protocol):
    """What is used of ``soundfile.SoundFile``, which has no types."""

    samplerate: int
    channels: int
    frames: int
    subtype: str

    def seek(self, frame: int) -> int: ...

    def read(self, frames: int, dtype: str, always_2d: bool) -> Frames: ...

    def close(self) -> None: ...


class _Carrier(io.RawIOBase):
    """A sealed file for the decoder, which cannot hear of errors: they are noted in ``fault`` and look like the end."""

    def __init__(self, below: SealedFile) -> None:
        super().__init__()
        self._below = below
        self.fault: ParseError | OSError | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._below.tell()

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._below.seek(offset, whence)

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # typeshed wants any buffer
        """Fill all of ``buffer`` if there is so much."""
        room = memoryview(buffer).cast("B")
        got = 0
        try:
            while got < len(room) and (step := self._below.readinto(room[got:])):
                got += step
        except (ParseError, OSError) as error:
            self.fault = self.fault or error
        return got

    def close(self) -> None:
        self._below.close()
        super().close()


class Sound:
    """An open recording. ``channels`` is 1 or 2, ``frames`` its length in samples of each channel."""

    def __init__(self, sound: _SoundFile, file: io.RawIOBase | io.BufferedReader) -> None:
        self._sound = sound
        self._file = file
        self.channels = sound.channels
        self.frames = sound.frames

    @property
    def duration_s(self) -> float:
        """Its length in seconds."""
        return seconds_of(self.frames)

    def read(self, start: int, count: int) -> Frames:
        """Frames ``start`` ≤ n < ``start + count``, fewer at the end. ``ParseError`` where the file is damaged."""
        wanted = min(count, self.frames - start)
        if wanted <= 0:
            return np.zeros((0, self.channels), dtype=np.int16)
        try:
            self._sound.seek(start)
            got = self._sound.read(wanted, dtype="int16", always_2d=True)
        except soundfile.LibsndfileError as error:
            self._complain()
            raise ParseError(f"the recording is damaged: {error.error_string}") from None
        if len(got) < wanted:
            self._complain()
            raise ParseError("the recording is damaged: it ends before its time")
        return got

    def _complain(self) -> None:
        if isinstance(self._file, _Carrier) and self._file.fault is not None:
            raise self._file.fault

    def blocks(self) -> Iterator[Frames]:
        """All of it, at most ``BLOCK_FRAMES`` at a time."""
        for start in range(0, self.frames, BLOCK_FRAMES):
            yield self.read(start, BLOCK_FRAMES)

    def close(self) -> None:
        """Close it."""
        self._sound.close()
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def names_of(path: Path) -> tuple[Path, ...]:
    """``path`` and every other name that the recording in it may have."""
    stem = path.name.partition(".")[0]
    return (path, *(other for name in NAMES if (other := path.with_name(stem + name)) != path))


def locate(path: Path) -> Path:
    """``path``, or what became of the recording of that name; ``FileNotFoundError``."""
    for candidate in names_of(path):
        if candidate.is_file():
            return candidate
    raise FileNotFoundError(2, "the recording's file is not there", str(path))


def open_sound(path: Path, key_file: Path | None = None) -> Sound:
    """Open the recording ``path`` (see ``locate``).

    Raises ``OSError`` where it cannot be read, ``ConfigError`` where it is sealed and the key in ``key_file`` is
    missing, ``ParseError`` where it is no recording of ours (16 bit, 8 kHz, one or two channels) or damaged.
    """
    path = locate(path)
    file: io.RawIOBase | io.BufferedReader
    if path.name.endswith(SUFFIX):
        if key_file is None:
            raise ParseError("the recording is sealed and no key was named ([recording] key_file)", where=str(path))
        file = _Carrier(open_sealed(path, load_key(key_file)))
    else:
        file = path.open("rb")
    try:
        return Sound(_decoder(file), file)
    except (ParseError, soundfile.LibsndfileError) as error:
        file.close()
        if isinstance(file, _Carrier) and file.fault is not None:
            raise file.fault from None
        if isinstance(error, soundfile.LibsndfileError):
            raise ParseError(f"not a recording: {error.error_string}", where=str(path)) from None
        raise


def _decoder(file: io.RawIOBase | io.BufferedReader) -> _SoundFile:
    sound: _SoundFile = soundfile.SoundFile(file)
    if sound.subtype not in _SUBTYPES or sound.samplerate != RATE_HZ or sound.channels not in (1, 2):
        kind = f"{sound.channels} channels, {sound.subtype}, {sound.samplerate} Hz"
        sound.close()
        raise ParseError(f"not a recording of ours ({kind})")
    return sound

"""Are the recordings still what they were? Each stored file against the size and the SHA-256 that the store knows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from archive.pack import sha256_of
from archive.sound import locate, open_sound
from core.errors import Line400Error

OK: Final = "ok"
MISSING: Final = "missing"
CHANGED: Final = "changed"
UNREADABLE: Final = "unreadable"


@dataclass(frozen=True, slots=True)
class Stored:
    """A recording that should be there; ``sha256`` "" where it has not been brought into its final form yet."""

    recording: str
    path: Path
    size: int | None
    sha256: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found: ``state`` is ok, missing, changed or unreadable, ``why`` in words."""

    recording: str
    state: str
    why: str = ""


def check(stored: Stored, key_file: Path | None, *, decode: bool = False) -> Finding:
    """Look at one; ``decode`` also decodes (and decrypts) all of it, which takes longer."""
    try:
        if stored.sha256:
            found = _compare(stored)
            if found is not None:
                return found
        else:
            locate(stored.path)
        if decode or not stored.sha256:
            with open_sound(stored.path, key_file) as sound:
                for _ in sound.blocks() if decode else ():
                    pass
    except FileNotFoundError:
        return Finding(stored.recording, MISSING, str(stored.path))
    except (OSError, Line400Error) as error:
        return Finding(stored.recording, UNREADABLE, str(error))
    return Finding(stored.recording, OK)


def _compare(stored: Stored) -> Finding | None:
    size = stored.path.stat().st_size
    if size != stored.size:
        return Finding(stored.recording, CHANGED, f"{stored.path}: {size} bytes, not {stored.size}")
    if sha256_of(stored.path) != stored.sha256:
        return Finding(stored.recording, CHANGED, f"{stored.path}: its SHA-256 is another")
    return None


def check_all(recordings: Sequence[Stored], key_file: Path | None, *, decode: bool = False) -> Iterator[Finding]:
    """Look at all, one after the other."""
    for stored in recordings:
        yield check(stored, key_file, decode=decode)

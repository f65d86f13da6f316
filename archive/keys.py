"""The house's key for recordings: 32 random bytes in a file of its own, made on first use and readable by us alone.

Whoever loses this file loses every sealed recording: it belongs into a backup that is not kept with the recordings.
"""

import base64
import os
import stat
from pathlib import Path
from typing import Final

from core.errors import ConfigError

KEY_BYTES: Final = 32
_FIRST_LINE: Final = "line400 recording key, base64: keep a copy in a safe place\n"
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def load_key(path: Path) -> bytes:
    """The key in ``path``; ``ConfigError`` says what is wrong with it and what to do."""
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="ascii", errors="replace")
    except FileNotFoundError:
        raise ConfigError(
            [f"{path}: the key of the recordings is missing; put it back from its backup ([recording] key_file)"]
        ) from None
    except OSError as error:
        raise ConfigError([f"{path}: the key of the recordings cannot be read: {error.strerror}"]) from None
    if mode & _OTHERS:
        raise ConfigError([f"{path}: others can read the key of the recordings; run: chmod 600 {path}"])
    try:
        key = base64.b64decode(text.splitlines()[-1], validate=True)
    except (IndexError, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise ConfigError([f"{path}: this is no key of recordings; put it back from its backup"])
    return key


def load_or_make_key(path: Path) -> bytes:
    """As ``load_key``; where there is no file, one is made (mode 0600) and brought to the disk first."""
    if not path.exists():
        _make(path)
    return load_key(path)


def _make(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return  # another process was quicker
    except OSError as error:
        raise ConfigError([f"{path}: the key of the recordings cannot be made: {error.strerror}"]) from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(_FIRST_LINE.encode() + base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)

"""Where the running service can be spoken to on this machine: a socket in its data folder."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

SOCKET: Final = "line400.sock"


@contextlib.contextmanager
def short_path(folder: Path) -> Iterator[str]:
    """A name for the socket in ``folder`` that is short enough for the system (108 bytes) however deep that lies."""
    descriptor = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}/{SOCKET}"
    finally:
        os.close(descriptor)

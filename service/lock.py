"""One ``serve`` per data folder: a second one would take the calls that are up for those of a dead process."""

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from core.errors import Unavailable

FILE: Final = "line400.lock"


@contextlib.contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold ``folder`` as long as this is open; the system lets go of it when the process ends, however it ends.

    ``Unavailable`` where another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / FILE).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Unavailable(
                f"another `line400 serve` is running on {folder.absolute()}; stop it, or set another data_folder"
            ) from None
        yield

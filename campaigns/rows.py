"""Rows of a list, and how many there may be."""

from typing import Final, NamedTuple

MAX_BYTES: Final = 500_000_000
MAX_CELLS: Final = 200


class Row(NamedTuple):
    """One row: its first ``line`` in the file (from 1), its cells, and how far into the file it ends. With a ``fault``
    (in words, Chinese first) it is not to be taken, whatever is in its cells.
    """

    line: int
    cells: tuple[str, ...]
    read_bytes: int
    fault: str = ""

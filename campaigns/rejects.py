"""The file of rows that an import did not take: mend it and import it as it is.

It has the list's own headings, cells and separator; two columns before them say the row's line and the reason, and the
importer knows these columns and leaves them alone. It is written beside its place under another name and put there at
the end, and only if there is a row in it: no file that was there before is ever touched.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

from core.errors import ParseError

LINE_HEADING: Final = "行号 line"
REASON_HEADING: Final = "未导入原因 reason"
OWN_HEADINGS: Final = (LINE_HEADING, REASON_HEADING)
_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that is not taken: its line, why (Chinese first), and what it held."""

    line: int
    reason: str
    cells: tuple[str, ...] = ()


class RejectsFile:
    """Rejected rows on their way into a file; a context manager. Readable by its owner alone: it holds numbers.

    ``wanted`` is the file's place; None means ``NAME.rejects.csv`` beside ``source``, or with a number where that
    exists. ``ParseError`` where ``wanted`` exists, ``OSError`` where its folder cannot be written: both at once, before
    anything is taken in.
    """

    def __init__(self, source: Path, wanted: Path | None) -> None:
        if wanted is not None and wanted.exists():
            what = "the list itself" if wanted.samefile(source) else "a file that exists"
            raise ParseError(
                f"is {what} and is never overwritten; name another for the rejected rows", where=f"{wanted}"
            )
        self._source = source
        self._wanted = wanted
        self._separator = ","
        self._own: frozenset[int] = frozenset()
        self.headings: tuple[str, ...] = ()
        self.count = 0
        self.first: list[Reject] = []
        self.path: Path | None = None
        """Where it is in the end; None while it is being written, and where there was nothing to write."""

    def __enter__(self) -> "RejectsFile":
        place = self._wanted or self._source
        self._file = NamedTemporaryFile(
            "w",
            encoding="utf-8-sig",
            newline="",
            dir=place.parent,
            prefix=f".{place.stem}.",
            suffix=".part",
            delete=False,
        )
        return self

    def begin(self, headings: Sequence[str], separator: str) -> None:
        """What the list looks like. Columns that an earlier import put before it are not repeated."""
        self._separator = separator
        self._own = frozenset(at for at, heading in enumerate(headings) if heading in OWN_HEADINGS)
        self.headings = self._cells(headings)

    def write(self, reject: Reject) -> None:
        """One more row."""
        writer = csv.writer(self._file, delimiter=self._separator)
        if not self.count:
            writer.writerow([*OWN_HEADINGS, *self.headings])
        writer.writerow([str(reject.line), reject.reason, *self._cells(reject.cells)])
        self.count += 1
        if len(self.first) < _SHOWN:
            self.first.append(reject)

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        self._file.close()
        written = Path(self._file.name)
        if error is not None or not self.count:
            written.unlink()
            return
        self.path = self._free_place()
        written.rename(self.path)

    def _cells(self, cells: Sequence[str]) -> tuple[str, ...]:
        return tuple(cell for at, cell in enumerate(cells) if at not in self._own)

    def _free_place(self) -> Path:
        first = self._wanted or self._source.with_name(f"{self._source.stem}.rejects.csv")
        others = (first.with_name(f"{first.stem}-{number}{first.suffix}") for number in count(2))
        return first if not first.exists() else next(place for place in others if not place.exists())

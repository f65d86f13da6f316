"""The file of rows that an import did not take: mend it and import it as it is.

It has the list's own headings, cells and separator; two columns before them say the row's line and the reason, and the
importer knows these columns and leaves them alone. It is written beside its place under another name and put there at
the end, and only if there is a row in it: no file that was there before is ever touched. Its rows are in the order of
their lines, also where some are only found out when the list was read to its end; none of its cells is a formula.
"""

import csv
import heapq
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Final

from core.cells import harmless
from core.errors import ParseError

LINE_HEADING: Final = "行号 line"
REASON_HEADING: Final = "未导入原因 reason"
OWN_HEADINGS: Final = (LINE_HEADING, REASON_HEADING)
SHOWN: Final = 10
"""Rejected rows that are shown at once."""


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that is not taken: its line, why (Chinese first), and what it held."""

    line: int
    reason: str
    cells: tuple[str, ...] = ()


class FirstRejects:
    """The first rejected rows that come, to show at once, and how many there are in all."""

    def __init__(self) -> None:
        self.rows: list[Reject] = []
        self.count = 0

    def __call__(self, reject: Reject) -> None:
        """One more."""
        self.count += 1
        if len(self.rows) < SHOWN:
            self.rows.append(reject)


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
        self._runs: list[IO[str]] = []
        self._line = 0
        self.headings: tuple[str, ...] = ()
        self.count = 0
        self.first: list[Reject] = []
        self.path: Path | None = None
        """Where it is in the end; None while it is being written, and where there was nothing to write."""

    def __enter__(self) -> "RejectsFile":
        self._runs.append(self._part())
        return self

    def begin(self, headings: Sequence[str], separator: str) -> None:
        """What the list looks like. Columns that an earlier import put before it are not repeated."""
        self._separator = separator
        self._own = frozenset(at for at, heading in enumerate(headings) if heading in OWN_HEADINGS)
        self.headings = self._cells(headings)

    def write(self, reject: Reject) -> None:
        """One more row. Where its line is before that of the last one, the list is read again from its beginning."""
        if reject.line < self._line:
            self._runs.append(self._part())
        self._line = reject.line
        writer = csv.writer(self._runs[-1], delimiter=self._separator)
        if not self.count:
            writer.writerow([*OWN_HEADINGS, *map(harmless, self.headings)])
        writer.writerow([str(reject.line), reject.reason, *map(harmless, self._cells(reject.cells))])
        self.count += 1
        if len(self.first) < SHOWN or reject.line < self.first[-1].line:
            self.first = sorted([*self.first, reject], key=lambda one: one.line)[:SHOWN]

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        for run in self._runs:
            run.close()
        written = [Path(run.name) for run in self._runs]
        if error is None and self.count:
            if len(written) > 1:
                written.insert(0, self._merged(written))
            self.path = self._free_place()
            written.pop(0).rename(self.path)
        for left in written:
            left.unlink()

    def _part(self) -> IO[str]:
        place = self._wanted or self._source
        return NamedTemporaryFile(
            "w",
            encoding="utf-8-sig",
            newline="",
            dir=place.parent,
            prefix=f".{place.stem}.",
            suffix=".part",
            delete=False,
        )

    def _merged(self, runs: Sequence[Path]) -> Path:
        with ExitStack() as opened, self._part() as whole:
            files = [opened.enter_context(run.open(encoding="utf-8-sig", newline="")) for run in runs]
            rows: list[Iterator[list[str]]] = [csv.reader(file, delimiter=self._separator) for file in files]
            writer = csv.writer(whole, delimiter=self._separator)
            writer.writerow(next(rows[0]))
            in_order: Iterator[list[str]] = heapq.merge(*rows, key=_line_of)
            writer.writerows(in_order)
        return Path(whole.name)

    def _cells(self, cells: Sequence[str]) -> tuple[str, ...]:
        return tuple(cell for at, cell in enumerate(cells) if at not in self._own)

    def _free_place(self) -> Path:
        first = self._wanted or self._source.with_name(f"{self._source.stem}.rejects.csv")
        others = (first.with_name(f"{first.stem}-{number}{first.suffix}") for number in count(2))
        return first if not first.exists() else next(place for place in others if not place.exists())


def _line_of(row: Sequence[str]) -> int:
    return int(row[0])

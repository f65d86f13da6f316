"""Takes a list of records (CSV or XLSX) into the store: all of its good rows, or, when something breaks, none.

Each row that is not taken is written, with its line and the reason, to a file beside the list, to be mended and
imported.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Final, Self

from campaigns.columns import clean
from campaigns.importer import Checked
from campaigns.list_file import GUESS, ListFile, Wanted, open_list
from campaigns.rejects import SHOWN, Reject, RejectsFile
from campaigns.rows import Row
from campaigns.sent_rows import SentRows
from core.errors import ParseError
from desk.record_sheets import KINDS, Kind, Record, columns_of
from desk.records import Sale, Visit
from store.records import Records

MAX_ROWS: Final = 300_000
"""They are written in one transaction, and meanwhile the running service cannot write."""
_SAMPLES: Final = 8


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of it. ``rejects_file`` is None where every row was taken; at most ten rejects are shown at once."""

    accepted: int
    rejected: int
    rejects_file: Path | None
    first_rejects: tuple[Reject, ...] = ()


async def import_records(
    path: Path,
    kind: str,
    store: Records,
    now: datetime,
    *,
    rejects_file: Path | None = None,
    wanted: Wanted = GUESS,
    progress: Callable[[int], None] = lambda _rows: None,
) -> Taken:
    """Take the list at ``path``, which is of ``kind`` (of ``desk.record_sheets.KINDS``). ``ParseError`` (line, reason)
    means that nothing was taken in. ``wanted`` is what is known of the file, ``progress`` is told, in another thread,
    how many rows were read.
    """
    with RejectsFile(path, rejects_file) as rejects:
        opened = _Opened.at(path, KINDS[kind], wanted)
        rejects.begin(opened.headings, opened.file.separator)
        good = await _good(opened, store, now, rejects.write, progress)
        accepted = await store.take(good)
    return Taken(accepted, rejects.count, rejects.path, tuple(rejects.first))


async def check_records(
    path: Path,
    kind: str,
    store: Records,
    now: datetime,
    *,
    wanted: Wanted = GUESS,
    progress: Callable[[int], None] = lambda _rows: None,
) -> Checked:
    """Read the whole list as ``import_records`` would, and change nothing. ``ParseError`` as there."""
    opened = _Opened.at(path, KINDS[kind], wanted)
    rejects: list[Reject] = []
    good = await _good(opened, store, now, rejects.append, progress)
    rejects.sort(key=lambda one: one.line)
    return looked(opened.file, opened.headings, len(good), len(rejects), rejects[:SHOWN])


async def take_sent(rows: SentRows, kind: str, store: Records, now: datetime, *, partial: bool) -> Sequence[Reject]:
    """Take what a program has sent; the rows that are not good. Where there are such and ``partial`` is false, nothing
    is taken in.
    """
    rejects = list(rows.odd)
    good = await _good(_Opened.of(rows, "rows", KINDS[kind]), store, now, rejects.append, lambda _rows: None)
    if good and (partial or not rejects):
        await store.take(good)
    return rejects


def looked(
    file: ListFile, headings: tuple[str, ...], accepted: int, rejected: int, first_rejects: Sequence[Reject]
) -> Checked:
    """What a list with ``headings`` looks like of which so many rows would be accepted, and so many not; who is to be
    called by it is nobody.
    """
    return Checked(
        kind=file.kind,
        encoding=file.encoding,
        separator=file.separator,
        sheets=file.sheets,
        sheet=file.sheet,
        headings=headings,
        numbers=(),
        name="",
        samples=tuple(row.cells for row in islice(file.rows(), 1, 1 + _SAMPLES)),
        rows=accepted + rejected,
        accepted=accepted,
        several=0,
        flaws={},
        kinds={},
        elsewhere={},
        first_rejects=tuple(first_rejects),
    )


@dataclass(frozen=True, slots=True)
class _Opened:
    """A list with its first row, and which column holds which field."""

    file: ListFile
    name: str
    kind: Kind
    headings: tuple[str, ...]
    columns: Mapping[str, int]

    @classmethod
    def at(cls, path: Path, kind: Kind, wanted: Wanted) -> Self:
        """``ParseError`` where it is empty, or a column is missing."""
        return cls.of(open_list(path, wanted), path.name, kind)

    @classmethod
    def of(cls, file: ListFile, name: str, kind: Kind) -> Self:
        """The same of a list that is open."""
        first = next(file.rows(), None)
        if first is None:
            raise ParseError("名单为空 (the list is empty)", where=name)
        columns = columns_of(kind, [clean(cell) for cell in first.cells])
        return cls(file, name, kind, first.cells, columns)

    def rows(self) -> Iterator[Row]:
        """Those below the headings."""
        return islice(self.file.rows(), 1, None)


async def _good(
    opened: _Opened, store: Records, now: datetime, rejected: Callable[[Reject], None], progress: Callable[[int], None]
) -> Sequence[Record]:
    """The records of all rows that can be taken; the others are ``rejected``."""
    found = await asyncio.to_thread(lambda: list(_read(opened, now, rejected, progress)))
    cars = sorted({record.vehicle for _, record in found if isinstance(record, Visit | Sale)})
    unknown = await store.unknown_cars(cars)
    good: list[Record] = []
    for row, record in found:
        if isinstance(record, Visit | Sale) and record.vehicle in unknown:
            rejected(Reject(row.line, "没有此车，请先导入车辆与车主 (no such car; import its owner first)", row.cells))
        else:
            good.append(record)
    return good


def _read(
    opened: _Opened, now: datetime, rejected: Callable[[Reject], None], progress: Callable[[int], None]
) -> Iterator[tuple[Row, Record]]:
    kind, columns = opened.kind, opened.columns
    count = 0
    for row in opened.rows():
        count += 1
        if count > MAX_ROWS:
            raise ParseError(f"超过 {MAX_ROWS} 行，请拆分 (more than {MAX_ROWS} rows; split it)", where=opened.name)
        cells = {field: _cell(row.cells, columns.get(field)) for field in kind.fields}
        try:
            if row.fault:
                raise ParseError(row.fault)
            yield row, kind.read(cells, now)
        except ParseError as error:
            rejected(Reject(row.line, str(error), row.cells))
        if count % 1000 == 0:
            progress(count)
    progress(count)


def _cell(cells: Sequence[str], at: int | None) -> str:
    return "" if at is None or at >= len(cells) else clean(cells[at])

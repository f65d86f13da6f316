"""Takes a list of records (CSV or XLSX) into the store: all of its good rows, or, when something breaks, none.

Each row that is not taken is written, with its line and the reason, to a file beside the list, to be mended and
imported.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from campaigns.columns import clean
from campaigns.list_file import GUESS, open_list
from campaigns.rejects import Reject, RejectsFile
from campaigns.rows import Row
from core.errors import ParseError
from desk.record_sheets import KINDS, Kind, Record, columns_of
from desk.records import Sale, Visit
from store.records import Records

MAX_ROWS: Final = 300_000
"""They are written in one transaction, and meanwhile the running service cannot write."""


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
    today: date,
    *,
    rejects_file: Path | None = None,
    progress: Callable[[int], None] = lambda _rows: None,
) -> Taken:
    """Take the list at ``path``, which is of ``kind`` (of ``desk.record_sheets.KINDS``). ``ParseError`` (line, reason)
    means that nothing was taken in. ``progress`` is told how many rows were read.
    """
    with RejectsFile(path, rejects_file) as rejects:
        found = list(_read(path, KINDS[kind], today, rejects, progress))
        cars = sorted({record.vehicle for _, record in found if isinstance(record, Visit | Sale)})
        unknown = await store.unknown_cars(cars)
        good: list[Record] = []
        for row, record in found:
            if isinstance(record, Visit | Sale) and record.vehicle in unknown:
                rejects.write(
                    Reject(row.line, "没有此车，请先导入车辆与车主 (no such car; import its owner first)", row.cells)
                )
            else:
                good.append(record)
        accepted = await store.take(good)
    return Taken(accepted, rejects.count, rejects.path, tuple(rejects.first))


def _read(
    path: Path, kind: Kind, today: date, rejects: RejectsFile, progress: Callable[[int], None]
) -> Iterator[tuple[Row, Record]]:
    opened = open_list(path, GUESS)
    rows = opened.rows()
    first = next(rows, None)
    if first is None:
        raise ParseError("the list is empty", where=path.name)
    columns = columns_of(kind, [clean(cell) for cell in first.cells])
    rejects.begin(first.cells, opened.separator)
    count = 0
    for row in rows:
        count += 1
        if count > MAX_ROWS:
            raise ParseError(f"more than {MAX_ROWS} rows; split it", where=path.name)
        cells = {field: _cell(row.cells, columns.get(field)) for field in kind.fields}
        try:
            yield row, kind.read(cells, today)
        except ParseError as error:
            rejects.write(Reject(row.line, str(error), row.cells))
        if count % 1000 == 0:
            progress(count)
    progress(count)


def _cell(cells: Sequence[str], at: int | None) -> str:
    return "" if at is None or at >= len(cells) else clean(cells[at])

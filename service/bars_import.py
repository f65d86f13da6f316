"""Takes a list of numbers that are not to be called (CSV or XLSX) into the store, or looks at it first.

The file is read to its end before the first number goes in; then they go in some hundreds at a time, as each of them is
right by itself. What broke off is handed over again: whoever stands there already is left as he is.

Each row that is not taken, or not wholly, is written, with its line and the reason, to a file beside the list.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from campaigns.bar_sheet import BarReader
from campaigns.importer import Checked, Imported
from campaigns.list_file import GUESS, Wanted, open_list
from campaigns.list_reader import Progress
from campaigns.rejects import FirstRejects, RejectsFile
from campaigns.rules.values import BarKind
from core.heap import few_cycles
from service.records_import import looked
from store.bulk import pieces
from store.calling import Calling
from store.turns import Turns

_LEAST: Final = 200
_MOST: Final = 1000
"""Numbers that go in at once."""
_SAMPLES: Final = 8


@dataclass(frozen=True, slots=True)
class Source:
    """The list's name, which goes on record; the ``kind`` of rows that name none; and account ``by``, which asks."""

    name: str
    kind: BarKind
    by: str


async def import_bars(
    path: Path,
    calling: Calling,
    source: Source,
    *,
    rejects_file: Path | None = None,
    wanted: Wanted = GUESS,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Imported:
    """Take the list at ``path``. ``ParseError`` (line, reason) means that nothing was taken in."""
    with few_cycles(), RejectsFile(path, rejects_file) as rejects:
        file = open_list(path, wanted)
        reader = BarReader(file, rejects.write, where=path.name, wanted=wanted, kind=source.kind, progress=progress)
        rejects.begin(reader.headings, file.separator)
        found: dict[BarKind, list[str]] = {kind: [] for kind in BarKind}
        for kind, numbers in reader.batches():
            found[kind] += numbers
        loop, turns = asyncio.get_running_loop(), Turns(_LEAST, _MOST)
        added = done = 0
        for kind, numbers in found.items():
            at = 0
            while piece := numbers[at : at + turns.rows]:
                began = loop.time()
                added += await calling.bar(piece, kind, "import", source.by, source.name)
                at += len(piece)
                done += len(piece)
                progress(Progress(file.total_bytes, file.total_bytes, reader.rows, rejects.count, done, reader.count))
                await asyncio.sleep(turns.after(len(piece), loop.time() - began, others=True))
    first, known = tuple(rejects.first), reader.count - added
    return Imported(reader.accepted, rejects.count, rejects.path, first, added=added, known=known)


async def check_bars(
    path: Path,
    calling: Calling,
    source: Source,
    *,
    wanted: Wanted = GUESS,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Checked:
    """Read the whole list as ``import_bars`` would, and change nothing. ``ParseError`` as there."""
    file = open_list(path, wanted)
    first = FirstRejects()
    known = 0
    with few_cycles():
        reader = BarReader(file, first, where=path.name, wanted=wanted, kind=source.kind, progress=progress)
        for kind, numbers in reader.batches():
            for piece in pieces(numbers, _MOST):
                known += len(await calling.barred(piece, kind))
    found = looked(file, reader.columns.headings, reader.accepted, reader.rejected, first.rows)
    return replace(
        found,
        numbers=reader.numbers,
        samples=reader.samples[:_SAMPLES],
        rows=reader.rows,  # one that is taken in part is rejected too
        several=reader.several,
        flaws={flaw.value: count for flaw, count in reader.flaws.items()},
        added=reader.count - known,
        known=known,
    )

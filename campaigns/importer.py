"""Takes a list of contacts from a CSV file into a campaign: all of its good rows, or, when something breaks, none.

Rows are read, checked and handed on in batches, so that a list of any length fits and a progress bar can move. Each row
that is not taken is written, with its line and the reason, to a file beside the list, to be mended and imported.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Final

from campaigns.columns import Columns, clean, guess_columns, is_shortened
from campaigns.csv_file import Row, read_rows, separator_of
from campaigns.facts import ContactsImported
from campaigns.ports import ContactStore, NewContact
from campaigns.rejects import OWN_HEADINGS, Reject, RejectsFile
from core.errors import ParseError
from core.events import Log
from core.numbers import normalise

BATCH: Final = 500
_SAMPLES: Final = 50
MAX_CONTACTS: Final = 1_000_000
SHORTEST: Final = 7
_NUMBERS: Final = "手机号"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the file is read."""

    read_bytes: int
    total_bytes: int
    rows: int
    rejected: int


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of it. ``rejects_file`` is None where every row was taken."""

    accepted: int
    rejected: int
    rejects_file: Path | None
    first_rejects: tuple[Reject, ...] = field(default=())
    """At most ten, to show at once."""


async def import_list(
    path: Path,
    campaign: str,
    store: ContactStore,
    log: Log,
    *,
    rejects_file: Path | None = None,
    number_heading: str = "",
    progress: Callable[[Progress], None] = lambda _: None,
) -> Imported:
    """Take the list at ``path`` into ``campaign``. Where ``rejects_file`` goes: see ``campaigns.rejects.RejectsFile``.

    ``number_heading`` names the column of numbers where it cannot be guessed. ``ParseError`` (file, line, reason) means
    that nothing was taken in. ``progress`` may be called from another thread.
    """
    with RejectsFile(path, rejects_file) as rejects:
        reader = ListReader(path, rejects.write, number_heading=number_heading, progress=progress, found=rejects.begin)
        added = await store.add(campaign, reader.batches())
        if known := frozenset(added.duplicate_lines):
            for row in read_rows(path):
                if row.line in known:
                    rejects.write(Reject(row.line, "名单中已有此号码 (already in this campaign)", row.cells))
    log.post("", ContactsImported(campaign, added.accepted, rejects.count))
    return Imported(added.accepted, rejects.count, rejects.path, tuple(rejects.first))


class ListReader:
    """Reads and checks a list; ``rejected`` is called for each row that is not taken, before that ``found`` with the
    headings and the separator.
    """

    def __init__(
        self,
        path: Path,
        rejected: Callable[[Reject], None],
        *,
        number_heading: str = "",
        progress: Callable[[Progress], None] = lambda _: None,
        found: Callable[[Sequence[str], str], None] = lambda _headings, _separator: None,
    ) -> None:
        self._path = path
        self._tell_found = found
        self._tell_reject = rejected
        self._number_heading = number_heading
        self._progress = progress
        self._line_of_number: dict[str, int] = {}
        self._rejected = 0

    def batches(self) -> Iterator[Sequence[NewContact]]:
        """The good rows, ``BATCH`` at a time. ``ParseError`` where the file cannot be read or has no numbers."""
        total_bytes = self._path.stat().st_size
        rows = read_rows(self._path)
        first = list(islice(rows, _SAMPLES + 1))
        if not first:
            raise ParseError("the list is empty", where=self._path.name)
        samples = [row.cells for row in first[1:]]
        columns = guess_columns(first[0].cells, samples, number_heading=self._number_heading)
        self._tell_found(_headings(first[0], columns), separator_of(self._path))
        count = 0
        following = chain(first[1:] if columns.has_header else first, rows)
        while piece := list(islice(following, BATCH)):
            count += len(piece)
            if count > MAX_CONTACTS:
                raise ParseError(f"more than {MAX_CONTACTS} rows; split it", where=self._path.name)
            batch = [contact for row in piece if (contact := self._contact(row, columns)) is not None]
            self._progress(Progress(piece[-1].read_bytes, total_bytes, count, self._rejected))
            if batch:
                yield batch
        self._progress(Progress(total_bytes, total_bytes, count, self._rejected))

    def _contact(self, row: Row, columns: Columns) -> NewContact | None:
        cells = [clean(cell) for cell in row.cells]
        written = next((cells[at] for at in columns.numbers if at < len(cells) and cells[at]), "")
        reason = ""
        number = ""
        if not written:
            reason = "没有号码 (no number)"
        elif is_shortened(written):
            reason = "号码被表格软件截断 (shortened by the spreadsheet; format the column as text)"
        else:
            try:
                number = normalise(written)
            except ParseError:
                reason = "号码无效 (not a phone number)"
            if number and len(number) < SHORTEST:  # 110, 120, 12345: no customer, and never to be called by a machine
                reason = "短号码不外呼 (a short number is never dialled)"
        if number in self._line_of_number:
            reason = f"与第 {self._line_of_number[number]} 行重复 (same number as line {self._line_of_number[number]})"
        if reason:
            self._rejected += 1
            self._tell_reject(Reject(row.line, reason, row.cells))
            return None
        self._line_of_number[number] = row.line
        used = {*columns.numbers, columns.name}
        fields = {
            heading: cells[at]
            for at, heading in enumerate(columns.headings)
            if at not in used and at < len(cells) and heading and cells[at] and heading not in OWN_HEADINGS
        }
        name = cells[columns.name] if columns.name is not None and columns.name < len(cells) else ""
        return NewContact(number, name, row.line, fields)


def _headings(first: Row, columns: Columns) -> Sequence[str]:
    """The list's own headings; a list without gets some, and one that is known for the numbers."""
    if columns.has_header:
        return first.cells
    return [_NUMBERS if at in columns.numbers else heading for at, heading in enumerate(columns.headings)]

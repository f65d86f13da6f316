"""Reads a list and checks it, row by row: whom to call at which numbers, and which rows are not taken and why."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from campaigns.columns import Cleaned
from campaigns.flaws import Flaw, flaw_of, numbers_in, words
from campaigns.list_file import ListFile, Wanted
from campaigns.list_rows import ListRows
from campaigns.ports import NewContact
from campaigns.rejects import OWN_HEADINGS, Reject
from campaigns.rows import Row
from core.numbers import Kind, identifying, is_mobile, kind_of


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the file is read, and, once it is, how many of its rows are in (``of``: 0 while it is read)."""

    read_bytes: int
    total_bytes: int
    rows: int
    rejected: int
    moved: int = 0
    of: int = 0


class ListReader:
    """Reads ``file`` once. ``rejected`` is called for each row that is not taken. ``columns`` and ``samples`` (the
    first rows below the headings) are known from the beginning, the counts when all ``batches`` are read.

    ``ParseError`` where there is no row or no column of numbers.
    """

    def __init__(
        self,
        file: ListFile,
        rejected: Callable[[Reject], None],
        *,
        where: str,
        wanted: Wanted,
        progress: Callable[[Progress], None] = lambda _: None,
    ) -> None:
        self._tell_reject = rejected
        self._progress = progress
        self._total_bytes = file.total_bytes
        self._list = ListRows(file, where=where, wanted=wanted)
        self.columns, self.headings, self.samples = self._list.columns, self._list.headings, self._list.samples
        fields = [
            (at, heading)
            for at, heading in enumerate(self.columns.headings)
            if heading and at != self.columns.name and heading not in OWN_HEADINGS
        ]
        self._fields = {number: [each for each in fields if each[0] != number] for number in self.columns.numbers}
        """Columns that are kept with a contact, by the column of the number that he is called at."""
        self._name = self.columns.name
        self._width = len(self.columns.headings)
        self._clean = Cleaned().__getitem__
        self._line_of: dict[str, int] = {}
        self.accepted = 0
        self.flaws: Counter[Flaw] = Counter()
        self.kinds: Counter[Kind] = Counter()
        """Of the first numbers of rows that are taken."""
        self.several = 0
        """Rows with more than one number."""

    @property
    def rows(self) -> int:
        """Rows that were read so far."""
        return self._list.count

    @property
    def rejected(self) -> int:
        """Rows that were not taken so far."""
        return sum(self.flaws.values())

    def batches(self) -> Iterator[Sequence[NewContact]]:
        """The good rows, some thousands at a time. ``ParseError`` where the file cannot be read to its end."""
        for piece in self._list.pieces():
            batch = [contact for row in piece if (contact := self._contact(row)) is not None]
            self.accepted += len(batch)
            self._count_kinds(batch)
            self._tell(piece[-1].read_bytes)
            if batch:
                yield batch
        self._tell(self._total_bytes)

    def _tell(self, read_bytes: int) -> None:
        self._progress(Progress(read_bytes, self._total_bytes, self.rows, self.rejected))

    def _count_kinds(self, batch: Sequence[NewContact]) -> None:
        others = [kind_of(contact.number) for contact in batch if not is_mobile(contact.number)]
        self.kinds.update(others)
        if mobiles := len(batch) - len(others):
            self.kinds[Kind.MOBILE] += mobiles

    def _contact(self, row: Row) -> NewContact | None:
        if row.fault:
            self._reject(row, Flaw.QUOTED)
            return None
        cells = list(map(self._clean, row.cells))
        if len(cells) < self._width:
            cells += [""] * (self._width - len(cells))
        numbers, first = self._numbers(cells)
        if not numbers:
            written = next((cells[at] for at in self.columns.numbers if cells[at]), "")
            self._reject(row, *flaw_of(written))
            return None
        number, line_of = numbers[0], self._line_of
        marks = identifying(numbers)
        if number not in marks:
            marks = (number, *marks)
        for mark in marks:
            if mark in line_of:
                self._reject(row, Flaw.TWICE, line_of[mark])
                return None
        for mark in marks:
            line_of[mark] = row.line
        self.several += len(numbers) > 1
        fields = {heading: cell for at, heading in self._fields[first] if (cell := cells[at])}
        name = "" if self._name is None else cells[self._name]
        return NewContact(number, name, row.line, fields, numbers[1:])

    def _numbers(self, cells: Sequence[str]) -> tuple[tuple[str, ...], int]:
        """The row's good numbers in order, and the column of the first. The other columns of numbers are fields too: a
        family's line may be another person's, and what is no number may say why.
        """
        found: tuple[str, ...] = ()
        first = -1
        for at in self.columns.numbers:
            if (cell := cells[at]) and (numbers := numbers_in(cell)):
                first = at if first < 0 else first
                found = (*found, *numbers) if found else numbers
        return (found if len(found) < 2 else tuple(dict.fromkeys(found))), first

    def _reject(self, row: Row, flaw: Flaw, detail: int = 0) -> None:
        self.flaws[flaw] += 1
        self._tell_reject(Reject(row.line, row.fault or words(flaw, detail), row.cells))

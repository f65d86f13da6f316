"""Files of numbers that are not to be called: every number of a row counts, whatever else stands in it, as whoever is
overlooked is called. Our own export is known by its headings and says of each number why, so a refusal stays one and is
taken back as one.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from campaigns.columns import Cleaned, heads_numbers
from campaigns.flaws import Flaw, flaw_of, numbers_in, words
from campaigns.list_file import ListFile, Wanted
from campaigns.list_reader import Progress
from campaigns.list_rows import ListRows
from campaigns.rejects import Reject
from campaigns.rows import Row
from campaigns.rules.values import BarKind
from core.errors import ParseError
from core.headings import plain_heading
from core.numbers import normalise

NUMBER_HEADING: Final = "号码 number"
KIND_HEADING: Final = "原因 kind"
"""By these two together an export is known."""
_KINDS: Final = {kind.value: kind for kind in BarKind}
_CUT: Final = (Flaw.WRONG_LENGTH, Flaw.SHORTENED)
_REST: Final = "；此行其他号码照样列入 (the other numbers of the row are taken all the same)"


class BarReader:
    """Reads ``file`` once. ``rejected`` is called for each row that holds no number, and for each that holds what may
    have been one beside those that are taken. ``kind`` is for rows that name none. The counts are known when all
    ``batches`` are read.

    ``ParseError`` where there is no row or no column of numbers.
    """

    def __init__(
        self,
        file: ListFile,
        rejected: Callable[[Reject], None],
        *,
        where: str,
        wanted: Wanted,
        kind: BarKind = BarKind.LISTED,
        progress: Callable[[Progress], None] = lambda _: None,
    ) -> None:
        self._tell_reject = rejected
        self._progress = progress
        self._total_bytes = file.total_bytes
        self._list = ListRows(file, where=where, wanted=wanted)
        self._kind = kind
        columns = self._list.columns
        self.columns, self.headings, self.samples = columns, self._list.headings, self._list.samples
        plain = [plain_heading(heading) for heading in columns.headings]
        ours = all(plain_heading(heading) in plain for heading in (NUMBER_HEADING, KIND_HEADING))
        self._kind_at = plain.index(plain_heading(KIND_HEADING)) if ours else None
        self._guesses = columns.has_header and not wanted.numbers
        self._perhaps = [
            at
            for at, heading in enumerate(plain)
            if self._guesses and at not in columns.numbers and (not heading or heads_numbers(heading))
        ]
        """Columns that may hold a number here and there: those that are headed so, or not at all."""
        self._clean = Cleaned().__getitem__
        self._seen: set[tuple[BarKind, str]] = set()
        self._held: set[int] = set()
        self.accepted = 0
        """Rows of which a number is taken."""
        self.several = 0
        self.flaws: Counter[Flaw] = Counter()

    @property
    def rows(self) -> int:
        """Rows that were read so far."""
        return self._list.count

    @property
    def rejected(self) -> int:
        """Rows that were told of so far."""
        return sum(self.flaws.values())

    @property
    def count(self) -> int:
        """Numbers so far, each of a kind once."""
        return len(self._seen)

    @property
    def numbers(self) -> tuple[str, ...]:
        """The headings of the columns in which there were numbers, or should be."""
        found = (*self.columns.numbers, *sorted(at for at in self._held if at < len(self.columns.headings)))
        return tuple(self.columns.headings[at] for at in found)

    def batches(self) -> Iterator[tuple[BarKind, Sequence[str]]]:
        """Numbers in the house's form with what bars them, each once, some thousands at a time. ``ParseError`` where
        the file cannot be read to its end.
        """
        for piece in self._list.pieces():
            found: dict[BarKind, list[str]] = {kind: [] for kind in BarKind}
            for row in piece:
                kind, numbers = self._bar(row)
                fresh = [number for number in numbers if (kind, number) not in self._seen]
                self._seen.update((kind, number) for number in fresh)
                found[kind] += fresh
            self._tell(piece[-1].read_bytes)
            yield from ((kind, numbers) for kind, numbers in found.items() if numbers)
        self._tell(self._total_bytes)

    def _bar(self, row: Row) -> tuple[BarKind, Sequence[str]]:
        if row.fault:
            return self._reject(row, Flaw.QUOTED, row.fault)
        kind = self._kind
        if self._kind_at is not None and (named := self._cell(row, self._kind_at).lower()):
            if named not in _KINDS:
                return self._reject(row, Flaw.NO_KIND, words(Flaw.NO_KIND))
            kind = _KINDS[named]
        found, wrong = self._numbers(row)
        if not found:
            places = self.columns.numbers if wrong is None else (wrong,)
            flaw, detail = flaw_of(next((cell for at in places if (cell := self._cell(row, at))), ""))
            return self._reject(row, flaw, words(flaw, detail))
        self.accepted += 1
        self.several += len(found) > 1
        if wrong is not None:
            flaw, detail = flaw_of(self._cell(row, wrong))
            heading = self.columns.headings[wrong] if wrong < len(self.columns.headings) else ""
            self._reject(row, flaw, f"{heading and f'{heading}：'}{words(flaw, detail)}{_REST}")
        return kind, found

    def _numbers(self, row: Row) -> tuple[Sequence[str], int | None]:
        """All numbers of a row, and the first of its columns that holds what may have been one."""
        found: dict[str, None] = {}
        wrong: list[int] = []
        for at in self.columns.numbers:
            if cell := self._cell(row, at):
                numbers = self._numbers_in(cell)
                found |= dict.fromkeys(numbers)
                if not numbers and any(map(str.isdigit, cell)):  # unlike 无 or -
                    wrong.append(at)
        beyond = range(len(self.columns.headings), len(row.cells)) if self._guesses else ()
        for at in (*self._perhaps, *beyond):
            if cell := self._cell(row, at):
                numbers = numbers_in(cell)
                found |= dict.fromkeys(numbers)
                if numbers:
                    self._held.add(at)
                elif flaw_of(cell)[0] in _CUT:
                    wrong.append(at)
        return tuple(found), wrong[0] if wrong else None

    def _numbers_in(self, cell: str) -> Sequence[str]:
        """Of our own export a short number too: it was barred by its own name."""
        numbers = numbers_in(cell)
        if numbers or self._kind_at is None:
            return numbers
        try:
            return (normalise(cell),)
        except ParseError:
            return ()

    def _cell(self, row: Row, at: int) -> str:
        return self._clean(row.cells[at]) if at < len(row.cells) else ""

    def _reject(self, row: Row, flaw: Flaw, reason: str) -> tuple[BarKind, Sequence[str]]:
        self.flaws[flaw] += 1
        self._tell_reject(Reject(row.line, reason, row.cells))
        return self._kind, ()

    def _tell(self, read_bytes: int) -> None:
        self._progress(Progress(read_bytes, self._total_bytes, self.rows, self.rejected))

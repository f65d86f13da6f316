"""Files of numbers that are not to be called. Our own export is known by its headings and says of each number why, so
a refusal stays one and is taken back as one; the numbers of any other list are listed.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Final

from campaigns.columns import clean
from campaigns.flaws import flaw_of, words
from campaigns.list_file import ListFile, Wanted
from campaigns.list_reader import BATCH, ListReader
from campaigns.rejects import Reject
from campaigns.rows import Row
from campaigns.rules.values import BarKind
from core.errors import ParseError
from core.headings import plain_heading
from core.numbers import normalise

NUMBER_HEADING: Final = "号码 number"
KIND_HEADING: Final = "原因 kind"
"""By these two together an export is known."""
_KINDS: Final = {"": BarKind.LISTED, **{kind.value: kind for kind in BarKind}}
_NO_KIND: Final = "原因须为 refused（客户拒绝）或 listed（免打扰名单） (kind is refused or listed)"


def read_bars(
    file: ListFile, rejected: Callable[[Reject], None], *, where: str, wanted: Wanted
) -> Iterator[tuple[BarKind, Sequence[str]]]:
    """Numbers in the house's form with what bars them, some thousands at a time; ``rejected`` is called for each row
    that is not taken. ``ParseError`` where there is no row or no column of numbers.
    """
    first = next(file.rows(), None)
    headings = [] if first is None else [plain_heading(clean(cell)) for cell in first.cells]
    number, kind = plain_heading(NUMBER_HEADING), plain_heading(KIND_HEADING)
    if number in headings and kind in headings:
        yield from _exported(file, rejected, headings.index(number), headings.index(kind))
        return
    for batch in ListReader(file, rejected, where=where, wanted=wanted).batches():
        yield BarKind.LISTED, [each for contact in batch for each in (contact.number, *contact.others)]


def _exported(
    file: ListFile, rejected: Callable[[Reject], None], number_at: int, kind_at: int
) -> Iterator[tuple[BarKind, Sequence[str]]]:
    rows = islice(file.rows(), 1, None)
    while piece := list(islice(rows, BATCH)):
        found: dict[BarKind, list[str]] = {kind: [] for kind in BarKind}
        for row in piece:
            try:
                kind, number = _bar(row, number_at, kind_at)
            except ParseError as error:
                rejected(Reject(row.line, str(error), row.cells))
            else:
                found[kind].append(number)
        yield from ((kind, numbers) for kind, numbers in found.items() if numbers)


def _bar(row: Row, number_at: int, kind_at: int) -> tuple[BarKind, str]:
    """``ParseError`` says why the row is not taken. A short number is: it was barred by its own name."""
    if row.fault:
        raise ParseError(row.fault)
    written = _cell(row, number_at)
    try:
        number = normalise(written)
    except ParseError:
        raise ParseError(words(*flaw_of(written))) from None
    kind = _KINDS.get(_cell(row, kind_at).lower())
    if kind is None:
        raise ParseError(_NO_KIND)
    return kind, number


def _cell(row: Row, at: int) -> str:
    return clean(row.cells[at]) if at < len(row.cells) else ""

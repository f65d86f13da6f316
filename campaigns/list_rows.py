"""The rows of a list below its headings, and which of its columns hold numbers and names."""

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Final

from campaigns.columns import Columns, guess_columns, is_number
from campaigns.list_file import ListFile, Wanted
from campaigns.rows import Row
from core.errors import ParseError

BATCH: Final = 5000
MAX_ROWS: Final = 1_000_000
_SAMPLES: Final = 50
_NUMBERS: Final = "手机号"


class ListRows:
    """Reads ``file`` once. ``columns``, ``headings`` (the list's own; a list without gets some, and one that is known
    for the numbers) and ``samples`` (the first rows below) are known from the beginning; ``count`` rows were read.

    ``ParseError`` where there is no row or no column of numbers.
    """

    def __init__(self, file: ListFile, *, where: str, wanted: Wanted) -> None:
        self._where = where
        rows = file.rows()
        first = list(islice(rows, _SAMPLES + 2))
        if not first:
            raise ParseError("名单为空 (the list is empty)", where=where)
        if _is_title(first):
            first.pop(0)
        samples = [row.cells for row in first[1:]]
        self.columns = guess_columns(first[0].cells, samples, numbers=wanted.numbers, name=wanted.name)
        self.headings = _headings(first[0], self.columns)
        data = first[1:] if self.columns.has_header else first
        self.samples = tuple(row.cells for row in data)
        self.count = 0
        self._rows = chain(data, rows)

    def pieces(self) -> Iterator[Sequence[Row]]:
        """``BATCH`` rows at a time. ``ParseError`` where there are too many, or the file cannot be read to its end."""
        while piece := list(islice(self._rows, BATCH)):
            self.count += len(piece)
            if self.count > MAX_ROWS:
                said = f"超过 {MAX_ROWS} 行，请拆分 (more than {MAX_ROWS} rows; split it)"
                raise ParseError(said, where=self._where)
            yield piece


def _is_title(first: Sequence[Row]) -> bool:
    """True for a line above the headings: one cell, and it is no number, above rows of several."""
    if len(first) < 3:
        return False
    filled = [[cell for cell in row.cells if cell.strip()] for row in first[:3]]
    return len(filled[0]) == 1 and not is_number(filled[0][0]) and len(filled[1]) > 1 and len(filled[2]) > 1


def _headings(first: Row, columns: Columns) -> Sequence[str]:
    if columns.has_header:
        return first.cells
    return [_NUMBERS if at in columns.numbers else heading for at, heading in enumerate(columns.headings)]

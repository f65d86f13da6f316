"""Quotation marks in a CSV: a stray one makes one cell of all that follows it, up to the next. Pure.

A remark of several lines between two marks is what spreadsheets write, and is taken. A cell of several lines that holds
what stands between two cells, or digits like those of a phone number, is other people's rows: each line of it is then a
row of its own, with the fault said, so that nobody in it is lost.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from typing import Final

from campaigns.rows import MAX_CELLS, Row

END: Final = "\ufdd0"
"""A last line, after all of the file's: no text has this sign. Whoever reads it in a cell has a mark that is open."""
_DIGITS: Final = re.compile(r"\d{7}|\d{3}[ -]\d{4}")


class Lines:
    """The lines of a text, then ``END``; ``taken`` are those since it was cleared."""

    def __init__(self, text: Iterator[str]) -> None:
        self._text = text
        self._ended = False
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._text, None)
        if line is None:
            if self._ended:
                raise StopIteration
            line, self._ended = END, True
        self.taken.append(line)
        return line


def fault_of(cells: Sequence[str], separator: str, first: int, last: int) -> str:
    """What is wrong with a row that goes from line ``first`` to line ``last``, Chinese first; "" for nothing."""
    if not cells or cells == [END]:
        return ""
    if cells[-1].endswith(END):
        zh, en = "没有关闭", "is never closed"
    elif first < last and any(_holds_rows(cell, separator) for cell in cells):
        zh, en = f"到第 {last} 行才关闭", f"closes in line {last}"
    else:
        return ""
    return f"引号在第 {first} 行打开，{zh} (a quotation mark opens in line {first} and {en}; take it out, or close it)"


def rows_within(lines: Sequence[str], separator: str, first: int, fault: str, read_bytes: int) -> Iterator[Row]:
    """Each of ``lines``, from line number ``first`` on, as a row of its own in which marks mean nothing."""
    for at, line in enumerate(lines, first):
        if line != END and line.strip():
            [cells] = csv.reader([line], delimiter=separator, quoting=csv.QUOTE_NONE)
            yield Row(at, tuple(cells[:MAX_CELLS]), read_bytes, fault)


def _holds_rows(cell: str, separator: str) -> bool:
    return ("\n" in cell or "\r" in cell) and (separator in cell or _DIGITS.search(cell) is not None)

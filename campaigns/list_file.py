"""A list as somebody hands it over: a file of rows, CSV or XLSX, whatever its name ends in."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from campaigns.csv_file import CsvFile
from campaigns.rows import Row
from core.errors import ParseError

_ZIP: Final = b"PK\x03\x04"
_OLD_BOOK: Final = (
    "旧版 .xls 或有密码，请另存为无密码的 .xlsx "
    "(an old .xls, or a workbook with a password; save it as .xlsx without one)"
)
_OLE: Final = bytes.fromhex("d0cf11e0a1b11ae1")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is known of a list beforehand; what is empty is guessed. ``numbers`` are the headings of the columns with
    numbers, in the order in which they are to be dialled; a list without headings has column1, column2, …
    """

    encoding: str = ""
    separator: str = ""
    sheet: str = ""
    numbers: tuple[str, ...] = ()
    name: str = ""


GUESS: Final = Wanted()


class ListFile(Protocol):
    """An opened list: how it is read, and its rows, as often as they are asked for."""

    @property
    def kind(self) -> str:
        """csv or xlsx."""
        ...

    @property
    def encoding(self) -> str:
        """As Python calls it; "" for XLSX."""
        ...

    @property
    def separator(self) -> str:
        """Between two cells; "," for XLSX, whose rejects are CSV."""
        ...

    @property
    def sheets(self) -> tuple[str, ...]:
        """The sheets of a workbook; none in CSV."""
        ...

    @property
    def sheet(self) -> str:
        """The sheet that is read."""
        ...

    @property
    def total_bytes(self) -> int:
        """Its size."""
        ...

    def rows(self) -> Iterator[Row]:
        """Every row that is not blank; ``ParseError`` names the line that cannot be read."""
        ...


def open_list(path: Path, wanted: Wanted) -> ListFile:
    """The list at ``path``; ``ParseError`` where it is none that we can read."""
    with path.open("rb") as file:
        start = file.read(len(_OLE))
    if start == _OLE:
        raise ParseError(_OLD_BOOK, where=path.name)
    if start.startswith(_ZIP):
        from campaigns.xlsx_file import XlsxFile  # noqa: PLC0415 - loads the library, which a CSV does without

        return XlsxFile(path, sheet=wanted.sheet)
    if wanted.sheet:
        raise ParseError("CSV 没有工作表 (a CSV file has no sheets)", where=path.name)
    return CsvFile(path, encoding=wanted.encoding, separator=wanted.separator)

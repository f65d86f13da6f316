"""A list in a workbook (XLSX): the rows of one sheet as text, read as a stream.

Numbers lose no digits: a phone number that a spreadsheet keeps as a number comes out as its digits, a date as
2026-11-30. Formulas are taken by the value that the spreadsheet last saved.
"""

import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import ParseError as XmlError

from openpyxl import load_workbook

from campaigns.rows import MAX_BYTES, MAX_CELLS, Row
from core.errors import ParseError

_UNPACKED_MOST: Final = 4_000_000_000
_SHARED_MOST: Final = 400_000_000
"""Bytes of a workbook once it is unpacked, and of its shared texts, which are held in memory."""
_BROKEN: Final = (zipfile.BadZipFile, KeyError, ValueError, TypeError, IndexError, AttributeError, XmlError, EOFError)
"""What the library raises for a file that is no workbook, or a damaged one."""


class XlsxFile:
    """``campaigns.list_file.ListFile``: the sheet named ``sheet``, or the first."""

    kind = "xlsx"
    encoding = ""
    separator = ","

    def __init__(self, path: Path, *, sheet: str = "") -> None:
        self._path = path
        self.total_bytes = path.stat().st_size
        self._check_size()
        with self._opened() as book:
            self.sheets: tuple[str, ...] = tuple(each.title for each in book.worksheets)
        if not self.sheets:
            raise ParseError("没有工作表 (the workbook has no sheet)", where=path.name)
        if sheet and sheet not in self.sheets:
            raise ParseError(f"没有此工作表 (no sheet {sheet!r}; there are: {', '.join(self.sheets)})", where=path.name)
        self.sheet = sheet or self.sheets[0]

    def rows(self) -> Iterator[Row]:
        """See ``ListFile``."""
        with self._opened() as book:
            sheet = book[self.sheet]
            of = sheet.max_row or 0
            sheet.reset_dimensions()  # what it says of its size is not to be believed: each row would be as wide
            line = 0
            try:
                for line, values in enumerate(sheet.iter_rows(values_only=True), 1):
                    cells = [text_of(value) for value in values]
                    while cells and not cells[-1]:
                        cells.pop()
                    if len(cells) > MAX_CELLS:
                        raise ParseError(
                            f"超过 {MAX_CELLS} 列 (more than {MAX_CELLS} columns)",
                            where=f"{self._path.name} line {line}",
                        )
                    if any(cell.strip() for cell in cells):
                        yield Row(line, tuple(cells), self.total_bytes * min(line, of) // of if of else 0)
            except _BROKEN as error:
                raise ParseError(f"工作表已损坏 (the sheet is damaged: {error})", where=f"line {line + 1}") from None

    @contextmanager
    def _opened(self) -> Iterator[Any]:
        with self._path.open("rb") as file:  # by its name the library would judge it: one from the page has none
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # of styles and the like, which are not ours
                    book = load_workbook(file, read_only=True, data_only=True)
            except _BROKEN as error:
                raise ParseError(
                    f"无法读取此工作簿 (no workbook that can be read: {error})", where=self._path.name
                ) from None
            try:
                yield book
            finally:
                book.close()

    def _check_size(self) -> None:
        try:
            with zipfile.ZipFile(self._path) as packed:
                sizes = {item.filename: item.file_size for item in packed.infolist()}
        except zipfile.BadZipFile:
            raise ParseError("工作簿已损坏 (a damaged workbook)", where=self._path.name) from None
        shared = sum(size for name, size in sizes.items() if name.endswith("sharedStrings.xml"))
        if self.total_bytes > MAX_BYTES or sum(sizes.values()) > _UNPACKED_MOST or shared > _SHARED_MOST:
            raise ParseError(
                "解压后过大，请拆分或另存为 CSV (too large once unpacked; split it, or save it as CSV)",
                where=self._path.name,
            )


def text_of(value: object) -> str:
    """A cell as a person reads it."""
    match value:
        case None:
            return ""
        case str():
            return value
        case float() if value.is_integer():
            return str(int(value))
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime():
            return value.isoformat(" ", "minutes")
        case _:
            return str(value)

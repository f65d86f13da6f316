"""A list as it comes out of a spreadsheet: rows of cells with their lines, whatever the encoding and separator.

UTF-8 (with or without BOM), UTF-16 with BOM, and GB18030 (which holds GBK and GB2312) are told apart by trying: UTF-8
is strict enough that Chinese text in GB18030 does not pass as it. The file is read twice, never held in memory.
"""

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from core.errors import ParseError

_PIECE: Final = 1 << 16
_SEPARATORS: Final = ",;\t|，"
MAX_BYTES: Final = 500_000_000
MAX_CELLS: Final = 200


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its first ``line`` in the file (from 1), its cells, and how far into the file it ends."""

    line: int
    cells: tuple[str, ...]
    read_bytes: int


def encoding_of(path: Path) -> str:
    """The encoding of the file: utf-8-sig, utf-16 or gb18030; ``ParseError`` where it is none of them."""
    with path.open("rb") as file:
        start = file.read(4)
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        for encoding in ("utf-8-sig", "gb18030"):
            file.seek(0)
            if _decodes(file, encoding):
                return encoding
    raise ParseError("neither UTF-8 nor GB18030; save it as CSV UTF-8", where=path.name)


def separator_of(path: Path) -> str:
    """What stands between the cells of the file's first line."""
    with path.open(encoding=encoding_of(path), newline="") as file:
        return _separator(file.readline())


def read_rows(path: Path) -> Iterator[Row]:
    """Every row that is not blank. ``ParseError`` names the line at which the file cannot be read as CSV."""
    if path.stat().st_size > MAX_BYTES:
        raise ParseError(f"larger than {MAX_BYTES // 1_000_000} MB; split it", where=path.name)
    encoding, separator = encoding_of(path), separator_of(path)
    with path.open("rb") as binary:
        text = io.TextIOWrapper(binary, encoding=encoding, newline="")
        reader = csv.reader(text, delimiter=separator)
        line = 1
        try:
            for cells in reader:
                if len(cells) > MAX_CELLS:
                    raise ParseError(f"more than {MAX_CELLS} columns", where=f"{path.name} line {line}")
                if any(cell.strip() for cell in cells):
                    yield Row(line, tuple(cells), binary.tell())
                line = reader.line_num + 1
        except csv.Error as error:
            raise ParseError(f"{error}; look for a quotation mark that is not closed", where=f"line {line}") from None


def _decodes(file: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while piece := file.read(_PIECE):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _separator(header: str) -> str:
    counts = {separator: header.count(separator) for separator in _SEPARATORS}
    best = max(counts, key=lambda separator: counts[separator])
    return best if counts[best] else ","

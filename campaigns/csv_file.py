"""A list as it comes out of a spreadsheet as CSV: rows of cells with their lines, whatever the encoding and separator.

UTF-8 (with or without BOM), UTF-16 (with BOM, or known by its zero bytes), and GB18030 (which holds GBK and GB2312) are
told apart by trying: UTF-8 is strict enough that Chinese text in GB18030 does not pass as it. The file is read once to
see, then as often as its rows are asked for; it is never held in memory.
"""

import codecs
import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from campaigns.quotes import END, Lines, fault_of, rows_within
from campaigns.rows import MAX_BYTES, MAX_CELLS, Row
from core.errors import ParseError

ENCODINGS: Final = ("utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be")
SEPARATORS: Final = ",;\t|，"
_PIECE: Final = 1 << 16
_WIDE_SHARE: Final = 0.2
_TELL_EVERY: Final = 64
"""Rows after which the system is asked again how far the file is read."""


class CsvFile:
    """``campaigns.list_file.ListFile``; an ``encoding`` or ``separator`` that is given is not guessed."""

    kind = "csv"
    sheets: tuple[str, ...] = ()
    sheet = ""

    def __init__(self, path: Path, *, encoding: str = "", separator: str = "") -> None:
        self.total_bytes = path.stat().st_size
        if self.total_bytes > MAX_BYTES:
            raise ParseError(
                f"超过 {MAX_BYTES // 1_000_000} MB，请拆分 (larger than {MAX_BYTES // 1_000_000} MB; split it)",
                where=path.name,
            )
        if encoding and encoding not in ENCODINGS:
            raise ParseError(
                f"未知编码 (unknown encoding {encoding!r}; known are {', '.join(ENCODINGS)})", where=path.name
            )
        if separator and separator not in SEPARATORS:
            raise ParseError(f"分隔符无效 (cells cannot be separated by {separator!r})", where=path.name)
        self._path = path
        self.encoding = encoding or encoding_of(path)
        self.separator = separator or _separator(self._first_line())

    def rows(self) -> Iterator[Row]:
        """See ``ListFile``."""
        line, read_bytes = 1, 0
        with self._path.open("rb") as binary:
            lines = Lines(io.TextIOWrapper(binary, encoding=self.encoding, newline=""))
            reader = csv.reader(lines, delimiter=self.separator)
            headed = False
            try:
                for count, cells in enumerate(reader):
                    if not count % _TELL_EVERY:
                        read_bytes = binary.tell()
                    if len(cells) > MAX_CELLS:
                        raise ParseError(
                            f"超过 {MAX_CELLS} 列 (more than {MAX_CELLS} columns)",
                            where=f"{self._path.name} line {line}",
                        )
                    if fault := fault_of(cells, self.separator, line, reader.line_num):
                        if not headed:
                            raise ParseError(fault, where=f"line {line}")
                        yield from rows_within(lines.taken, self.separator, line, fault, read_bytes)
                    elif cells != [END] and any(map(str.strip, cells)):
                        headed = True
                        yield Row(line, tuple(cells), read_bytes)
                    lines.taken.clear()
                    line = reader.line_num + 1
            except csv.Error as error:
                message = f"引号没有关闭？ ({error}; look for a quotation mark that is not closed)"
                raise ParseError(message, where=f"line {line}") from None
            except UnicodeError:
                raise ParseError(
                    f"编码不是 {self.encoding}，请另选 (is not {self.encoding}; choose another encoding)",
                    where=f"line {line}",
                ) from None

    def _first_line(self) -> str:
        with self._path.open(encoding=self.encoding, newline="") as file:
            try:
                return file.readline(_PIECE)
            except UnicodeError:
                raise ParseError(
                    f"编码不是 {self.encoding}，请另选 (is not {self.encoding}; choose another encoding)",
                    where=self._path.name,
                ) from None


def encoding_of(path: Path) -> str:
    """The encoding of the file, one of ``ENCODINGS``; ``ParseError`` where it is none of them."""
    with path.open("rb") as file:
        start = file.read(_PIECE)
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        likely = _wide(start)
        for encoding in (*likely, "utf-8-sig", "gb18030"):
            file.seek(0)
            if _decodes(file, encoding):
                return encoding
    raise ParseError(
        "编码不是 UTF-8 或 GB18030，请另存为 CSV UTF-8 (neither UTF-8 nor GB18030; save it as CSV UTF-8)",
        where=path.name,
    )


def _wide(start: bytes) -> tuple[str, ...]:
    """UTF-16 without BOM: digits and separators have a zero byte each, always on the same side."""
    high, low = start[0::2].count(0), start[1::2].count(0)
    if max(high, low) < _WIDE_SHARE * len(start) / 2 or min(high, low) > max(high, low) / 10:
        return ()
    return ("utf-16-le",) if low > high else ("utf-16-be",)


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
    counts = {separator: header.count(separator) for separator in SEPARATORS}
    best = max(counts, key=lambda separator: counts[separator])
    return best if counts[best] else ","

"""Rows that a program sends as JSON objects, to be read as the rows of a file are. Pure.

Their keys are the headings. They stand in line 0, so row n of a request is line n, from 1.
"""

import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from campaigns.columns import NAME_HEADINGS, NUMBER_HEADINGS, clean, is_number
from campaigns.rejects import OWN_HEADINGS, Reject
from campaigns.rows import MAX_CELLS, Row
from core.errors import ParseError
from core.headings import plain_heading

Value: TypeAlias = str | bool | int | float | None
SentRow: TypeAlias = Mapping[str, Value]

NUMBER: Final = "number"
MOST: Final = 1000
"""Rows in one request."""


class SentRows:
    """``campaigns.list_file.ListFile``: rows with ``headings``; ``odd`` are those that cannot be read at all."""

    kind = "json"
    encoding = ""
    separator = ","
    sheets: tuple[str, ...] = ()
    sheet = ""
    total_bytes = 0

    def __init__(self, headings: Sequence[str], rows: Mapping[int, SentRow], odd: Sequence[Reject] = ()) -> None:
        self.headings = tuple(headings)
        self.odd = tuple(odd)
        self._rows = rows

    def rows(self) -> Iterator[Row]:
        """See ``ListFile``; the headings first."""
        yield Row(0, self.headings, 0)
        for line, row in self._rows.items():
            yield Row(line, tuple(_text(row.get(heading)) for heading in self.headings), 0)


def sent_contacts(rows: Sequence[SentRow]) -> SentRows:
    """``rows`` of a list of contacts: any key is a column. ``ParseError`` where a key cannot be one."""
    headings = list(dict.fromkeys(key for row in rows for key in row))
    for key in headings:
        if not key.strip() or is_number(key) or key in OWN_HEADINGS:
            raise ParseError(f"{key!r} is no name of a field", where="rows")
    plain = {key: plain_heading(clean(key)) for key in headings}
    names = sorted(
        (key for key in headings if plain[key] in NAME_HEADINGS), key=lambda key: NAME_HEADINGS.index(plain[key])
    )
    if not any(heading in NUMBER_HEADINGS for heading in plain.values()):
        headings.append(NUMBER)  # each row is then told that it has none
    if len(headings) > MAX_CELLS:
        raise ParseError(f"more than {MAX_CELLS} fields", where="rows")
    return SentRows(headings, {line: _with_name(row, names) for line, row in enumerate(rows, 1)})


def sent_fields(rows: Sequence[SentRow], names: Mapping[str, Collection[str]]) -> SentRows:
    """``rows`` that have certain fields; ``names`` are the keys of each, without spaces and in small letters. Unlike a
    column of a spreadsheet, a key that is none of these is a mistake.
    """
    field_of = {name: field for field, known in names.items() for name in (plain_heading(field), *known)}
    read: dict[int, SentRow] = {}
    odd: list[Reject] = []
    for line, row in enumerate(rows, 1):
        cells: dict[str, Value] = {}
        try:
            for key, value in row.items():
                field = field_of.get(plain_heading(clean(key)))
                if field is None:
                    raise ParseError(f"没有字段 {key!r} (no field {key!r}; there are {', '.join(names)})")
                if field in cells:
                    raise ParseError(f"{key!r} 重复 ({field} is given twice)")
                cells[field] = value
        except ParseError as error:
            odd.append(Reject(line, str(error)))
        else:
            read[line] = cells
    return SentRows(tuple(names), read, odd)


def _with_name(row: SentRow, names: Sequence[str]) -> SentRow:
    """``row`` with its name under the first of ``names``, which is the list's column of names: programs send rows of
    several sources in one request.
    """
    told = next((name for name in names if row.get(name)), None)
    if told is None or told == names[0]:
        return row
    return {(names[0] if key == told else key): value for key, value in row.items() if key != names[0]}


def _text(value: Value) -> str:
    """A value as the cell of a spreadsheet holds it."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case float() if value.is_integer() and abs(value) < sys.maxsize:
            return str(int(value))
        case _:
            return str(value).replace("\0", "")

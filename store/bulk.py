"""Many rows at once, as fast as the driver takes them: SQLAlchemy's own way costs 5 µs a row more, which counts from
100,000 rows on.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Insert,
    Table,
    Text,
    Update,
    any_,
    bindparam,
    func,
    insert,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.compiler import SQLCompiler

MOST: Final = 5000
"""Values that one statement asks for: SQLite and PostgreSQL take some 32,000."""

Item = TypeVar("Item")
_many_json: Final = json.JSONEncoder(ensure_ascii=False, separators=(",\n", ": ")).encode


def insert_rows(
    connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[tuple[str | int | float, ...]]
) -> None:
    """Insert ``rows``, the values in the order of ``columns``, which is the order of the table's own."""
    if rows:
        execute_rows(connection, insert(table).values({name: bindparam(name) for name in columns}), columns, rows)


def execute_rows(
    connection: Connection,
    statement: Insert | Update,
    parameters: Sequence[str],
    rows: Sequence[tuple[str | int | float, ...]],
) -> None:
    """Execute ``statement`` for each of ``rows``, the values of ``parameters`` in the order in which it has them."""
    compiled = statement.inline().compile(dialect=connection.dialect)
    if not isinstance(compiled, SQLCompiler) or list(compiled.positiontup or ()) != list(parameters):
        raise ValueError(f"the parameters of {compiled} must be in its order")
    connection.exec_driver_sql(str(compiled), list(rows))


def pieces(items: Sequence[Item], size: int = MOST) -> Iterator[Sequence[Item]]:
    """``items`` in pieces of at most ``size``."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def among(connection: Connection, column: ColumnElement[str], texts: Collection[str]) -> ColumnElement[bool]:
    """``column.in_(texts)`` with all of them in one parameter: a statement with one for each costs three times as much
    to make as to carry out.
    """
    if connection.dialect.name == "sqlite":
        each = func.json_each(json.dumps(list(texts))).table_valued("value")
        return column.in_(select(each.c.value))
    return column == any_(literal(list(texts), ARRAY(Text)))


def json_objects(rows: Sequence[Mapping[str, str]]) -> list[str]:
    """Each of ``rows`` as ``json.dumps(dict(row), ensure_ascii=False)`` writes it, at a third of its cost: all are
    written at once, with ends of lines between, which JSON has nowhere else.
    """
    if not rows:
        return []
    text = _many_json([dict(row) for row in rows])
    return text[1:-1].replace("},\n{", "}\n{").replace(",\n", ", ").split("\n")

"""A year of a busy centre, put straight into the tables: calls by the hour of the week, four queues, five lines."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Final

import asyncpg
import numpy as np
from sqlalchemy import Connection, Table
from sqlalchemy.engine import make_url

from store.database import Database
from store.schema import calls, queue_entries

START: Final = 1_735_660_800.0  # midnight in Shanghai, 1 January 2025: half hours to come are not counted
DAYS: Final = 365
QUEUES: Final = ("sales", "service", "parts", "complaints")
LINES: Final = ("4008001000", "4008001001", "4008001002", "4008001003", "4008001004")
"""The first has a menu that leads to all queues; each of the others leads to one."""
OUTCOMES: Final = ("answered", "abandoned", "overflowed", "left_by_key")
CHANCES: Final = (0.87, 0.09, 0.02, 0.02)
MEAN_WAIT_S: Final = 18.0
PIECE: Final = 200_000
_NIGHT, _DAY = 0.15, 1.0
_HOURS: Final = np.array([_DAY if 8 <= hour < 20 else _NIGHT for hour in range(24)])
CALL_COLUMNS: Final = ("id", "direction", "ani", "dnis", "started_at", "answered_at", "ended_at", "reason", "by")
ENTRY_COLUMNS: Final = ("id", "call_id", "queue", "entered_at", "left_at", "outcome", "agent", "wait_s")

Rows = list[tuple[object, ...]]


def pieces(count: int, seed: int = 400) -> Iterator[tuple[Rows, Rows]]:
    """``count`` calls and their queue entries, by time."""
    chance = np.random.default_rng(seed)
    weights = np.tile(_HOURS, DAYS)
    per_hour = chance.multinomial(count, weights / weights.sum())
    starts = START + 3600.0 * np.repeat(np.arange(24 * DAYS), per_hour)
    for first in range(0, count, PIECE):
        size = min(PIECE, count - first)
        # Within an hour by chance, and in order.
        at = np.sort(starts[first : first + size] + 3600.0 * chance.random(size))
        queue = chance.integers(0, len(QUEUES), size)
        line = np.where(chance.random(size) < 0.5, 0, queue + 1)
        outcome = chance.choice(len(OUTCOMES), size, p=CHANCES)
        wait = chance.exponential(MEAN_WAIT_S, size)
        talk = np.where(outcome == 0, chance.exponential(180.0, size), 5.0)
        agent = chance.integers(100, 160, size)
        columns = (at, queue, line, outcome, wait, talk, agent)
        yield _rows(first, *(column.tolist() for column in columns))


def _rows(
    first: int,
    at: list[float],
    queue: list[int],
    line: list[int],
    outcome: list[int],
    wait: list[float],
    talk: list[float],
    agent: list[int],
) -> tuple[Rows, Rows]:
    call_rows: Rows = []
    entry_rows: Rows = []
    for place, start in enumerate(at):
        number = first + place
        call = f"c-{number:012x}"
        entered, waited = start + 8.0, wait[place]
        left = entered + waited
        dialled = LINES[line[place]]
        ended = left + talk[place]
        call_rows.append((call, "inbound", f"139{number:08}", dialled, start, start, ended, "normal", "caller"))
        answered_by = str(agent[place]) if outcome[place] == 0 else ""
        end = OUTCOMES[outcome[place]]
        entry_rows.append((f"q-{number:012x}", call, QUEUES[queue[place]], entered, left, end, answered_by, waited))
    return call_rows, entry_rows


async def load(url: str, count: int) -> None:
    """Put ``count`` calls into the migrated, empty database at ``url``; indexes are made afterwards."""
    database = Database(url)
    try:
        await database.write(_drop_indexes)
        if database.is_sqlite:
            await asyncio.to_thread(_into_sqlite, str(make_url(url).database), count)
        else:
            await _into_postgresql(url, count)
        await database.write(_make_indexes)
    finally:
        await database.close()


def _drop_indexes(connection: Connection) -> None:
    for table in (calls, queue_entries):
        for index in table.indexes:
            index.drop(connection)


def _make_indexes(connection: Connection) -> None:
    for table in (calls, queue_entries):
        for index in table.indexes:
            index.create(connection)
    connection.exec_driver_sql("ANALYZE")


def _into_sqlite(path: str, count: int) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        for call_rows, entry_rows in pieces(count):
            connection.execute("BEGIN")
            connection.executemany(_insert(calls, CALL_COLUMNS), call_rows)
            connection.executemany(_insert(queue_entries, ENTRY_COLUMNS), entry_rows)
            connection.execute("COMMIT")


def _insert(table: Table, columns: tuple[str, ...]) -> str:
    names = ", ".join(f'"{name}"' for name in columns)
    return f"INSERT INTO {table.name} ({names}) VALUES ({', '.join('?' * len(columns))})"


async def _into_postgresql(url: str, count: int) -> None:
    connection = await asyncpg.connect(url)
    try:
        for call_rows, entry_rows in pieces(count):
            await connection.copy_records_to_table(calls.name, records=call_rows, columns=CALL_COLUMNS)
            await connection.copy_records_to_table(queue_entries.name, records=entry_rows, columns=ENTRY_COLUMNS)
    finally:
        await connection.close()

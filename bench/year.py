"""A year of a busy centre, put straight into the tables: calls by the hour of the week, four queues, five lines, sixty
agents who are there from eight to eight.

Calls, their queue entries, talks and half hours are made of the same numbers. The half hours are packed as a served
line packs them (``reports.half_hours.packed``, ``reports.agent_half_hours.WORK``), but from the numbers at hand instead
of the tables; ``counted_anew`` has the follower count a day from the tables to see that it finds the same.
"""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Final

import asyncpg
import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Table, insert, select, update
from sqlalchemy.engine import make_url

from reports.agent_half_hours import WORK
from reports.columns import CODE, Entries
from reports.half_hours import HALF_HOUR_S, CellKey, HalfHour, packed
from store.database import Database
from store.schema import agent_states, calls, queue_entries, talks
from store.schema_half_hours import half_hour_agents, half_hour_cells, half_hours
from store.store import Store
from store.writer import Transaction

START: Final = 1_735_660_800.0  # midnight in Shanghai, 1 January 2025: half hours to come are not counted
DAYS: Final = 365
DAY_S: Final = 86_400.0
MIDDLE: Final = 180
"""The day in which figures are opened into their calls."""
QUEUES: Final = ("sales", "service", "parts", "complaints")
LINES: Final = ("4008001000", "4008001001", "4008001002", "4008001003", "4008001004")
"""The first has a menu that leads to all queues; each of the others leads to one."""
CELLS: Final[dict[CellKey, int]] = {
    cell: number
    for number, cell in enumerate(
        ((queue, line) for place, queue in enumerate(QUEUES) for line in (LINES[0], LINES[place + 1])), 1
    )
}
OUTCOMES: Final = ("answered", "abandoned", "overflowed", "left_by_key")
CHANCES: Final = (0.87, 0.09, 0.02, 0.02)
AGENTS: Final = range(100, 160)
SHIFT: Final = range(16, 40)
"""Half hours of the day in which they are there."""
MEAN_WAIT_S: Final = 18.0
MENU_S: Final = 8.0
_NIGHT, _DAY = 0.15, 1.0
_HOURS: Final = np.array([_DAY if 8 <= hour < 20 else _NIGHT for hour in range(24)])
_CODES: Final = np.array([CODE[outcome] for outcome in OUTCOMES], dtype=np.int8)
CALL_COLUMNS: Final = ("id", "direction", "ani", "dnis", "started_at", "answered_at", "ended_at", "reason", "by")
ENTRY_COLUMNS: Final = ("id", "call_id", "queue", "entered_at", "left_at", "outcome", "agent", "wait_s")
TALK_COLUMNS: Final = ("id", "call_id", "agent", "queue", "started_at", "ended_at", "talk_s", "hold_s", "held_s")
STATE_COLUMNS: Final = ("seq", "agent", "at", "state", "reason")
HALF_COLUMNS: Final = ("start", "counted", "tallies", "sums", "work", "line_tallies", "line_sums")

Rows = list[tuple[object, ...]]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Day:
    """One day of calls by the time at which they entered a queue; the first is call number ``first`` of the year."""

    number: int
    first: int
    entered: Floats
    queue: Ints
    line: Ints
    outcome: Ints
    wait: Floats
    talk: Floats
    agent: Ints

    def halves(self) -> list[HalfHour]:
        """Its half hours, counted."""
        entries = Entries(
            QUEUES,
            LINES,
            self.queue.astype(np.int32),
            self.line.astype(np.int32),
            _CODES[self.outcome],
            self.entered,
            self.wait,
        )
        start = START + self.number * DAY_S
        return packed(entries, [start + HALF_HOUR_S * half for half in range(48)], CELLS)

    def work(self) -> list[bytes]:
        """What agents did in its half hours: their talks, and else they are available while they are there."""
        mine = np.argsort(self.talks_at(), kind="stable")  # as they are read: sums depend on the order, to the last bit
        mine = mine[self.outcome[mine] == 0]
        half = ((self.talks_at()[mine] - START - self.number * DAY_S) // HALF_HOUR_S).astype(np.int64)
        place = half * len(AGENTS) + self.agent[mine] - AGENTS.start
        rows = np.zeros((48, len(AGENTS)), dtype=WORK)
        rows["agent"] = np.arange(len(AGENTS)) + 1
        rows["calls"] = np.bincount(place, minlength=rows.size).reshape(rows.shape)
        rows["talk_s"] = np.bincount(place, weights=self.talk[mine], minlength=rows.size).reshape(rows.shape)
        rows["available_s"][SHIFT.start : SHIFT.stop] = HALF_HOUR_S
        return [line[(line["calls"] > 0) | (line["available_s"] > 0)].tobytes() for line in rows]

    def talks_at(self) -> Floats:
        """When each talk begins, all of them on this day."""
        return np.minimum(self.entered + self.wait, START + (self.number + 1) * DAY_S - 0.001)

    def work_rows(self) -> tuple[Rows, Rows]:
        """Its talks and its agents' states."""
        talked: Rows = []
        columns = (self.talks_at(), self.queue, self.outcome, self.talk, self.agent)
        for number, (at, queue, outcome, talk, agent) in enumerate(
            zip(*(column.tolist() for column in columns), strict=True), self.first
        ):
            if not outcome:
                name = f"{number:012x}"
                talked.append((f"e-{name}", f"c-{name}", str(agent), QUEUES[queue], at, at + talk, talk, 0.0, 0.0))
        midnight, seq = START + self.number * DAY_S, 2 * len(AGENTS) * self.number
        changes = ((SHIFT.start, "available"), (SHIFT.stop, "offline"))
        states: Rows = [
            (seq + place, str(agent), midnight + half * HALF_HOUR_S, state, "")
            for place, (half, state, agent) in enumerate(
                (half, state, agent) for half, state in changes for agent in AGENTS
            )
        ]
        return talked, states

    def rows(self) -> tuple[Rows, Rows]:
        """Its calls and queue entries."""
        columns = (self.entered, self.queue, self.line, self.outcome, self.wait, self.talk, self.agent)
        call_rows: Rows = []
        entry_rows: Rows = []
        for number, (entered, queue, line, outcome, wait, talk, agent) in enumerate(
            zip(*(column.tolist() for column in columns), strict=True), self.first
        ):
            call, start, left = f"c-{number:012x}", entered - MENU_S, entered + wait
            ani = f"139{number:08}"
            call_rows.append((call, "inbound", ani, LINES[line], start, start, left + talk, "normal", "caller"))
            by, end = "" if outcome else str(agent), OUTCOMES[outcome]
            entry_rows.append((f"q-{number:012x}", call, QUEUES[queue], entered, left, end, by, wait))
        return call_rows, entry_rows


def days(count: int, seed: int = 400) -> Iterator[Day]:
    """``count`` calls in a year."""
    chance = np.random.default_rng(seed)
    weights = np.tile(_HOURS, DAYS)
    per_hour = chance.multinomial(count, weights / weights.sum())
    first = 0
    for number in range(DAYS):
        hours = per_hour[24 * number : 24 * number + 24]
        size = int(hours.sum())
        hour = np.repeat(np.arange(24), hours)
        queue = chance.integers(0, len(QUEUES), size)
        outcome = chance.choice(len(OUTCOMES), size, p=CHANCES)
        yield Day(
            number,
            first,
            entered=np.sort(START + number * DAY_S + 3600.0 * (hour + chance.random(size))),
            queue=queue,
            line=np.where(chance.random(size) < 0.5, 0, queue + 1),
            outcome=outcome,
            wait=chance.exponential(MEAN_WAIT_S, size),
            talk=np.where(outcome == 0, chance.exponential(180.0, size), 5.0),
            agent=chance.integers(AGENTS.start, AGENTS.stop, size),
        )
        first += size


async def load(url: str, count: int, with_calls: int = DAYS) -> int:
    """Put ``count`` calls into the migrated, empty database at ``url``: half hours of all, and the calls themselves of
    ``with_calls`` days around ``MIDDLE``; how many calls those are. Indexes are made afterwards.
    """
    begin = max(0, min(MIDDLE - (with_calls - 1) // 2, DAYS - with_calls))
    whole = range(begin, begin + with_calls)
    database = Database(url)
    try:
        await database.write(_prepare)
        if database.is_sqlite:
            put = await asyncio.to_thread(_into_sqlite, str(make_url(url).database), count, whole)
        else:
            put = await _into_postgresql(url, count, whole)
        await database.write(_make_indexes)
    finally:
        await database.close()
    return put


async def counted_anew(store: Store, number: int) -> bool:
    """Whether the follower counts the half hours of day ``number`` as they are kept, to the byte."""
    start = START + number * DAY_S
    mine = (half_hours.c.start >= start, half_hours.c.start < start + DAY_S)

    def forget(transaction: Transaction) -> None:
        transaction.connection.execute(
            update(half_hours)
            .where(*mine)
            .values(counted=False, tallies=b"", sums=b"", work=None, line_tallies=None, line_sums=None)
        )

    def kept(transaction: Transaction) -> Rows:
        columns = (half_hours.c[name] for name in HALF_COLUMNS)
        found = transaction.connection.execute(select(*columns).where(*mine).order_by(half_hours.c.start))
        return [tuple(row) for row in found]

    before = await store.log.write(kept)
    await store.log.write(forget)
    await store.half_hours.keep_due()
    return await store.log.write(kept) == before


def _prepare(connection: Connection) -> None:
    for table in (calls, queue_entries, talks):
        for index in table.indexes:
            index.drop(connection)
    cells = [{"id": number, "queue": queue, "line": line} for (queue, line), number in CELLS.items()]
    connection.execute(insert(half_hour_cells), cells)
    agents = [{"id": number, "agent": str(agent)} for number, agent in enumerate(AGENTS, 1)]
    connection.execute(insert(half_hour_agents), agents)


def _make_indexes(connection: Connection) -> None:
    for table in (calls, queue_entries, talks):
        for index in table.indexes:
            index.create(connection)
    connection.exec_driver_sql("ANALYZE")


def _into_sqlite(path: str, count: int, whole: range) -> int:
    put = 0
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        for day in days(count):
            connection.execute("BEGIN")
            connection.executemany(_insert(half_hours, HALF_COLUMNS), _half_rows(day))
            if day.number in whole:
                call_rows, entry_rows = day.rows()
                connection.executemany(_insert(calls, CALL_COLUMNS), call_rows)
                connection.executemany(_insert(queue_entries, ENTRY_COLUMNS), entry_rows)
                talked, states = day.work_rows()
                connection.executemany(_insert(talks, TALK_COLUMNS), talked)
                connection.executemany(_insert(agent_states, STATE_COLUMNS), states)
                put += len(call_rows)
            connection.execute("COMMIT")
    return put


def _insert(table: Table, columns: tuple[str, ...]) -> str:
    names = ", ".join(f'"{name}"' for name in columns)
    return f"INSERT INTO {table.name} ({names}) VALUES ({', '.join('?' * len(columns))})"


async def _into_postgresql(url: str, count: int, whole: range) -> int:
    put = 0
    connection = await asyncpg.connect(url)
    try:
        for day in days(count):
            await connection.copy_records_to_table(half_hours.name, records=_half_rows(day), columns=HALF_COLUMNS)
            if day.number in whole:
                call_rows, entry_rows = day.rows()
                await connection.copy_records_to_table(calls.name, records=call_rows, columns=CALL_COLUMNS)
                await connection.copy_records_to_table(queue_entries.name, records=entry_rows, columns=ENTRY_COLUMNS)
                talked, states = day.work_rows()
                await connection.copy_records_to_table(talks.name, records=talked, columns=TALK_COLUMNS)
                await connection.copy_records_to_table(agent_states.name, records=states, columns=STATE_COLUMNS)
                put += len(call_rows)
    finally:
        await connection.close()
    return put


def _half_rows(day: Day) -> Rows:
    return [
        (half.start, True, queues.tallies, queues.groups, work, lines.tallies, lines.groups)
        for half, work in zip(day.halves(), day.work(), strict=True)
        for queues, lines in [(half.queues, half.lines)]
    ]

"""Half hours of queues and agents, counted once: a follower of the log counts each when it is over and nothing that
began in it goes on any more; a report reads those and counts only the rest from the entries, talks, rings and states.

What is kept is never wrong, only missing: what came in the meantime is seen by ``touched``, which its fact changes in
its own transaction (``store.projection``), and a wait, ring or talk that lasts keeps its half hour from being counted.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, bindparam, delete, func, insert, literal, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncConnection

from core.clock import Clock
from reports.agent_buckets import AgentTallies
from reports.agent_half_hours import KeptWork, packed_work
from reports.columns import Entries, Gathering
from reports.half_hours import HALF_HOUR_S, CellKey, HalfHour, Kept, cells_of, half_hour_of, packed
from reports.model import AgentLine, Bucket
from store.agent_rows import read_work
from store.database import Database
from store.log import EventLog
from store.reading import AnyRow, each
from store.schema import calls, offers, queue_entries, talks
from store.schema_half_hours import half_hour_agents, half_hour_cells, half_hours
from store.writer import Transaction

_LASTING: Final = (
    select(queue_entries.c.entered_at).where(queue_entries.c.outcome == ""),
    select(offers.c.made_at).where(offers.c.result == ""),
    select(talks.c.started_at).where(talks.c.ended_at.is_(None)),
)
"""When what still goes on began: its half hour is not counted yet."""
DAY: Final = 48
"""Half hours that are counted in one go."""
_keep: Final = (
    update(half_hours)
    .where(half_hours.c.start == bindparam("row"), half_hours.c.touched == bindparam("seen"))
    .values(
        counted=True,
        tallies=bindparam("new_tallies"),
        sums=bindparam("new_sums"),
        work=bindparam("new_work"),
        line_tallies=bindparam("new_line_tallies"),
        line_sums=bindparam("new_line_sums"),
    )
)
_Lines: TypeAlias = Mapping[float, Sequence[AgentLine]]
"""What agents did, by the start of the half hour."""


class HalfHours:
    """Counts half hours and reads what was counted."""

    def __init__(self, database: Database, log: EventLog, clock: Clock) -> None:
        self._database = database
        self._log = log
        self._clock = clock

    async def keep_due(self, most: int = DAY) -> int:
        """Count the oldest half hours that are due, at most ``most``; how many were kept (0: nothing is due)."""
        await self._begin()
        now = self._clock.now()
        async with self._database.reading() as connection:  # one snapshot: what is counted is what ``touched`` saw
            due = await _due(connection, most)
            cells, agents = await _cells(connection), await _agents(connection)
            runs = [
                (run, await _entries_of(connection, run), await _work_of(connection, run, now))
                for run in _runs(list(due))
            ]
        kept = 0
        for run, entries, lines in runs:
            missing = [cell for cell in cells_of(entries) if cell not in cells]
            if missing:
                cells = await self._log.write(partial(_add_cells, missing), durable=False)
            unknown = {line.agent for half in lines.values() for line in half} - agents.keys()
            if unknown:
                agents = await self._log.write(partial(_add_agents, unknown), durable=False)
            halves = await asyncio.to_thread(packed, entries, run, cells)
            work = {start: packed_work(lines.get(start, ()), agents) for start in run}
            kept += await self._log.write(partial(_write, halves, work, due), durable=False)
        return kept

    async def forget(self) -> None:
        """Forget all that was counted, so that it is counted again; until then reports count from the entries."""
        await self._log.write(_forget)

    async def backlog(self) -> int:
        """Half hours that were not counted yet."""
        async with self._database.reading() as connection:
            first = await _next(connection)
            known: int = (
                await connection.execute(
                    select(func.count()).select_from(half_hours).where(half_hours.c.counted.is_(False))
                )
            ).scalar_one()
        over = 0 if first is None else int(max(0.0, self._clock.now() - first) // HALF_HOUR_S)
        return known + over

    async def _begin(self) -> None:
        """A row for each half hour that is over by now. It comes after all facts that were posted before."""
        now = self._clock.now()
        async with self._database.reading() as connection:
            first = await _next(connection)
        if first is not None and first + HALF_HOUR_S <= now:
            await self._log.write(partial(_add_rows, now), durable=False)


async def read_kept(connection: AsyncConnection, since: float, until: float, *, with_lines: bool = False) -> Kept:
    """The half hours within [``since``, ``until``) that were counted, ``with_lines`` by line too."""
    table = half_hours.c
    packed_as = (table.line_sums, table.line_tallies) if with_lines else (table.sums, table.tallies)
    statement = (
        select(table.start, *packed_as)
        .where(table.counted, table.start >= since, table.start <= until - HALF_HOUR_S)
        .order_by(table.start)
    )
    rows = (await connection.execute(statement)).all()
    cells = await _cells(connection)
    starts, groups, tallies = zip(*rows, strict=True) if rows else ((), (), ())
    return Kept.of(starts, groups, tallies, {number: cell for cell, number in cells.items()}, with_lines=with_lines)


async def read_kept_work(connection: AsyncConnection, since: float, until: float) -> KeptWork:
    """What agents did in the half hours within [``since``, ``until``) that were counted."""
    statement = (
        select(half_hours.c.start, half_hours.c.work)
        .where(half_hours.c.counted, half_hours.c.start >= since, half_hours.c.start <= until - HALF_HOUR_S)
        .order_by(half_hours.c.start)
    )
    rows = (await connection.execute(statement)).all()
    agents = await _agents(connection)
    return KeptWork.of([(row.start, row.work) for row in rows], {number: agent for agent, number in agents.items()})


def uncounted(since: float, until: float, starts: NDArray[np.float64]) -> list[tuple[float, float]]:
    """The parts of [``since``, ``until``) that the half hours ``starts`` do not cover, by time."""
    parts: list[tuple[float, float]] = []
    at = since
    for start in starts.tolist():
        if start > at:
            parts.append((at, start))
        at = start + HALF_HOUR_S
    return [*parts, (at, until)] if at < until else parts


async def read_entries(
    connection: AsyncConnection,
    gathering: Gathering,
    since: float,
    until: float,
    *,
    queue: str = "",
    with_lines: bool = True,
) -> None:
    """Gather the queue entries made in [``since``, ``until``), with the lines that were dialled if wanted."""
    async for rows in each(connection, _entries(since, until, queue, with_lines=with_lines)):
        await asyncio.to_thread(_gather, gathering, rows)


def _gather(gathering: Gathering, rows: Sequence[AnyRow]) -> None:
    for row in rows:
        gathering.add(row.queue, row.dnis or "", row.entered_at, row.outcome, row.wait_s)


def _entries(since: float, until: float, queue: str, *, with_lines: bool) -> Select[tuple[object, ...]]:
    table = queue_entries
    columns = (table.c.entered_at, table.c.outcome, table.c.wait_s)
    if with_lines:
        statement = select(table.c.queue, calls.c.dnis, *columns).outerjoin(calls, calls.c.id == table.c.call_id)
    else:
        statement = select(table.c.queue, literal("").label("dnis"), *columns)
    statement = statement.where(table.c.entered_at >= since, table.c.entered_at < until)
    return statement.where(table.c.queue == queue) if queue else statement


async def _due(connection: AsyncConnection, most: int) -> dict[float, int]:
    """Half hours to count, by time, with what ``touched`` says."""
    open_ = {half_hour_of(at) for lasting in _LASTING for (at,) in await connection.execute(lasting)}
    waiting = (
        select(half_hours.c.start, half_hours.c.touched)
        .where(half_hours.c.counted.is_(False))
        .order_by(half_hours.c.start)
        .limit(most + len(open_))
    )
    found = [(row.start, row.touched) for row in await connection.execute(waiting) if row.start not in open_]
    return dict(found[:most])


def _runs(starts: Sequence[float]) -> list[list[float]]:
    """``starts`` cut where one does not follow upon the other."""
    runs: list[list[float]] = []
    for start in starts:
        if runs and start == runs[-1][-1] + HALF_HOUR_S:
            runs[-1].append(start)
        else:
            runs.append([start])
    return runs


async def _entries_of(connection: AsyncConnection, run: Sequence[float]) -> Entries:
    gathering = Gathering()
    await read_entries(connection, gathering, run[0], run[-1] + HALF_HOUR_S)
    return await asyncio.to_thread(gathering.entries)


async def _work_of(connection: AsyncConnection, run: Sequence[float], now: float) -> _Lines:
    tallies = AgentTallies(run[0], run[-1] + HALF_HOUR_S, "UTC", Bucket.HALF_HOUR)
    await read_work(connection, tallies, run[0], run[-1] + HALF_HOUR_S, now)
    return {bucket.since: bucket.agents for bucket in tallies.report(now).buckets}


async def _next(connection: AsyncConnection) -> float | None:
    """The first half hour without a row; None where nobody ever called."""
    return await connection.run_sync(_first_without_row)


def _first_without_row(connection: Connection) -> float | None:
    newest: float | None = connection.execute(select(func.max(half_hours.c.start))).scalar_one()
    if newest is not None:
        return newest + HALF_HOUR_S
    oldest: float | None = connection.execute(select(func.min(queue_entries.c.entered_at))).scalar_one()
    return None if oldest is None else half_hour_of(oldest)


def _add_rows(until: float, transaction: Transaction) -> None:
    first = _first_without_row(transaction.connection)
    if first is None:
        return
    over = range(int((until - first) // HALF_HOUR_S))
    rows = [{"start": first + HALF_HOUR_S * number, "tallies": b"", "sums": b""} for number in over]
    if rows:
        transaction.connection.execute(insert(half_hours), rows)


async def _cells(connection: AsyncConnection) -> dict[CellKey, int]:
    return await connection.run_sync(_all_cells)


def _all_cells(connection: Connection) -> dict[CellKey, int]:
    return {(row.queue, row.line): row.id for row in connection.execute(select(half_hour_cells))}


def _add_cells(missing: Sequence[CellKey], transaction: Transaction) -> dict[CellKey, int]:
    known = _all_cells(transaction.connection)
    new = [cell for cell in missing if cell not in known]
    numbered = {cell: number for number, cell in enumerate(new, 1 + max(known.values(), default=0))}
    if numbered:
        rows = [{"id": number, "queue": queue, "line": line} for (queue, line), number in numbered.items()]
        transaction.connection.execute(insert(half_hour_cells), rows)
    return {**known, **numbered}


async def _agents(connection: AsyncConnection) -> dict[str, int]:
    return await connection.run_sync(_all_agents)


def _all_agents(connection: Connection) -> dict[str, int]:
    return {row.agent: row.id for row in connection.execute(select(half_hour_agents))}


def _add_agents(missing: Iterable[str], transaction: Transaction) -> dict[str, int]:
    known = _all_agents(transaction.connection)
    new = sorted(agent for agent in missing if agent not in known)
    numbered = {agent: number for number, agent in enumerate(new, 1 + max(known.values(), default=0))}
    if numbered:
        rows = [{"id": number, "agent": agent} for agent, number in numbered.items()]
        transaction.connection.execute(insert(half_hour_agents), rows)
    return {**known, **numbered}


def _write(
    halves: Sequence[HalfHour], work: Mapping[float, bytes], seen: Mapping[float, int], transaction: Transaction
) -> int:
    """Keep them, but for those that something came into since they were read."""
    kept = 0
    for half in halves:
        values = {
            "row": half.start,
            "seen": seen[half.start],
            "new_tallies": half.queues.tallies,
            "new_sums": half.queues.groups,
            "new_work": work[half.start],
            "new_line_tallies": half.lines.tallies,
            "new_line_sums": half.lines.groups,
        }
        kept += transaction.connection.execute(_keep, values).rowcount
    return kept


def _forget(transaction: Transaction) -> None:
    transaction.connection.execute(delete(half_hours))

"""What callers were told of their wait, read from the log: when they heard it first, and what came of it."""

import json
from collections.abc import Sequence
from typing import Final, TypeAlias

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.facts import QueueOutcome, WaitTold
from core.clock import Clock
from reports.told import ToldWait
from store.database import Database
from store.reading import AnyRow, each
from store.schema import events, queue_entries

LATE_S: Final = 3600.0
"""Who entered at the end of the period may hear a wait so much later."""
_Said: TypeAlias = tuple[float, float, float, float]
"""When, and the wait with its interval."""


class ToldWaits:
    """Reads them."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def of(self, since: float, until: float, queue: str = "") -> list[ToldWait]:
        """Of those who entered ``queue`` ("": any) in [``since``, ``until``) and were told a wait, by time of entry."""
        now = self._clock.now()
        async with self._database.reading() as connection:
            said = await _said(connection, since, until + LATE_S)
            table = queue_entries
            columns = (table.c.id, table.c.call_id, table.c.queue, table.c.left_at, table.c.outcome)
            statement = select(*columns).where(table.c.entered_at >= since, table.c.entered_at < until)
            if queue:
                statement = statement.where(table.c.queue == queue)
            found: list[ToldWait] = []
            async for rows in each(connection, statement.order_by(table.c.entered_at, table.c.id)):
                found += [wait for row in rows if (wait := _wait(row, said.get(row.id), now)) is not None]
        return found


def _wait(row: AnyRow, said: _Said | None, now: float) -> ToldWait | None:
    """None where nothing was told, or where our own stop ended the wait: that says nothing of the estimate."""
    if said is None or row.outcome == QueueOutcome.INTERRUPTED.value:
        return None
    at, wait_s, low_s, high_s = said
    waited_s = max(0.0, (now if row.left_at is None else row.left_at) - at)
    answered = row.outcome == QueueOutcome.ANSWERED.value
    return ToldWait(row.call_id, row.queue, wait_s, low_s, high_s, waited_s, answered)


async def _said(connection: AsyncConnection, since: float, until: float) -> dict[str, _Said]:
    """What each entry heard first of its wait, not only of its place."""
    table = events
    statement = select(table.c.at, table.c.data).where(
        table.c.name == WaitTold.name, table.c.at >= since, table.c.at < until
    )
    said: dict[str, _Said] = {}
    async for rows in each(connection, statement.order_by(table.c.seq)):
        _take(said, rows)
    return said


def _take(said: dict[str, _Said], rows: Sequence[AnyRow]) -> None:
    for row in rows:
        told = json.loads(row.data)
        if told["wait_s"] >= 0:
            said.setdefault(told["entry"], (row.at, told["wait_s"], told["low_s"], told["high_s"]))

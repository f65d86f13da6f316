"""Callers who came while a queue was closed, read from the log: they are in no queue's figures."""

import json
from typing import Final

from sqlalchemy import Index, Select, literal_column, select

from acd.facts import QueueClosed
from reports.closed import ClosedCall
from store.database import Database
from store.reading import each
from store.schema import calls, events

MOST: Final = 100_000
"""So many facts are looked at, the newest first."""
_closed: Final = events.c.name == literal_column(f"'{QueueClosed.name}'")
"""Said as a literal: by a parameter the databases would not find the index."""
Index("ix_events_queue_closed", events.c.at, sqlite_where=_closed, postgresql_where=_closed)


class ClosedCalls:
    """Reads them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, since: float, until: float, queue: str = "") -> list[ClosedCall]:
        """Who was led to ``queue`` ("": any) in [``since``, ``until``) while it was closed, newest first; a call that
        came there several times with the last one.
        """
        found: dict[tuple[str, str], ClosedCall] = {}
        async with self._database.reading() as connection:
            async for rows in each(connection, _facts(since, until)):
                for row in rows:
                    told = json.loads(row.data)
                    if queue in ("", told["queue"]):
                        came = ClosedCall(
                            row.call_id, row.ani or "", row.dnis or "", told["queue"], row.at, told["why"]
                        )
                        found.setdefault((came.call_id, came.queue), came)
        return list(found.values())


def _facts(since: float, until: float) -> Select[tuple[object, ...]]:
    table = events
    return (
        select(table.c.call_id, table.c.at, table.c.data, calls.c.ani, calls.c.dnis)
        .outerjoin(calls, calls.c.id == table.c.call_id)
        .where(_closed, table.c.at >= since, table.c.at < until)
        .order_by(table.c.at.desc(), table.c.seq.desc())
        .limit(MOST)
    )

"""The log as it was written, for readers that were away and for the time line of a call."""

import json
from collections.abc import Sequence

from sqlalchemy import Row, func, select

from store.database import Database
from store.rows import StoredEvent
from store.schema import events


class Events:
    """Reads the log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def after(self, seq: int, *, limit: int = 500) -> tuple[StoredEvent, ...]:
        """At most ``limit`` events with a greater ``seq``, oldest first."""
        statement = select(events).where(events.c.seq > seq).order_by(events.c.seq).limit(limit)
        async with self._database.reading() as connection:
            rows = (await connection.execute(statement)).all()
        return tuple(stored_event(row) for row in rows)

    async def last(self) -> int:
        """``seq`` of the newest event, 0 for none."""
        async with self._database.reading() as connection:
            newest: int | None = await connection.scalar(select(func.max(events.c.seq)))
        return newest or 0

    async def named_after(self, seq: int, names: Sequence[str]) -> tuple[StoredEvent, ...]:
        """Events of these names with a greater ``seq``, oldest first."""
        statement = select(events).where(events.c.seq > seq, events.c.name.in_(names)).order_by(events.c.seq)
        async with self._database.reading() as connection:
            rows = (await connection.execute(statement)).all()
        return tuple(stored_event(row) for row in rows)

    async def any_after(self, seq: int, names: Sequence[str]) -> bool:
        """Whether there is an event of these names with a greater ``seq``."""
        statement = select(events.c.seq).where(events.c.seq > seq, events.c.name.in_(names)).limit(1)
        async with self._database.reading() as connection:
            return await connection.scalar(statement) is not None

    async def named(
        self, names: Sequence[str], from_at: float, to_at: float, *, limit: int = 500
    ) -> tuple[StoredEvent, ...]:
        """The newest ``limit`` events of these names from ``from_at`` to before ``to_at``, newest first."""
        statement = (
            select(events)
            .where(events.c.at >= from_at, events.c.at < to_at, events.c.name.in_(names))
            .order_by(events.c.seq.desc())
            .limit(limit)
        )
        async with self._database.reading() as connection:
            rows = (await connection.execute(statement)).all()
        return tuple(stored_event(row) for row in rows)

    async def of_call(self, call_id: str, *, limit: int = 2000) -> tuple[StoredEvent, ...]:
        """The first ``limit`` events of a call."""
        statement = select(events).where(events.c.call_id == call_id).order_by(events.c.seq).limit(limit)
        async with self._database.reading() as connection:
            rows = (await connection.execute(statement)).all()
        return tuple(stored_event(row) for row in rows)


def stored_event(row: Row[tuple[object, ...]]) -> StoredEvent:
    """A row of ``events`` as value; facts of any version come through as they were written."""
    return StoredEvent(row.seq, row.id, row.at, row.call_id, row.name, json.loads(row.data))

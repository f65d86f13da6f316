"""Promises to call customers back, as they are on disk."""

import json

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.callback_changes import ENDED
from store.callback_rows import CallbackRow, CallbackTryRow
from store.database import Database
from store.reading import AnyRow
from store.schema import callback_tries, callbacks


class StoredCallbacks:
    """Reads promises."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self) -> tuple[CallbackRow, ...]:
        """Those that are not over, the oldest first: what a restart takes up again."""
        which = select(callbacks).where(callbacks.c.state != ENDED).order_by(callbacks.c.promised_at, callbacks.c.id)
        async with self._database.reading() as connection:
            return tuple(_callback(row, ()) for row in await connection.execute(which))


async def callback_of(connection: AsyncConnection, call_id: str) -> CallbackRow | None:
    """The promise that was made in the call, or that it was to keep; None where there is none."""
    tried = select(callback_tries.c.callback).where(callback_tries.c.id == call_id)
    which = or_(callbacks.c.call_id == call_id, callbacks.c.id.in_(tried))
    found = select(callbacks).where(which).order_by(callbacks.c.promised_at).limit(1)
    row = (await connection.execute(found)).one_or_none()
    if row is None:
        return None
    tries = select(callback_tries).where(callback_tries.c.callback == row.id).order_by(callback_tries.c.started_at)
    made = (await connection.execute(tries)).all()
    return _callback(
        row,
        tuple(CallbackTryRow(one.id, one.agent, one.started_at, one.ended_at, one.result, one.status) for one in made),
    )


def _callback(row: AnyRow, made: tuple[CallbackTryRow, ...]) -> CallbackRow:
    return CallbackRow(
        id=row.id,
        queue=row.queue,
        number=row.number,
        call_id=row.call_id,
        promised_at=row.promised_at,
        due_at=row.due_at,
        expires_at=row.expires_at,
        skills=tuple(json.loads(row.skills)),
        tries=row.tries,
        again_at=row.again_at,
        tried_at=row.tried_at,
        state=row.state,
        agent=row.agent,
        outcome=row.outcome,
        by=row.by,
        ended_at=row.ended_at,
        made=made,
    )

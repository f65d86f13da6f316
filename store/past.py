"""What the log knows of a caller's past calls, in one read: for priorities, places regained, the agent of last time."""

from typing import Final

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection

from acd.facts import QueueOutcome
from core.errors import Unavailable
from store.database import Database
from store.owners import owners_of
from store.rows import CallerPast
from store.schema import calls, queue_entries, talks

_GAVE_UP: Final = frozenset({QueueOutcome.ABANDONED, QueueOutcome.INTERRUPTED})
_MOST: Final = 50
"""Talks and waits that are looked at, the newest first."""
_LONGEST_CALL_S: Final = 4 * 3600.0
"""Calls that began longer ago are not looked at for how they ended."""


class Past:
    """Reads callers' pasts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(
        self, number: str, but_call: str, *, talks_since: float, calls_since: float, owners: bool = False
    ) -> CallerPast:
        """Of the calls from ``number`` but ``but_call``: with whom he talked last in each queue since ``talks_since``;
        when the last call ended and which waits he gave up since ``calls_since`` (epoch seconds); with ``owners`` who
        looks after his open tasks. ``Unavailable`` where the database does not answer.
        """
        his = and_(calls.c.ani == number, calls.c.id != but_call)
        recent = and_(his, calls.c.started_at >= calls_since - _LONGEST_CALL_S)
        try:
            async with self._database.reading() as connection:
                talked = (await connection.execute(_talked(and_(his, calls.c.started_at >= talks_since)))).all()
                ended = select(func.max(calls.c.ended_at)).where(recent, calls.c.ended_at >= calls_since)
                ended_at: float | None = (await connection.execute(ended)).scalar_one()
                waited = (await connection.execute(_waited(recent, calls_since))).all()
                held = await connection.run_sync(owners_of, number) if owners else ()
        except (DBAPIError, NoConnection, OSError) as error:
            raise Unavailable(f"a caller's past cannot be read: {type(error).__name__}") from error
        agents: dict[str, tuple[str, float]] = {}
        for row in talked:
            agents.setdefault(row.queue, (row.agent, row.started_at))
        given_up: dict[str, float] = {}
        served: set[str] = set()
        for row in waited:  # a wait before one that ended well is no wait to go on with
            if row.outcome not in _GAVE_UP:
                served.add(row.queue)
            elif row.queue not in served:
                given_up[row.queue] = row.entered_at
        return CallerPast(agents, given_up, ended_at, held)


def _talked(which: ColumnElement[bool]) -> Select[tuple[str, str, float]]:
    return (
        select(talks.c.queue, talks.c.agent, talks.c.started_at)
        .join(calls, calls.c.id == talks.c.call_id)
        .where(which, talks.c.queue != "")
        .order_by(talks.c.started_at.desc())
        .limit(_MOST)
    )


def _waited(which: ColumnElement[bool], since: float) -> Select[tuple[str, str, float]]:
    return (
        select(queue_entries.c.queue, queue_entries.c.outcome, queue_entries.c.entered_at)
        .join(calls, calls.c.id == queue_entries.c.call_id)
        .where(which, queue_entries.c.left_at >= since)
        .order_by(queue_entries.c.entered_at.desc())
        .limit(_MOST)
    )

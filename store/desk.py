"""What callers thought of their talks, and what somebody must look after."""

from typing import Final

from sqlalchemy import Select, func, select

from core.errors import LocalProtocolError
from core.numbers import customer_number
from desk.facts import TaskClosed
from desk.tasks import Task
from reports.ratings import Rated, RatingReport, rating_report
from store.database import Database
from store.log import EventLog
from store.schema import calls, ratings, tasks

_COLUMNS: Final = select(tasks, calls.c.ani, calls.c.dnis, calls.c.direction).outerjoin(
    calls, calls.c.id == tasks.c.call_id
)


class Desk:
    """Reads ratings and tasks, and closes tasks."""

    def __init__(self, database: Database, log: EventLog) -> None:
        self._database = database
        self._log = log

    async def tasks(self, *, closed: bool, limit: int, offset: int = 0) -> tuple[Task, ...]:
        """Open ones, the oldest first; or closed ones, the newest first."""
        if closed:
            wanted = _COLUMNS.where(tasks.c.closed_at.is_not(None)).order_by(tasks.c.closed_at.desc(), tasks.c.id)
        else:
            wanted = _COLUMNS.where(tasks.c.closed_at.is_(None)).order_by(tasks.c.opened_at, tasks.c.id)
        return await self._read(wanted.limit(limit).offset(offset))

    async def open_tasks(self) -> int:
        """How many are open."""
        async with self._database.reading() as connection:
            count: int = await connection.scalar(select(func.count()).where(tasks.c.closed_at.is_(None))) or 0
        return count

    async def close_task(self, task: str, by: str, note: str) -> Task | None:
        """``by`` has done it; the task as it is then, None where there is none. ``LocalProtocolError`` where it was
        closed before.
        """
        found = await self._read(_COLUMNS.where(tasks.c.id == task))
        if not found:
            return None
        if found[0].closed_at is not None:
            raise LocalProtocolError(f"task {task} was closed by {found[0].closed_by} already")
        await self._log.commit(found[0].call_id, TaskClosed(task, by, note))
        [done] = await self._read(_COLUMNS.where(tasks.c.id == task))
        return done

    async def ratings(self, since: float, until: float) -> RatingReport:
        """What callers said who were asked in [``since``, ``until``)."""
        counted = (
            select(ratings.c.queue, ratings.c.agent, ratings.c.score, ratings.c.best, func.count().label("times"))
            .where(ratings.c.asked_at >= since, ratings.c.asked_at < until)
            .group_by(ratings.c.queue, ratings.c.agent, ratings.c.score, ratings.c.best)
        )
        async with self._database.reading() as connection:
            rows = (await connection.execute(counted)).all()
        return rating_report(
            since, until, [Rated(row.queue, row.agent, row.score, row.best, row.times) for row in rows]
        )

    async def _read(self, wanted: Select[tuple[object, ...]]) -> tuple[Task, ...]:
        async with self._database.reading() as connection:
            rows = (await connection.execute(wanted)).all()
        return tuple(
            Task(
                id=row.id,
                kind=row.kind,
                call_id=row.call_id,
                number=customer_number(row.direction, row.ani, row.dnis) or "",
                queue=row.queue,
                agent=row.agent,
                detail=row.detail,
                opened_at=row.opened_at,
                closed_at=row.closed_at,
                closed_by=row.closed_by,
                note=row.note,
            )
            for row in rows
        )

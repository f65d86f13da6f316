"""What callers thought of their talks, and what somebody must look after."""

import asyncio
from collections.abc import Collection
from typing import Final

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true

from core.errors import LocalProtocolError
from core.numbers import customer_number
from desk.facts import TaskClosed, TaskTaken
from desk.tasks import ALL_TASKS, Task, Whose
from reports.ratings import Rated, RatingReport, rating_report
from store.answers import with_words
from store.database import Database
from store.log import EventLog
from store.reading import AnyRow
from store.schema import calls, ratings, tasks

_COLUMNS: Final = select(tasks, calls.c.ani, calls.c.dnis, calls.c.direction).outerjoin(
    calls, calls.c.id == tasks.c.call_id
)


class Desk:
    """Reads ratings and tasks; gives tasks to those who look after them, and closes them."""

    def __init__(self, database: Database, log: EventLog) -> None:
        self._database = database
        self._log = log
        self._giving = asyncio.Lock()  # of two who take the same task at once one is told that the other has it

    async def tasks(self, *, closed: bool, limit: int, offset: int = 0, whose: Whose = ALL_TASKS) -> tuple[Task, ...]:
        """Open ones, the oldest first; or closed ones, the newest first."""
        mine = _COLUMNS.where(_of(whose))
        if closed:
            wanted = mine.where(tasks.c.closed_at.is_not(None)).order_by(tasks.c.closed_at.desc(), tasks.c.id)
        else:
            wanted = mine.where(tasks.c.closed_at.is_(None)).order_by(tasks.c.opened_at, tasks.c.id)
        return await self._read(wanted.limit(limit).offset(offset))

    async def open_tasks(self, whose: Whose = ALL_TASKS) -> int:
        """How many are open."""
        counted = select(func.count()).where(tasks.c.closed_at.is_(None), _of(whose))
        async with self._database.reading() as connection:
            count: int = await connection.scalar(counted) or 0
        return count

    async def task(self, task: str) -> Task | None:
        """The one that is named so."""
        found = await self._read(_COLUMNS.where(tasks.c.id == task))
        return found[0] if found else None

    async def give_task(self, task: str, owner: str, by: str, only: Collection[str] | None = None) -> Task | None:
        """``by`` says that ``owner`` looks after it ("": nobody any more); the task as it is then, None where there is
        none. ``LocalProtocolError`` where it is closed, or has an owner who is none of ``only``.
        """
        async with self._giving:
            found = await self.task(task)
            if found is None or (found.owner == owner and found.closed_at is None):
                return found
            if found.closed_at is not None:
                raise LocalProtocolError(f"task {task} was closed by {found.closed_by} already")
            if only is not None and found.owner not in only:
                raise LocalProtocolError(f"{found.owner or 'nobody'} has task {task} now")
            await self._log.commit(found.call_id, TaskTaken(task, owner, by))
            return await self.task(task)

    async def close_task(self, task: str, by: str, note: str) -> Task | None:
        """``by`` has done it; the task as it is then, None where there is none. ``LocalProtocolError`` where it was
        closed before.
        """
        found = await self.task(task)
        if found is None:
            return None
        if found.closed_at is not None:
            raise LocalProtocolError(f"task {task} was closed by {found.closed_by} already")
        await self._log.commit(found.call_id, TaskClosed(task, by, note))
        return await self.task(task)

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
            return await with_words(connection, [_task(row) for row in rows])


def _task(row: AnyRow) -> Task:
    return Task(
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
        owner=row.owner,
        survey=row.survey,
        form=row.form,
        question=row.question,
        value=row.value,
    )


def _of(whose: Whose) -> ColumnElement[bool]:
    """As ``Whose.holds``."""
    if not whose.owner:
        return true()
    his = tasks.c.owner == whose.owner
    return or_(his, and_(tasks.c.owner == "", tasks.c.agent != whose.owner)) if whose.free else his

"""What came of calls: of one, of a page of them, and counted."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from reports.dispositions import Disposed, DispositionReport, disposition_report
from store.database import Database
from store.disposition_rows import DispositionRow
from store.schema import talks
from store.schema_desk import dispositions


class Dispositions:
    """Reads and counts them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def report(self, since: float, until: float) -> DispositionReport:
        """Of those that stand and were said in [``since``, ``until``)."""
        table = dispositions
        counted = (
            select(table.c.queue, table.c.agent, table.c.code, func.count().label("times"))
            .where(table.c.at >= since, table.c.at < until, table.c.stands)
            .group_by(table.c.queue, table.c.agent, table.c.code)
        )
        async with self._database.reading() as connection:
            rows = (await connection.execute(counted)).all()
        return disposition_report(since, until, [Disposed(row.queue, row.agent, row.code, row.times) for row in rows])

    async def talked_since(self, agent: str, call_id: str, since: float) -> str | None:
        """The queue of the last talk of ``agent`` in the call, where that has ended ``since`` (epoch seconds) or later;
        else None.
        """
        last = (
            select(talks.c.queue, talks.c.ended_at)
            .where(talks.c.call_id == call_id, talks.c.agent == agent)
            .order_by(talks.c.started_at.desc(), talks.c.id.desc())
            .limit(1)
        )
        async with self._database.reading() as connection:
            row = (await connection.execute(last)).one_or_none()
        return row.queue if row is not None and row.ended_at is not None and row.ended_at >= since else None


async def dispositions_of(connection: AsyncConnection, call_id: str) -> tuple[DispositionRow, ...]:
    """All that was said of a call, the oldest first."""
    table = dispositions
    statement = select(table).where(table.c.call_id == call_id).order_by(table.c.seq)
    return tuple(
        DispositionRow(
            agent=row.agent,
            queue=row.queue,
            code=row.code,
            at=row.at,
            by=row.by,
            note=row.note,
            date=row.date,
            plate=row.plate,
            customer=row.customer,
            stands=row.stands,
        )
        for row in await connection.execute(statement)
    )


async def codes_of(connection: AsyncConnection, calls: Sequence[str]) -> dict[str, str]:
    """The code that stands, by call; the last one where several agents have given one."""
    table = dispositions
    statement = select(table.c.call_id, table.c.code).where(table.c.call_id.in_(calls), table.c.stands)
    return {row.call_id: row.code for row in await connection.execute(statement.order_by(table.c.seq))}

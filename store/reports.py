"""Rows for the reports, and the reports themselves, counted in a thread so that nobody on a call waits for a number."""

import asyncio

from sqlalchemy import func, select

from core.clock import Clock
from reports.agent_buckets import AgentTallies
from reports.agent_half_hours import NO_WORK
from reports.columns import Entries, Gathering
from reports.half_hours import NOTHING_KEPT, Kept
from reports.model import AgentReport, Bucket, QueueReport, ReportQuery
from reports.queues import keepable, queue_report
from reports.rows import StateSpan
from store.agent_rows import read_work, state_spans
from store.database import Database
from store.figure_filter import entries_behind
from store.half_hours import read_entries, read_kept, read_kept_work, uncounted
from store.reading import each
from store.schema import queue_entries


class Reports:
    """Counts what happened."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def queues(self, query: ReportQuery) -> QueueReport:
        """The queue report that ``query`` asks for: of half hours that were counted before, and of the entries of the
        others. Both are of one moment.
        """
        with_lines, whole = query.with_lines, keepable(query)
        gathering = Gathering()
        async with self._database.reading() as connection:
            spans = (query.since, query.until)
            kept = await read_kept(connection, *spans, with_lines=with_lines) if whole else NOTHING_KEPT
            for since, until in uncounted(query.since, query.until, kept.starts):
                await read_entries(connection, gathering, since, until, queue=query.queue, with_lines=with_lines)
        return await asyncio.to_thread(_report, query, gathering, self._clock.now(), kept)

    async def behind(self, query: ReportQuery, figure: str, most: int) -> int:
        """How many entries stand behind ``figure``, as far as ``most``; ``ParseError`` for what is no figure."""
        some = select(queue_entries.c.id).where(entries_behind(query, figure)).limit(most)
        async with self._database.reading() as connection:
            count: int = (await connection.execute(select(func.count()).select_from(some.subquery()))).scalar_one()
        return count

    async def agents(
        self, since: float, until: float, zone: str = "Asia/Shanghai", bucket: Bucket = Bucket.TOTAL
    ) -> AgentReport:
        """What agents did in [``since``, ``until``), in all and by ``bucket``: of half hours that were counted before,
        and of talks, rings and states of the others.
        """
        now = self._clock.now()
        tallies = AgentTallies(since, until, zone, bucket)
        async with self._database.reading() as connection:
            kept = await read_kept_work(connection, since, until) if tallies.keepable else NO_WORK
            for first, end in uncounted(since, until, kept.starts):
                await read_work(connection, tallies, first, end, now)
        await asyncio.to_thread(tallies.add_kept, kept)
        return tallies.report(now)

    async def entries(self, since: float, until: float, queue: str = "") -> Entries:
        """Queue entries made in [``since``, ``until``)."""
        gathering = Gathering()
        async with self._database.reading() as connection:
            await read_entries(connection, gathering, since, until, queue=queue, with_lines=False)
        return await asyncio.to_thread(gathering.entries)

    async def comings(self, since: float, until: float) -> list[tuple[str, str, float]]:
        """Call, queue and moment of each entry made in [``since``, ``until``), by time."""
        table = queue_entries
        statement = select(table.c.call_id, table.c.queue, table.c.entered_at).where(
            table.c.entered_at >= since, table.c.entered_at < until
        )
        async with self._database.reading() as connection:
            found: list[tuple[str, str, float]] = []
            async for rows in each(connection, statement.order_by(table.c.entered_at, table.c.id)):
                found += [(row.call_id, row.queue, row.entered_at) for row in rows]
        return found

    async def state_spans(self, since: float, until: float) -> list[StateSpan]:
        """The states of agents between ``since`` and ``until``, cut to that period, by agent and time."""
        async with self._database.reading() as connection:
            return [span async for spans in state_spans(connection, since, until) for span in spans]


def _report(query: ReportQuery, gathering: Gathering, now: float, kept: Kept) -> QueueReport:
    return queue_report(query, gathering.entries(), now, kept)

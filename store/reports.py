"""Rows for the reports, and the reports themselves, counted in a thread so that nobody on a call waits for a number."""

import asyncio
from collections.abc import AsyncIterator

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.facts import AgentStatus, OfferResult
from core.clock import Clock
from reports.agent_buckets import AgentTallies
from reports.columns import Entries, Gathering
from reports.half_hours import NOTHING_KEPT, Kept
from reports.model import AgentReport, Bucket, By, QueueReport, ReportQuery
from reports.queues import keepable, queue_report
from reports.rows import Ringing, StateSpan, TalkTime
from store.database import Database
from store.figure_filter import entries_behind
from store.half_hours import read_entries, read_kept, uncounted
from store.reading import AnyRow, each
from store.schema import agent_states, offers, queue_entries, talks


class Reports:
    """Counts what happened."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def queues(self, query: ReportQuery) -> QueueReport:
        """The queue report that ``query`` asks for: of half hours that were counted before, and of the entries of the
        others. Both are of one moment.
        """
        with_lines = query.by is By.LINE or bool(query.line)
        gathering = Gathering()
        async with self._database.reading() as connection:
            kept = await read_kept(connection, query.since, query.until) if keepable(query) else NOTHING_KEPT
            for since, until in uncounted(query.since, query.until, kept):
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
        """What agents did in [``since``, ``until``), in all and by ``bucket``."""
        now = self._clock.now()
        tally = AgentTallies(since, until, zone, bucket)
        async with self._database.reading() as connection:
            talked = select(talks).where(talks.c.started_at >= since, talks.c.started_at < until)
            async for talk_rows in each(connection, talked.order_by(talks.c.started_at, talks.c.id)):
                for row in talk_rows:
                    tally.add_talk(_talk(row, now))
            rung = select(offers).where(offers.c.made_at >= since, offers.c.made_at < until)
            async for offer_rows in each(connection, rung):
                for row in offer_rows:
                    tally.add_ringing(_ringing(row))
            async for spans in _state_spans(connection, since, min(until, now)):
                for span in spans:
                    tally.add_span(span)
        return tally.report(now)

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
            return [span async for spans in _state_spans(connection, since, until) for span in spans]


def _report(query: ReportQuery, gathering: Gathering, now: float, kept: Kept) -> QueueReport:
    return queue_report(query, gathering.entries(), now, kept)


async def _state_spans(connection: AsyncConnection, since: float, until: float) -> AsyncIterator[list[StateSpan]]:
    last: AnyRow | None = None
    async for rows in each(connection, _states(since, until)):
        spans: list[StateSpan] = []
        for row in rows:
            _add_span(spans, last, row.at if last is not None and last.agent == row.agent else until, since)
            last = row
        yield spans
    spans = []
    _add_span(spans, last, until, since)
    yield spans


def _states(since: float, until: float) -> Select[tuple[object, ...]]:
    """Changes in the period, and before them the state in which each agent came into it."""
    table = agent_states
    before = select(func.max(table.c.seq)).where(table.c.at < since).group_by(table.c.agent)
    inside = and_(table.c.at >= since, table.c.at < until)
    return select(table).where(or_(inside, table.c.seq.in_(before))).order_by(table.c.agent, table.c.seq)


def _add_span(spans: list[StateSpan], row: AnyRow | None, until: float, since: float) -> None:
    if row is not None and row.state != AgentStatus.OFFLINE.value and until > max(row.at, since):
        spans.append(StateSpan(row.agent, row.state, max(row.at, since), until, row.reason))


def _talk(row: AnyRow, now: float) -> TalkTime:
    """A talk as it was, or, where it goes on, as far as ``now``."""
    if row.ended_at is not None:
        return TalkTime(row.agent, row.call_id, row.started_at, row.talk_s, row.hold_s)
    held_s = row.held_s + (0.0 if row.held_since is None else now - row.held_since)
    return TalkTime(row.agent, row.call_id, row.started_at, max(0.0, now - row.started_at - held_s), held_s)


def _ringing(row: AnyRow) -> Ringing:
    return Ringing(
        row.id,
        row.agent,
        row.made_at,
        accepted=row.result == OfferResult.ACCEPTED.value,
        over=row.ended_at is not None,
        withdrawn=row.result == OfferResult.WITHDRAWN.value,
    )

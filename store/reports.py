"""Rows for the reports, and the reports themselves, counted in a thread so that nobody on a call waits for a number."""

import asyncio

from sqlalchemy import Select, and_, func, or_, select

from acd.facts import AgentStatus, OfferResult
from core.clock import Clock
from reports.agents import agent_report
from reports.model import AgentReport, QueueReport, ReportQuery
from reports.queues import queue_report
from reports.rows import EntryRow, Ringing, StateSpan, TalkTime
from store.call_parts import AnyRow
from store.database import Database
from store.reading import each
from store.schema import agent_states, offers, queue_entries, talks


class Reports:
    """Counts what happened."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def queues(self, query: ReportQuery) -> QueueReport:
        """The queue report that ``query`` asks for."""
        rows = await self.entries(query.since, query.until, query.queue)
        return await asyncio.to_thread(queue_report, query, rows, self._clock.now())

    async def agents(self, since: float, until: float, zone: str = "Asia/Shanghai") -> AgentReport:
        """What agents did in [``since``, ``until``)."""
        now = self._clock.now()
        end = min(until, now)
        talked = await self.talks(since, until, now)
        rung = await self.ringings(since, until)
        spans = await self.state_spans(since, end)
        return await asyncio.to_thread(agent_report, since, until, zone, now, talked, rung, spans)

    async def entries(self, since: float, until: float, queue: str = "") -> list[EntryRow]:
        """Queue entries made in [``since``, ``until``), oldest first."""
        table = queue_entries
        statement = select(
            table.c.id,
            table.c.call_id,
            table.c.queue,
            table.c.entered_at,
            table.c.outcome,
            table.c.wait_s,
            table.c.agent,
        ).where(table.c.entered_at >= since, table.c.entered_at < until)
        if queue:
            statement = statement.where(table.c.queue == queue)
        found: list[EntryRow] = []
        async with self._database.reading() as connection:
            async for piece in each(connection, statement.order_by(table.c.entered_at, table.c.id), _entry):
                found += piece
        return found

    async def talks(self, since: float, until: float, now: float) -> list[TalkTime]:
        """Talks that began in [``since``, ``until``); those that go on as far as ``now``."""
        statement = select(talks).where(talks.c.started_at >= since, talks.c.started_at < until)

        def convert(row: AnyRow) -> TalkTime:
            if row.ended_at is not None:
                return TalkTime(row.agent, row.call_id, row.started_at, row.talk_s, row.hold_s)
            held_s = row.held_s + (0.0 if row.held_since is None else now - row.held_since)
            return TalkTime(row.agent, row.call_id, row.started_at, max(0.0, now - row.started_at - held_s), held_s)

        found: list[TalkTime] = []
        async with self._database.reading() as connection:
            async for piece in each(connection, statement.order_by(talks.c.started_at, talks.c.id), convert):
                found += piece
        return found

    async def ringings(self, since: float, until: float) -> list[Ringing]:
        """Offers made in [``since``, ``until``)."""
        statement = select(offers).where(offers.c.made_at >= since, offers.c.made_at < until)
        found: list[Ringing] = []
        async with self._database.reading() as connection:
            async for piece in each(connection, statement.order_by(offers.c.made_at, offers.c.id), _ringing):
                found += piece
        return found

    async def state_spans(self, since: float, until: float) -> list[StateSpan]:
        """The states of agents between ``since`` and ``until``, cut to that period, by agent and time."""
        spans: list[StateSpan] = []
        last: AnyRow | None = None
        async with self._database.reading() as connection:
            async for piece in each(connection, _states(since, until), _as_it_is):
                for row in piece:
                    _add_span(spans, last, row.at if last is not None and last.agent == row.agent else until, since)
                    last = row
        _add_span(spans, last, until, since)
        return spans


def _states(since: float, until: float) -> Select[tuple[object, ...]]:
    """Changes in the period, and before them the state in which each agent came into it."""
    table = agent_states
    before = select(func.max(table.c.seq)).where(table.c.at < since).group_by(table.c.agent)
    inside = and_(table.c.at >= since, table.c.at < until)
    return select(table).where(or_(inside, table.c.seq.in_(before))).order_by(table.c.agent, table.c.seq)


def _as_it_is(row: AnyRow) -> AnyRow:
    return row


def _add_span(spans: list[StateSpan], row: AnyRow | None, until: float, since: float) -> None:
    if row is not None and row.state != AgentStatus.OFFLINE.value and until > max(row.at, since):
        spans.append(StateSpan(row.agent, row.state, max(row.at, since), until))


def _entry(row: AnyRow) -> EntryRow:
    return EntryRow(row.id, row.call_id, row.queue, row.entered_at, row.outcome, row.wait_s, row.agent)


def _ringing(row: AnyRow) -> Ringing:
    return Ringing(row.id, row.agent, row.made_at, row.result == OfferResult.ACCEPTED.value, row.ended_at is not None)

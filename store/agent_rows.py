"""What agents did, as the tables have it: their talks, how often they were rung, the states that they were in."""

from collections.abc import AsyncIterator

from sqlalchemy import CTE, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.facts import AgentStatus, OfferResult
from reports.agent_buckets import AgentTallies
from reports.rows import Ringing, StateSpan, TalkTime
from store.reading import AnyRow, each
from store.schema import agent_states, offers, talks


async def read_work(connection: AsyncConnection, tallies: AgentTallies, since: float, until: float, now: float) -> None:
    """Add what agents did in [``since``, ``until``); what still goes on is added as far as ``now``."""
    talked = select(talks).where(talks.c.started_at >= since, talks.c.started_at < until)
    async for talk_rows in each(connection, talked.order_by(talks.c.started_at, talks.c.id)):
        for row in talk_rows:
            tallies.add_talk(_talk(row, now))
    rung = select(offers).where(offers.c.made_at >= since, offers.c.made_at < until)
    async for offer_rows in each(connection, rung):
        for row in offer_rows:
            tallies.add_ringing(_ringing(row))
    async for spans in state_spans(connection, since, min(until, now)):
        for span in spans:
            tallies.add_span(span)


async def state_spans(connection: AsyncConnection, since: float, until: float) -> AsyncIterator[list[StateSpan]]:
    """The states of agents between ``since`` and ``until``, cut to that period, by agent and time."""
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
    table, names = agent_states, _names()
    earlier = agent_states.alias()
    before = (
        select(earlier.c.seq)
        .where(earlier.c.agent == names.c.agent, earlier.c.at < since)
        .order_by(earlier.c.at.desc(), earlier.c.seq.desc())
        .limit(1)
        .scalar_subquery()
    )
    inside = and_(table.c.at >= since, table.c.at < until)
    return (
        select(table)
        .where(or_(inside, table.c.seq.in_(select(before).select_from(names))))
        .order_by(table.c.agent, table.c.at, table.c.seq)
    )


def _names() -> CTE:
    """Every agent who ever was there, each found behind the one before in the index: the years of their states between
    are not looked at.
    """
    states = agent_states.alias()
    names = select(func.min(agent_states.c.agent).label("agent")).cte("names", recursive=True)
    following = select(func.min(states.c.agent)).where(states.c.agent > names.c.agent).scalar_subquery()
    return names.union_all(select(following).where(names.c.agent.is_not(None)))


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

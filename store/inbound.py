"""Every inbound call of a period with what became of it, read from the tables of calls and from the log."""

import json
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import ColumnElement, Index, Select, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.facts import AgentStatus
from core.clock import Clock
from reports.inbound import Handled, InboundCall, Outcome, Story, outcome_of
from store.agent_rows import state_spans
from store.database import Database
from store.probes import probe_calls
from store.reading import AnyRow, each
from store.schema import callbacks, calls, events, queue_entries, recordings, talks
from telephony.facts import TransferCompleted, TrunkFull

_DAY_S: Final = 86_400.0
_LATE_S: Final = 6 * 3600.0
"""Calls that began in the period are over, with their wrap-ups, so long after it."""
_AT_ONCE_S: Final = 1.0
"""A wrap-up is of the talk that ended at most so long after it had begun: both are told at one moment."""

# Said as literals: by a parameter the databases would not find the indexes.
_passed_on: Final = events.c.name == literal_column(f"'{TransferCompleted.name}'")
_full: Final = events.c.name == literal_column(f"'{TrunkFull.name}'")
Index("ix_events_transfer_completed", events.c.at, sqlite_where=_passed_on, postgresql_where=_passed_on)
Index("ix_events_trunk_full", events.c.at, sqlite_where=_full, postgresql_where=_full)


@dataclass(slots=True)
class _Told:
    """What else than the call itself is known, by call. ``ends`` are ends of talks by agent, with their places."""

    talks: dict[str, list[AnyRow]] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)
    messages: set[str] = field(default_factory=set)
    promised: set[str] = field(default_factory=set)
    closed: set[str] = field(default_factory=set)
    passed_on: set[str] = field(default_factory=set)
    came: dict[str, list[float]] = field(default_factory=dict)
    probes: set[str] = field(default_factory=set)


class InboundCalls:
    """Reads them."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def of(self, since: float, until: float, days: int) -> tuple[list[InboundCall], list[Handled]]:
        """Calls that came in [``since``, ``until``), the newest first, and the talks in them. Whoever calls again
        within ``days`` of a call's end repeats it.
        """
        now, told = self._clock.now(), _Told()
        async with self._database.reading() as connection:
            rows = await self._calls(connection, told, since, until, days)
            await _read(connection, told, since, until)
            found = [_call(row, told, now, days * _DAY_S) for row in rows if row.started_at < until]
            found += await _refused(connection, since, until)
            handled = await _handled(connection, told, since, until, now)
        found.sort(key=lambda call: (call.started_at, call.id), reverse=True)
        return found, handled

    @staticmethod
    async def _calls(connection: AsyncConnection, told: _Told, since: float, until: float, days: int) -> list[AnyRow]:
        """The calls, and the moments at which each number called, also in the days after. Tests repeat none."""
        rows: list[AnyRow] = []
        latest = until + _LATE_S + days * _DAY_S
        told.probes = {row.inbound for row in await connection.execute(probe_calls(since, latest))}
        table = calls
        statement = (
            select(table.c.id, table.c.ani, table.c.dnis, table.c.started_at, table.c.answered_at, table.c.ended_at)
            .where(table.c.direction == "inbound", table.c.started_at >= since, table.c.started_at < latest)
            .order_by(table.c.started_at, table.c.id)
        )
        async for piece in each(connection, statement):
            for row in piece:
                if row.ani and row.id not in told.probes:
                    told.came.setdefault(row.ani, []).append(row.started_at)
                if row.started_at < until:
                    rows.append(row)
        return rows


async def _read(connection: AsyncConnection, told: _Told, since: float, until: float) -> None:
    began = (calls.c.direction == "inbound", calls.c.started_at >= since, calls.c.started_at < until)
    columns = (talks.c.id, talks.c.call_id, talks.c.agent, talks.c.queue, talks.c.started_at, talks.c.ended_at)
    spoken = (
        select(*columns, talks.c.talk_s, talks.c.hold_s)
        .join(calls, calls.c.id == talks.c.call_id)
        .where(*began)
        .order_by(talks.c.started_at, talks.c.id)
    )
    async for piece in each(connection, spoken):
        for row in piece:
            told.talks.setdefault(row.call_id, []).append(row)
    waited = (
        select(queue_entries.c.call_id, queue_entries.c.outcome)
        .join(calls, calls.c.id == queue_entries.c.call_id)
        .where(*began)
        .order_by(queue_entries.c.entered_at, queue_entries.c.id)
    )
    async for piece in each(connection, waited):
        told.left.update((row.call_id, row.outcome) for row in piece)
    left = recordings.c.box != ""
    told.messages = await _ids(
        connection, select(recordings.c.call_id).where(left, *_within(recordings.c.started_at, since, until))
    )
    promised = select(callbacks.c.call_id).where(*_within(callbacks.c.promised_at, since, until))
    told.promised = await _ids(connection, promised)
    closed = events.c.name == literal_column("'queue.closed'")
    told.closed = await _ids(connection, select(events.c.call_id).where(closed, *_within(events.c.at, since, until)))
    passed_on = select(events.c.call_id).where(_passed_on, *_within(events.c.at, since, until))
    told.passed_on = await _ids(connection, passed_on)


def _within(column: ColumnElement[float], since: float, until: float) -> tuple[ColumnElement[bool], ...]:
    return column >= since, column < until + _LATE_S


async def _ids(connection: AsyncConnection, statement: Select[tuple[str]]) -> set[str]:
    return {row.call_id for row in await connection.execute(statement)}


def _call(row: AnyRow, told: _Told, now: float, repeat_s: float) -> InboundCall:
    spoken = told.talks.get(row.id, [])
    story = Story(
        talked=bool(spoken),
        voicemail=row.id in told.messages,
        promised=row.id in told.promised,
        left=told.left.get(row.id),
        closed=row.id in told.closed,
        answered=row.answered_at is not None,
        over=row.ended_at is not None,
    )
    call = InboundCall(row.id, row.ani, row.dnis, row.started_at, outcome_of(story))
    if not spoken:
        return call
    first, last = spoken[0], spoken[-1]
    again_by = (row.ended_at or now) + repeat_s
    came = told.came.get(row.ani, [])
    following, probe = bisect_right(came, row.started_at), row.id in told.probes
    return InboundCall(
        call.id,
        call.number,
        call.line,
        call.started_at,
        call.outcome,
        queue=first.queue,
        agent=last.agent,
        wait_s=max(0.0, first.started_at - (row.answered_at or first.started_at)),
        transferred=row.id in told.passed_on,
        again=not probe and following < len(came) and came[following] <= again_by,
        settled=not probe and bool(row.ani) and row.ended_at is not None and again_by <= now,
    )


async def _refused(connection: AsyncConnection, since: float, until: float) -> list[InboundCall]:
    """Calls that found no free channel; they have no call of their own."""
    told = select(events.c.id, events.c.at, events.c.data).where(_full, events.c.at >= since, events.c.at < until)
    found: list[InboundCall] = []
    async for piece in each(connection, told):
        for row in piece:
            said = json.loads(row.data)
            if said["direction"] == "in":
                found.append(
                    InboundCall(row.id, said["ani"], said["dnis"], row.at, Outcome.FULL, times=int(said["times"]))
                )
    return found


async def _handled(connection: AsyncConnection, told: _Told, since: float, until: float, now: float) -> list[Handled]:
    """The talks, each with the wrap-ups that followed it before the agent's next one."""
    spoken = sorted(
        (talk for found in told.talks.values() for talk in found if talk.ended_at is not None),
        key=lambda talk: talk.ended_at,
    )
    ends: dict[str, list[float]] = {}
    of_agent: dict[str, list[AnyRow]] = {}
    for talk in spoken:
        ends.setdefault(talk.agent, []).append(talk.ended_at)
        of_agent.setdefault(talk.agent, []).append(talk)
    wrapped_s = await _wrapped(connection, ends, of_agent, since, min(until + _LATE_S, now))
    return [
        Handled(talk.queue, talk.agent, (talk.talk_s or 0.0) + (talk.hold_s or 0.0) + wrapped_s.get(talk.id, 0.0))
        for talk in spoken
    ]


async def _wrapped(
    connection: AsyncConnection,
    ends: Mapping[str, list[float]],
    of_agent: Mapping[str, list[AnyRow]],
    since: float,
    until: float,
) -> dict[str, float]:
    """Seconds of wrap-up by talk."""
    found: dict[str, float] = {}
    async for spans in state_spans(connection, since, until):
        for span in spans:
            if span.state != AgentStatus.WRAP_UP or span.agent not in ends:
                continue
            place = bisect_right(ends[span.agent], span.since + _AT_ONCE_S) - 1
            if place >= 0:
                talk = of_agent[span.agent][place]
                found[talk.id] = found.get(talk.id, 0.0) + span.until - span.since
    return found

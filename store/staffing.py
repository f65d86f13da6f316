"""What staffing is reckoned from, read from the log's projection: arrivals, talks, and who was there."""

import asyncio
import math
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from core.clock import Clock
from core.errors import ParseError
from reports.buckets import zone_of
from reports.columns import ABANDONED, CODE, Entries
from reports.erlang import LONGEST_S
from reports.forecast import Forecast, PastDay, forecast
from reports.patience import mean_patience_s
from reports.rows import StateSpan
from reports.staffing import (
    Assumed,
    Seen,
    StaffingQuery,
    StaffingReport,
    check,
    counts_of,
    half_hours,
    presence,
    staffing_report,
)
from store.database import Database
from store.day_kinds import kind_of
from store.reading import each
from store.reports import Reports
from store.schema import queue_entries, talks

FEWEST_TALKS: Final = 20
"""With fewer of them the handling time is not estimated."""
MOST_USUAL_DAYS: Final = 12
"""Of so many of the latest days that are alike is looked who was there."""
_AFTER_TALK: Final = frozenset({"ringing", "wrap_up"})


class StaffingRows:
    """Reads the past for the simulator and for staffing."""

    def __init__(self, database: Database, reports: Reports, clock: Clock) -> None:
        self._database = database
        self._reports = reports
        self._clock = clock

    async def talk_times(self, since: float, until: float, queue: str = "") -> list[float]:
        """Seconds of talk, hold included, of each call out of a queue (or out of ``queue``) whose talks began in
        [``since``, ``until``) and are over; with whomever it was passed on to, that is one.
        """
        talked = func.sum(talks.c.talk_s + func.coalesce(talks.c.hold_s, 0.0)).label("talked_s")
        statement = select(talked).where(
            talks.c.started_at >= since, talks.c.started_at < until, talks.c.talk_s.is_not(None)
        )
        statement = statement.where(talks.c.queue == queue) if queue else statement.where(talks.c.queue != "")
        found: list[float] = []
        async with self._database.reading() as connection:
            one = (talks.c.call_id, talks.c.queue)
            statement = statement.group_by(*one).order_by(func.min(talks.c.started_at), *one)
            async for rows in each(connection, statement):
                found += [row.talked_s for row in rows]
        return found

    async def plan(self, query: StaffingQuery) -> StaffingReport:
        """Staffing of the day that ``query`` asks for; ``ParseError`` where the past says too little for it."""
        check(query)
        now, zone = self._clock.now(), zone_of(query.zone)
        days = await self._past_days(query, zone, now)
        since = half_hours(query.day - timedelta(weeks=query.weeks), zone)[0]
        edges = half_hours(query.day, zone)
        entries = await self._reports.entries(since, edges[-1], query.queue)
        past = [PastDay(day, kind_of(day), counts_of(entries, half_hours(day, zone))) for day in days]
        expected = forecast(query.day, kind_of(query.day), past)
        if expected is None:
            raise ParseError(
                f"the log has fewer than two days like {query.day} in {query.weeks} weeks before; ask with more weeks",
                where="day",
            )
        usual, after_s = await self._usual(query, expected, zone)
        before = await self._reports.entries(since, min(edges[0], now), query.queue)
        assumed = await self._assumed(query, before, since, after_s)
        there = presence(await self._spans(edges[0], min(edges[-1], now)), edges, query.agents)
        seen = Seen(counts_of(entries, edges), there)
        return await asyncio.to_thread(staffing_report, query, expected, assumed, seen, usual, now)

    async def _past_days(self, query: StaffingQuery, zone: ZoneInfo, now: float) -> list[date]:
        """Whole days before the asked one that are over, but for the log's first, which may have begun at noon."""
        async with self._database.reading() as connection:
            first_at = await connection.scalar(select(func.min(queue_entries.c.entered_at)))
        if first_at is None:
            return []
        first = datetime.fromtimestamp(first_at, zone).date()
        days = (query.day - timedelta(days=back) for back in range(7 * query.weeks, 0, -1))
        return [day for day in days if day > first and half_hours(day, zone)[-1] <= now]

    async def _spans(self, since: float, until: float) -> list[StateSpan]:
        return await self._reports.state_spans(since, until) if since < until else []

    async def _usual(self, query: StaffingQuery, expected: Forecast, zone: ZoneInfo) -> tuple[list[Seen], float]:
        """Who was there on the days that the forecast was made of, and how long an agent is busy with a call besides
        talking: all ringing and wrap-up of those days / their talks.
        """
        seen, after_s, talked = [], 0.0, 0
        for day in expected.days[-MOST_USUAL_DAYS:]:
            edges = half_hours(day, zone)
            spans = await self._spans(edges[0], edges[-1])
            seen.append(Seen((), presence(spans, edges, query.agents)))
            after_s += sum(span.until - span.since for span in spans if span.state in _AFTER_TALK)
            talked += len(await self.talk_times(edges[0], edges[-1]))
        return seen, after_s / talked if talked else 0.0

    async def _assumed(self, query: StaffingQuery, before: Entries, since: float, after_s: float) -> Assumed:
        """As asked, else as the past weeks had it."""
        endless = query.patience_s == math.inf
        found_s = mean_patience_s(before) if query.patience_s is None else None
        learnt = found_s is not None
        patience_s = None if endless else query.patience_s if found_s is None else min(found_s, LONGEST_S)
        abandoned = int((before.outcomes == CODE[ABANDONED]).sum()) if learnt else 0
        if query.handle_s is not None:
            return Assumed(query.handle_s, None, patience_s, 0, abandoned)
        midnight = half_hours(query.day, zone_of(query.zone))[0]
        times = await self.talk_times(since, midnight, query.queue)
        if len(times) < FEWEST_TALKS:
            raise ParseError(
                f"the log has only {len(times)} talks to learn the handling time from; say how long a call takes",
                where="aht",
            )
        talk_s = sum(times) / len(times)
        return Assumed(max(1.0, talk_s + after_s), talk_s, patience_s, len(times), abandoned)

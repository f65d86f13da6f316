"""Reports: queues, agents, callers who gave up."""

from dataclasses import asdict
from functools import partial
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Response

from console.api import API
from console.api.known import reported_queue
from console.api.paper import json_paper, sheet_paper
from console.api.period import Period, asked_period
from console.deps import ConsoleDeps
from console.guard import Guard
from console.papers import abandoned_file, abandoned_text, agents_file, agents_text, report_file, report_text
from console.report_ports import ReportAsked
from console.report_views import AbandonedReport, AgentReport, AgentsBucket
from console.sessions import Session
from console.sheets import Kind
from console.views import Bucket, By, QueueReport

_DAY_S: Final = 86_400.0
_LONGEST_S: Final = {"half_hour": 32 * _DAY_S, "hour": 63 * _DAY_S}
"""Shorter than for other buckets: nobody reads more rows."""
_LONGEST_OF_ALL_S: Final = 800 * _DAY_S
_LONGEST_OF_CALLS_S: Final = 63 * _DAY_S
"""Agents and abandoned callers are counted call by call."""
_YEAR_S: Final = 400 * _DAY_S
_LONGEST_OF_AGENTS_S: Final = {"half_hour": 8 * _DAY_S, "hour": 16 * _DAY_S, "week": _YEAR_S, "month": _YEAR_S}
"""Each agent has a row in each half hour; of weeks and months somebody wants a year."""
_STATES_S: Final = 26 * 3600.0
"""States over time are shown of one day, be it one on which clocks go back."""


def reports_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/reports``."""
    router = APIRouter(prefix=API, tags=["reports"])

    period = asked_period(ZoneInfo(deps.settings.zone), deps.clock)

    async def asked(
        span: Annotated[Period, Depends(period)],
        bucket: Bucket = "half_hour",
        queue: Annotated[str, Query(max_length=100)] = "",
        line: Annotated[str, Query(max_length=100)] = "",
        by: By = "queue",
        compare: bool = False,
    ) -> ReportAsked:
        """``line`` is a number that was dialled; ``compare`` adds the totals of the period before."""
        span.bounded(_LONGEST_S.get(bucket, _LONGEST_OF_ALL_S))
        await reported_queue(deps.directory, deps.reading, queue, span.since, span.until)
        return ReportAsked(span.since, span.until, bucket, queue, line, by, compared=compare)

    async def of_calls(
        span: Annotated[Period, Depends(period)], queue: Annotated[str, Query(max_length=100)] = ""
    ) -> Period:
        span.bounded(_LONGEST_OF_CALLS_S)
        await reported_queue(deps.directory, deps.reading, queue, span.since, span.until)
        return span

    async def of_agents(span: Annotated[Period, Depends(period)], bucket: AgentsBucket = "total") -> Period:
        return span.bounded(_LONGEST_OF_AGENTS_S.get(bucket, _LONGEST_OF_CALLS_S))

    @router.get("/reports/queues", summary="队列报表 Queue report", response_model=QueueReport)
    async def queues(
        _session: Annotated[Session, Depends(guard.user)], which: Annotated[ReportAsked, Depends(asked)]
    ) -> Response:
        """Offered, answered, abandoned, answer rate, service levels A–D, ASA and waits, each with its formula."""
        return json_paper(await deps.reading.ask(partial(report_text, asked=which)))

    @router.get("/reports/queues.{kind}", summary="队列报表下载 Queue report as a table", response_class=Response)
    async def queues_sheet(
        kind: Kind,
        _session: Annotated[Session, Depends(guard.user)],
        which: Annotated[ReportAsked, Depends(asked)],
    ) -> Response:
        """The same as CSV or XLSX."""
        return sheet_paper(await deps.reading.ask(partial(report_file, asked=which, kind=kind)), kind, "queues")

    @router.get("/reports/agents", summary="坐席报表 Agents' work", response_model=AgentReport)
    async def agents(
        _session: Annotated[Session, Depends(guard.user)],
        span: Annotated[Period, Depends(of_agents)],
        bucket: AgentsBucket = "total",
    ) -> Response:
        """Calls, talk, hold, wrap-up, offers and occupancy of each agent, in all and by ``bucket``; of one day his
        states over time too.
        """
        states = span.until - span.since <= _STATES_S
        return json_paper(await deps.reading.ask(partial(agents_text, **asdict(span), bucket=bucket, states=states)))

    @router.get("/reports/agents.{kind}", summary="坐席报表下载 Agents' work as a table", response_class=Response)
    async def agents_sheet(
        kind: Kind,
        _session: Annotated[Session, Depends(guard.user)],
        span: Annotated[Period, Depends(of_agents)],
        bucket: AgentsBucket = "total",
    ) -> Response:
        """The figures as CSV or XLSX."""
        wanted = partial(agents_file, **asdict(span), kind=kind, bucket=bucket)
        return sheet_paper(await deps.reading.ask(wanted), kind, "agents")

    @router.get("/reports/abandoned", summary="放弃来电 Callers who gave up", response_model=AbandonedReport)
    async def abandoned(
        session: Annotated[Session, Depends(guard.user)],
        span: Annotated[Period, Depends(of_calls)],
        queue: Annotated[str, Query(max_length=100)] = "",
    ) -> Response:
        """Newest first, with the first talk that anyone had with the caller within seven days: by whom, when, and
        whether we called or he did.
        """
        wanted = partial(abandoned_text, **asdict(span), queue=queue, whole=session.sees_numbers)
        return json_paper(await deps.reading.ask(wanted))

    @router.get("/reports/abandoned.{kind}", summary="放弃来电下载 Callers who gave up", response_class=Response)
    async def abandoned_sheet(
        kind: Kind,
        session: Annotated[Session, Depends(guard.user)],
        span: Annotated[Period, Depends(of_calls)],
        queue: Annotated[str, Query(max_length=100)] = "",
    ) -> Response:
        """The same as CSV or XLSX."""
        wanted = partial(abandoned_file, **asdict(span), queue=queue, kind=kind, whole=session.sees_numbers)
        return sheet_paper(await deps.reading.ask(wanted), kind, "abandoned")

    return router

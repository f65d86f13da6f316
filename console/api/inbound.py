"""Every inbound call and what became of it, by dialled number; calls passed on and callers who called again."""

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Response
from pydantic_core import to_json

from console.api import API
from console.api.paper import json_paper, sheet_paper
from console.api.period import MONTH, Period, asked_period
from console.deps import ConsoleDeps
from console.guard import Guard
from console.inbound_views import InboundReport, NamedFigures
from console.ports import Queries
from console.report_ports import InboundAsked
from console.sessions import Session
from console.sheets import Cell, Kind, Table, written
from core.numbers import mask
from reports.inbound import CONTACT_FORMULAS, LINE_FORMULAS, Behind

_NAME: Final = Query(max_length=100)
Counted = Literal[
    "came", "talked", "abandoned", "overflowed", "closed", "full", "refused", "voicemail", "called_back", "menu",
    "open", "contacts", "transferred", "settled", "repeated", "resolved",
]  # fmt: skip
"""``reports.inbound.FIGURES``."""


def inbound_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/reports/inbound``."""
    router = APIRouter(prefix=API, tags=["reports"])
    period = asked_period(ZoneInfo(deps.settings.zone), deps.clock)

    async def asked(
        span: Annotated[Period, Depends(period)],
        days: Annotated[int, Query(ge=1, le=30)] = 7,
        figure: Counted = "came",
        line: Annotated[str, _NAME] = "",
        queue: Annotated[str, _NAME] = "",
        agent: Annotated[str, _NAME] = "",
    ) -> InboundAsked:
        """Who calls again within ``days`` repeats the call; the calls listed are those behind ``figure``."""
        span = span.within(MONTH)
        return InboundAsked(span.since, span.until, days, Behind(figure, line, queue, agent))

    @router.get("/reports/inbound", summary="全部来电 All inbound calls", response_model=InboundReport)
    async def inbound(
        session: Annotated[Session, Depends(guard.user)], which: Annotated[InboundAsked, Depends(asked)]
    ) -> Response:
        """By dialled number what became of every call, also of those that never reached a queue; by queue and agent how
        many were passed on, and how many callers called again (first contact resolution). 31 days at most.
        """
        wanted = partial(inbound_text, asked=which, whole=session.sees_numbers)
        return json_paper(await deps.reading.ask(wanted))

    @router.get("/reports/inbound.{kind}", summary="全部来电下载 All inbound calls", response_class=Response)
    async def inbound_sheet(
        kind: Kind,
        session: Annotated[Session, Depends(guard.user)],
        which: Annotated[InboundAsked, Depends(asked)],
    ) -> Response:
        """The same as CSV or XLSX: lines, queues, agents, the calls listed, then what the figures are."""
        wanted = partial(inbound_file, asked=which, kind=kind, whole=session.sees_numbers)
        return sheet_paper(await deps.reading.ask(wanted), kind, "inbound")

    return router


async def inbound_text(queries: Queries, asked: InboundAsked, *, whole: bool) -> bytes:
    """``InboundReport`` as JSON; numbers ``whole`` or masked."""
    return to_json(await _inbound(queries, asked, whole=whole))


async def inbound_file(queries: Queries, asked: InboundAsked, kind: Kind, *, whole: bool) -> bytes:
    """The same as a table."""
    return written(inbound_table(await _inbound(queries, asked, whole=whole)), kind)


async def _inbound(queries: Queries, asked: InboundAsked, *, whole: bool) -> InboundReport:
    found = await queries.reports.inbound(asked)
    if whole:
        return found
    return replace(found, items=[replace(item, number=mask(item.number)) for item in found.items])


def inbound_table(report: InboundReport) -> Table:
    """A row for each line, queue and agent; one for each call that is listed; one for each figure, what it is."""
    formulas = (*LINE_FORMULAS, *CONTACT_FORMULAS)
    heading = ["类别 kind", "名称 name", *(f"{it.zh} {it.en}" for it in formulas)]
    rows: list[list[Cell]] = []

    def add(kind: str, named: list[NamedFigures], nameless: str = "未知 unknown") -> None:
        for it in named:
            name = "合计 total" if it.total else it.name or nameless
            rows.append([kind, name, *(it.figures.get(formula.key) for formula in formulas)])

    add("被叫号码 line", report.lines)
    add("队列 queue", report.queues, "直接呼入 not through a queue")
    add("坐席 agent", report.agents[1:])
    zone = ZoneInfo(report.zone)

    def row(*cells: Cell) -> None:
        rows.append([*cells, *([None] * (len(heading) - len(cells)))])

    for item in report.items:
        at = f"{datetime.fromtimestamp(item.started_at, zone):%Y-%m-%d %H:%M:%S}"
        row("来电 call", item.id, at, item.number, item.line, item.outcome.value, item.queue, item.agent, item.wait_s)
    for key, formula in report.formulas.items():
        row("公式 formula", key, f"{formula.title_zh} {formula.title_en}", formula.formula_zh, formula.formula_en)
    return Table(heading, rows)

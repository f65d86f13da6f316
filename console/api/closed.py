"""Callers who came while a queue was closed."""

from dataclasses import asdict, replace
from datetime import datetime
from functools import partial
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Response
from pydantic_core import to_json

from console.api import API
from console.api.paper import json_paper, sheet_paper
from console.api.period import QUARTER, Period, asked_period
from console.closed_views import ClosedReport
from console.deps import ConsoleDeps
from console.guard import Guard
from console.ports import Queries
from console.sessions import Session
from console.sheets import Cell, Kind, Table, written
from core.numbers import mask

_WHY: Final = {"closed": "非服务时间 out of hours", "holiday": "节假日 holiday"}


def closed_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/reports/closed``."""
    router = APIRouter(prefix=API, tags=["reports"])
    period = asked_period(ZoneInfo(deps.settings.zone), deps.clock)

    async def asked(span: Annotated[Period, Depends(period)]) -> Period:
        return span.within(QUARTER)

    @router.get("/reports/closed", summary="非服务时间来电 Calls to closed queues", response_model=ClosedReport)
    async def closed(
        session: Annotated[Session, Depends(guard.user)],
        span: Annotated[Period, Depends(asked)],
        queue: Annotated[str, Query(max_length=100)] = "",
    ) -> Response:
        """Calls that were led to a queue out of its hours or on a holiday: in no other figure of the queue. By queue,
        dialled number and hour of the day, and each call, newest first; 93 days at most.
        """
        wanted = partial(closed_text, **asdict(span), queue=queue, whole=session.sees_numbers)
        return json_paper(await deps.reading.ask(wanted))

    @router.get("/reports/closed.{kind}", summary="非服务时间来电下载 Calls to closed queues", response_class=Response)
    async def closed_sheet(
        kind: Kind,
        session: Annotated[Session, Depends(guard.user)],
        span: Annotated[Period, Depends(asked)],
        queue: Annotated[str, Query(max_length=100)] = "",
    ) -> Response:
        """The same as CSV or XLSX: a row for each call."""
        wanted = partial(closed_file, **asdict(span), queue=queue, kind=kind, whole=session.sees_numbers)
        return sheet_paper(await deps.reading.ask(wanted), kind, "closed")

    return router


async def closed_text(queries: Queries, since: float, until: float, queue: str, *, whole: bool) -> bytes:
    """``ClosedReport`` as JSON; numbers ``whole`` or masked."""
    return to_json(await _closed(queries, since, until, queue, whole=whole))


async def closed_file(queries: Queries, since: float, until: float, queue: str, kind: Kind, *, whole: bool) -> bytes:
    """The same as a table."""
    return written(closed_table(await _closed(queries, since, until, queue, whole=whole)), kind)


async def _closed(queries: Queries, since: float, until: float, queue: str, *, whole: bool) -> ClosedReport:
    found = await queries.reports.closed(since, until, queue)
    if whole:
        return found
    return replace(found, items=[replace(item, number=mask(item.number)) for item in found.items])


def closed_table(report: ClosedReport) -> Table:
    """A row for each call, then by queue, line and hour of the day, then what the figures are."""
    zone = ZoneInfo(report.zone)
    heading = ["时间 at", "号码 number", "被叫号码 line", "队列 queue", "原因 why", "通话 call"]
    rows: list[list[Cell]] = []
    for item in report.items:
        at, why = datetime.fromtimestamp(item.at, zone), _WHY.get(item.why, item.why)
        rows.append([f"{at:%Y-%m-%d %H:%M:%S}", item.number, item.line, item.queue, why, item.call_id])
    for hour in report.hours:
        span = f"{hour.hour:02}:00–{hour.hour + 1:02}:00"
        rows.append([span, None, hour.line, hour.queue, f"节假日 holiday {hour.holiday}", hour.came])
    for key, formula in report.formulas.items():
        said: list[Cell] = [f"{formula.title_zh} {formula.title_en}", report.figures.get(key)]
        rows.append([*said, formula.formula_zh, formula.formula_en, None, None])
    return Table(heading, rows)

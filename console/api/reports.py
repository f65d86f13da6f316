"""Queue reports."""

import asyncio
from datetime import datetime, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Response

from console.api.when import moment
from console.deps import ConsoleDeps
from console.guard import Guard
from console.json_text import to_json
from console.problems import Problem
from console.sessions import Session
from console.sheets import report_table, sheet_response
from console.today import day_start
from console.views import Bucket, QueueReport

_LONGEST_S = {"half_hour": 32 * 86_400.0, "hour": 63 * 86_400.0, "day": 800 * 86_400.0, "total": 800 * 86_400.0}


def reports_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/reports``."""
    router = APIRouter(tags=["reports"])
    zone = ZoneInfo(deps.settings.zone)

    async def asked(
        from_: Annotated[str | None, Query(alias="from", max_length=40)] = None,
        to: Annotated[str | None, Query(max_length=40)] = None,
        bucket: Bucket = "half_hour",
        queue: Annotated[str, Query(max_length=100)] = "",
    ) -> QueueReport:
        """From today's midnight to the next one, unless said otherwise."""
        start = moment(from_, zone, "from")
        end = moment(to, zone, "to")
        if start is None:
            start = day_start(deps.clock.now() if end is None else end - 1.0, zone)
        if end is None:
            end = (datetime.fromtimestamp(day_start(start, zone), zone) + timedelta(days=1)).timestamp()
        if not 0 < end - start <= _LONGEST_S[bucket]:
            raise Problem(
                422,
                "the period is empty, backwards or too long",
                where="query.to",
                mend="Let 'to' lie after 'from'; choose a larger bucket for a longer period.",
                code="invalid",
            )
        return await deps.reports.queues(start, end, bucket, queue)

    @router.get("/reports/queues", summary="队列报表 Queue report", response_model=QueueReport)
    async def queues(
        _session: Annotated[Session, Depends(guard.user)], report: Annotated[QueueReport, Depends(asked)]
    ) -> Response:
        """Offered, answered, abandoned, answer rate, service levels A–D, ASA and waits, each with its formula."""
        return Response(await asyncio.to_thread(to_json, report), media_type="application/json")

    @router.get("/reports/queues.{kind}", summary="队列报表下载 Queue report as a table", response_class=Response)
    async def queues_sheet(
        kind: Literal["csv", "xlsx"],
        _session: Annotated[Session, Depends(guard.user)],
        report: Annotated[QueueReport, Depends(asked)],
    ) -> Response:
        """The same as CSV or XLSX."""
        return await sheet_response(lambda: report_table(report), kind, "queues")

    return router

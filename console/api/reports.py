"""Queue reports."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Response

from console.api.paper import json_paper, sheet_paper
from console.api.when import moment
from console.deps import ConsoleDeps
from console.guard import Guard
from console.papers import report_file, report_text
from console.problems import Problem
from console.sessions import Session
from console.sheets import Kind
from console.today import day_start
from console.views import Bucket, QueueReport

_LONGEST_S = {"half_hour": 32 * 86_400.0, "hour": 63 * 86_400.0, "day": 800 * 86_400.0, "total": 800 * 86_400.0}


@dataclass(frozen=True, slots=True)
class Asked:
    """A report: epoch seconds, how it is cut, one queue or ("") all."""

    since: float
    until: float
    bucket: Bucket
    queue: str


def reports_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/reports``."""
    router = APIRouter(tags=["reports"])
    zone = ZoneInfo(deps.settings.zone)

    async def asked(
        from_: Annotated[str | None, Query(alias="from", max_length=40)] = None,
        to: Annotated[str | None, Query(max_length=40)] = None,
        bucket: Bucket = "half_hour",
        queue: Annotated[str, Query(max_length=100)] = "",
    ) -> Asked:
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
        return Asked(start, end, bucket, queue)

    @router.get("/reports/queues", summary="队列报表 Queue report", response_model=QueueReport)
    async def queues(
        _session: Annotated[Session, Depends(guard.user)], which: Annotated[Asked, Depends(asked)]
    ) -> Response:
        """Offered, answered, abandoned, answer rate, service levels A–D, ASA and waits, each with its formula."""
        return json_paper(await deps.reading.ask(partial(report_text, **asdict(which))))

    @router.get("/reports/queues.{kind}", summary="队列报表下载 Queue report as a table", response_class=Response)
    async def queues_sheet(
        kind: Kind,
        _session: Annotated[Session, Depends(guard.user)],
        which: Annotated[Asked, Depends(asked)],
    ) -> Response:
        """The same as CSV or XLSX."""
        return sheet_paper(await deps.reading.ask(partial(report_file, **asdict(which), kind=kind)), kind, "queues")

    return router

"""Staffing: calls to be expected on a day, agents needed, and who was there."""

import math
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from functools import partial
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Response

from console.api import API
from console.api.paper import json_paper, sheet_paper
from console.deps import ConsoleDeps
from console.guard import Guard
from console.ports import Queries
from console.problems import Problem, not_found
from console.sessions import Session
from console.sheets import Kind
from console.staffing_papers import staffing_file, staffing_text
from console.staffing_views import StaffingView
from core.errors import ParseError
from reports.erlang import Promise
from reports.staffing import MOST_SHRINKAGE, MOST_WEEKS, StaffingQuery

_CODES: Final = {"day": "too_little_past", "aht": "too_few_talks"}
"""Why the past says too little, as the pages know it."""
_DEFAULT_WITHIN_S: Final = 20.0


def staffing_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/reports/staffing``."""
    router = APIRouter(prefix=API, tags=["reports"])
    zone = deps.settings.zone

    async def asked(
        day: Annotated[date | None, Query()] = None,
        queue: Annotated[str, Query(max_length=100)] = "",
        weeks: Annotated[int, Query(ge=1, le=MOST_WEEKS)] = 8,
        share: Annotated[float, Query(gt=0, lt=1)] = 0.8,
        within: Annotated[float | None, Query(ge=0, le=3600)] = None,
        aht: Annotated[float | None, Query(ge=1, le=36_000)] = None,
        patience: Annotated[float | None, Query(ge=0, le=86_400)] = None,
        shrinkage: Annotated[float, Query(ge=0, le=MOST_SHRINKAGE)] = 0.0,
    ) -> StaffingQuery:
        """Tomorrow, unless said otherwise; ``within`` as the queue promises; ``patience`` 0: endless."""
        queues = {one.id: one for one in deps.directory.queues}
        if queue and queue not in queues:
            raise not_found("queue", queue)
        own_s = queues[queue].service_level_s if queue else _DEFAULT_WITHIN_S
        today = datetime.fromtimestamp(deps.clock.now(), ZoneInfo(zone)).date()
        wanted = day or today + timedelta(days=1)
        if not 1971 <= wanted.year <= 2900:
            raise Problem(422, "not a day that can be planned", where="query.day", code="invalid")
        return StaffingQuery(
            day=wanted,
            queue=queue,
            agents=frozenset(one.id for one in deps.directory.agents if queue in one.queues) if queue else frozenset(),
            weeks=weeks,
            zone=zone,
            promise=Promise(share, own_s if within is None else within),
            handle_s=aht,
            patience_s=math.inf if patience == 0 else patience,
            shrinkage=shrinkage,
        )

    async def made(work: Callable[[Queries], Awaitable[bytes]]) -> bytes:
        try:
            return await deps.reading.ask(work)
        except ParseError as error:
            raise Problem(422, str(error), where=error.where, code=_CODES.get(error.where, "invalid")) from None

    @router.get("/reports/staffing", summary="排班 Staffing", response_model=StaffingView)
    async def staffing(
        _session: Annotated[Session, Depends(guard.user)], query: Annotated[StaffingQuery, Depends(asked)]
    ) -> Response:
        """Forecast, agents needed (Erlang A or C) and who was there, by half hour, each figure with its formula."""
        return json_paper(await made(partial(staffing_text, query=query)))

    @router.get("/reports/staffing.{kind}", summary="排班下载 Staffing as a table", response_class=Response)
    async def staffing_sheet(
        kind: Kind,
        _session: Annotated[Session, Depends(guard.user)],
        query: Annotated[StaffingQuery, Depends(asked)],
    ) -> Response:
        """The same as CSV or XLSX."""
        return sheet_paper(await made(partial(staffing_file, query=query, kind=kind)), kind, "staffing")

    return router

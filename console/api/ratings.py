"""What callers thought of their talks."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Response

from console.api.paper import sheet_paper
from console.api.when import moment
from console.deps import ConsoleDeps
from console.desk_views import RatingsView
from console.guard import Guard
from console.problems import Problem
from console.sessions import Session
from console.sheets import Kind, ratings_table, written
from console.today import day_start
from console.views import FormulaView
from reports.ratings import RATING_FORMULAS

_LONGEST_S = 800 * 86_400.0


@dataclass(frozen=True, slots=True)
class Period:
    """Epoch seconds."""

    since: float
    until: float


def ratings_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/reports/ratings``."""
    router = APIRouter(tags=["reports"])
    zone = ZoneInfo(deps.settings.zone)

    async def asked(
        from_: Annotated[str | None, Query(alias="from", max_length=40)] = None,
        to: Annotated[str | None, Query(max_length=40)] = None,
    ) -> Period:
        """From today's midnight to the next one, unless said otherwise."""
        since = moment(from_, zone, "from")
        if since is None:
            since = day_start(deps.clock.now(), zone)
        until = moment(to, zone, "to")
        if until is None:
            until = (datetime.fromtimestamp(day_start(since, zone), zone) + timedelta(days=1)).timestamp()
        if not 0 < until - since <= _LONGEST_S:
            raise Problem(
                422,
                "the period is empty, backwards or too long",
                where="query.to",
                mend="Let 'to' lie after 'from', by 800 days at most.",
                code="invalid",
            )
        return Period(since, until)

    async def counted(period: Annotated[Period, Depends(asked)]) -> RatingsView:
        report = await deps.desk.ratings(period.since, period.until)
        formulas = {it.key: FormulaView(it.zh, it.en, it.formula_zh, it.formula_en, it.unit) for it in RATING_FORMULAS}
        return RatingsView(report.since, report.until, formulas, report.total, list(report.queues), list(report.agents))

    @router.get("/reports/ratings", summary="满意度 Ratings")
    async def ratings(
        _session: Annotated[Session, Depends(guard.user)], view: Annotated[RatingsView, Depends(counted)]
    ) -> RatingsView:
        """Response rate, mean score and CSAT with its 95 % interval, by queue and by agent."""
        return view

    @router.get("/reports/ratings.{kind}", summary="满意度下载 Ratings as a table", response_class=Response)
    async def sheet(
        kind: Kind, _session: Annotated[Session, Depends(guard.user)], view: Annotated[RatingsView, Depends(counted)]
    ) -> Response:
        """The same as CSV or XLSX."""
        return sheet_paper(written(ratings_table(view), kind), kind, "ratings")

    return router

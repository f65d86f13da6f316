"""What callers thought of their talks."""

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Response

from console.api import API
from console.api.paper import sheet_paper
from console.api.period import TWO_YEARS, Period, asked_period
from console.deps import ConsoleDeps
from console.desk_views import RatingsView
from console.guard import Guard
from console.report_shapes import formula_views
from console.sessions import Session
from console.sheets import Kind, ratings_table, written
from reports.ratings import RATING_FORMULAS


def ratings_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/reports/ratings``."""
    router = APIRouter(prefix=API, tags=["reports"])
    asked = asked_period(ZoneInfo(deps.settings.zone), deps.clock)

    async def counted(period: Annotated[Period, Depends(asked)]) -> RatingsView:
        period.within(TWO_YEARS)
        report = await deps.desk.ratings(period.since, period.until)
        formulas = formula_views(RATING_FORMULAS)
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

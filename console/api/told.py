"""Told waits against what happened."""

from dataclasses import asdict
from functools import partial
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Response
from pydantic_core import to_json

from console.api import API
from console.api.known import reported_queue
from console.api.paper import json_paper
from console.api.period import QUARTER, Period, asked_period
from console.deps import ConsoleDeps
from console.guard import Guard
from console.ports import Queries
from console.sessions import Session
from console.told_views import ToldReport, told_view


def told_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Route ``/reports/told``."""
    router = APIRouter(prefix=API, tags=["reports"])
    period = asked_period(ZoneInfo(deps.settings.zone), deps.clock)

    @router.get("/reports/told", summary="告知等待与实际 Told waits against what happened", response_model=ToldReport)
    async def told(
        _session: Annotated[Session, Depends(guard.user)],
        span: Annotated[Period, Depends(period)],
        queue: Annotated[str, Query(max_length=100)] = "",
    ) -> Response:
        """Share of real waits inside the told 90 % interval, mean error, and the calls outside of it; for callers who
        entered in the period, today unless said otherwise, at most 93 days.
        """
        span.within(QUARTER)
        await reported_queue(deps.directory, deps.reading, queue, span.since, span.until)
        return json_paper(await deps.reading.ask(partial(told_text, **asdict(span), queue=queue)))

    return router


async def told_text(queries: Queries, since: float, until: float, queue: str) -> bytes:
    """``ToldReport`` as JSON."""
    return to_json(told_view(await queries.told.lines(since, until, queue), since, until))

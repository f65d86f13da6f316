"""Told waits against what happened."""

from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Response
from pydantic_core import to_json

from console.api.paper import json_paper
from console.api.when import moment
from console.deps import ConsoleDeps
from console.guard import Guard
from console.ports import Queries
from console.problems import Problem
from console.sessions import Session
from console.today import day_start
from console.told_views import ToldReport, told_view

_LONGEST_S: Final = 93 * 86_400.0


def told_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Route ``/reports/told``."""
    router = APIRouter(tags=["reports"])
    zone = ZoneInfo(deps.settings.zone)

    @router.get("/reports/told", summary="告知等待与实际 Told waits against what happened", response_model=ToldReport)
    async def told(
        _session: Annotated[Session, Depends(guard.user)],
        from_: Annotated[str | None, Query(alias="from", max_length=40)] = None,
        to: Annotated[str | None, Query(max_length=40)] = None,
        queue: Annotated[str, Query(max_length=100)] = "",
    ) -> Response:
        """Share of real waits inside the told 90 % interval, mean error, and the calls outside of it; for callers who
        entered in the period, today unless said otherwise, at most 93 days.
        """
        end = moment(to, zone, "to")
        start = moment(from_, zone, "from")
        if start is None:
            start = day_start(deps.clock.now() if end is None else end - 1.0, zone)
        if end is None:
            end = (datetime.fromtimestamp(day_start(start, zone), zone) + timedelta(days=1)).timestamp()
        if not 0 < end - start <= _LONGEST_S:
            raise Problem(
                422,
                "the period is empty, backwards or longer than 93 days",
                where="query.to",
                mend="Let 'to' lie after 'from', by 93 days at most.",
                code="invalid",
            )
        return json_paper(await deps.reading.ask(partial(told_text, since=start, until=end, queue=queue)))

    return router


async def told_text(queries: Queries, since: float, until: float, queue: str) -> bytes:
    """``ToldReport`` as JSON."""
    return to_json(told_view(await queries.told.lines(since, until, queue), since, until))

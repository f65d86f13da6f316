"""Test calls to our own number: what is configured, how they went, and one right now."""

import math
from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Response

from console.api import API
from console.api.paper import sheet_paper
from console.api.period import Period, day_after
from console.api.when import moment
from console.deps import ConsoleDeps
from console.desk_views import ProbeStarted, ProbesView
from console.guard import Guard, need_role
from console.problems import not_found
from console.sessions import Session
from console.sheets import Kind, probes_table, written

_MOST = 5000
_DAYS = 31


def probes_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/probes``."""
    router = APIRouter(prefix=API, tags=["probes"])
    zone = ZoneInfo(deps.settings.zone)

    async def found(
        from_: Annotated[str | None, Query(alias="from", max_length=40)] = None,
        to: Annotated[str | None, Query(max_length=40)] = None,
    ) -> ProbesView:
        """The last 31 days, unless said otherwise."""
        until = moment(to, zone, "to")
        if until is None:
            until = day_after(deps.clock.now(), zone)
        since = moment(from_, zone, "from")
        if since is None:
            since = (datetime.fromtimestamp(until, zone) - timedelta(days=_DAYS)).timestamp()
        Period(since, until).bounded(
            math.inf, wrong="the period is empty or backwards", mend="Let 'to' lie after 'from'."
        )
        return ProbesView(list(deps.probes.probes()), list(await deps.probe_runs.runs(since, until, limit=_MOST)))

    @router.get("/probes", summary="拨测 Test calls")
    async def probes(
        _session: Annotated[Session, Depends(guard.user)], view: Annotated[ProbesView, Depends(found)]
    ) -> ProbesView:
        """What is configured, and the runs of a period (5,000 at most): rings, menu, wait, answered by whom."""
        return view

    @router.get("/probes.{kind}", summary="拨测下载 Test calls as a table", response_class=Response)
    async def sheet(
        kind: Kind, _session: Annotated[Session, Depends(guard.user)], view: Annotated[ProbesView, Depends(found)]
    ) -> Response:
        """The runs as CSV or XLSX."""
        return sheet_paper(written(probes_table(view.runs, zone), kind), kind, "probes")

    @router.post("/probes/{probe}/run", status_code=202, summary="立即拨测 Call now")
    async def run(probe: str, session: Annotated[Session, Depends(guard.user)]) -> ProbeStarted:
        """One call at once; ``probe.ended`` in the events says how it went. 409 where one is under way."""
        need_role(session, "supervisor", "admin")
        if all(one.name != probe for one in deps.probes.probes()):
            raise not_found("probe", probe)
        return ProbeStarted(deps.probes.start(probe, session.name))

    return router

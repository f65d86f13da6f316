"""Calls: the list, the list as a table, and one of them."""

from dataclasses import replace
from functools import partial
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Response

from console.api import API
from console.api.call_query import CallQuery, filter_of
from console.api.paper import json_paper, sheet_paper
from console.deps import ConsoleDeps
from console.guard import Guard
from console.masks import mask_detail
from console.papers import calls_file, calls_list
from console.ports import CallFilter, CallQueries
from console.problems import not_found
from console.sessions import Session
from console.sheets import Kind
from console.views import CallDetail, CallPage


async def known_call(calls: CallQueries, call_id: str) -> CallDetail:
    """The call of that id; 404 where there is none."""
    detail = await calls.call(call_id)
    if detail is None:
        raise not_found("call", call_id)
    return detail


def calls_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/calls`` and ``/calls/{call_id}``."""
    router = APIRouter(prefix=API, tags=["calls"])
    zone = ZoneInfo(deps.settings.zone)

    async def filtered(asked: Annotated[CallQuery, Depends()]) -> CallFilter:
        return await filter_of(asked, zone, deps.reading, deps.clock.now())

    @router.get("/calls", summary="通话记录 Calls", response_model=CallPage)
    async def calls(
        session: Annotated[Session, Depends(guard.user)],
        which: Annotated[CallFilter, Depends(filtered)],
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    ) -> Response:
        """Newest first. ``number`` is part of either number; ``text`` was said; ``behind`` names a figure of the queue
        report and opens the calls that were counted in it, ``attempted`` one of ``campaign``.
        """
        wanted = partial(calls_list, which=which, limit=limit, offset=offset, whole=session.sees_numbers)
        return json_paper(await deps.reading.ask(wanted))

    @router.get("/calls.{kind}", summary="通话记录下载 Calls as a table", response_class=Response)
    async def calls_sheet(
        kind: Kind,
        session: Annotated[Session, Depends(guard.user)],
        which: Annotated[CallFilter, Depends(filtered)],
    ) -> Response:
        """The first 10,000 calls of the list as CSV or XLSX."""
        wanted = partial(calls_file, which=which, zone=zone, kind=kind, whole=session.sees_numbers)
        return sheet_paper(await deps.reading.ask(wanted), kind, "calls")

    @router.get("/calls/{call_id}", summary="一次通话 One call")
    async def call(call_id: str, session: Annotated[Session, Depends(guard.user)]) -> CallDetail:
        """All that is known of a call: parties, waits, recordings and its events in order."""
        detail = mask_detail(await known_call(deps.calls, call_id), session)
        return replace(detail, recording_state=deps.recorder.state(call_id))

    return router

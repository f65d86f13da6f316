"""What owners say of replacing their cars: put down by agents, listed for supervisors."""

import asyncio
from datetime import date
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field

from console.api import API
from console.api.calls import known_call
from console.api.paper import sheet_paper
from console.deps import ConsoleDeps
from console.guard import Guard, need_role
from console.problems import Problem
from console.sessions import Session
from console.sheets import Kind, written
from console.tradein_papers import interests_table
from console.tradein_ports import TradeinControl
from console.tradein_views import InterestedView, InterestPage, WordView
from core.errors import ParseError
from core.numbers import customer_number, normalise
from desk.interest import Interest
from store.interests import Said, Which

_MOST: Final = 100_000
_PIECE: Final = 500


class WantedInterest(BaseModel):
    """How much he would replace the car ``vehicle`` (VIN or plate; left out: none is named), in his own words in
    ``note``. ``agent`` is who talked with him, where a supervisor says so (left out: the last one of the call).
    """

    level: Interest
    vehicle: str = Field(default="", max_length=40)
    note: str = Field(default="", max_length=500)
    agent: str = Field(default="", max_length=32)


def interests_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/calls/{call_id}/interest`` and ``/tradein/interests``."""
    router = APIRouter(prefix=API)
    zone = ZoneInfo(deps.settings.zone)

    def control() -> TradeinControl:
        if deps.tradein is None:
            raise Problem(503, "trade-in is kept by the running service only", code="unavailable")
        return deps.tradein

    @router.post(
        "/calls/{call_id}/interest", tags=["calls"], status_code=201, summary="置换意向 Interest in a trade-in"
    )
    async def say(
        call_id: str, wanted: WantedInterest, session: Annotated[Session, Depends(guard.user)]
    ) -> list[WordView]:
        """An agent puts down what the customer said in the talk that he is in, or in his wrap-up; supervisors of any
        talk, at any time. All words are kept, the last one on a car stands; the answer has them, the newest first.
        ``refused`` bars his number as well. 409 where the call is with nobody who has a number, 422 where the customer
        has no such car.
        """
        call = (await known_call(deps.calls, call_id)).call
        try:
            number = normalise(customer_number(call.direction, call.ani, call.dnis))
        except ParseError:
            raise Problem(409, "this call is with nobody whose number is known", code="not_in_this_state") from None
        if session.role == "agent" and session.agent and wanted.agent in ("", session.agent):
            said = Said(wanted.level, wanted.vehicle.strip(), wanted.note.strip(), session.agent, session.name)
            await control().own(call_id, number, said)
        else:
            need_role(session, "supervisor", "admin")
            agent = wanted.agent or call.agent
            said = Said(wanted.level, wanted.vehicle.strip(), wanted.note.strip(), agent, session.name)
            await control().later(call_id, number, said)
        return list(await control().words(number))

    def asked(
        level: Annotated[list[Interest], Query(max_length=len(Interest))] = [],  # noqa: B006 - nobody changes it
        agent: Annotated[str, Query(max_length=32)] = "",
        since: date | None = None,
        until: date | None = None,
        due: bool = False,
        all_words: Annotated[bool, Query(alias="all")] = False,
    ) -> Which:
        """Words of these levels (none: all), heard by this agent, from ``since`` to ``until``; ``due``: of those whom
        it is time to call again; ``all``: also those that a later one replaced.
        """
        return Which(tuple(level), agent, since, until, standing=not all_words, due=due)

    @router.get("/tradein/interests", tags=["campaigns"], summary="置换意向名单 Interests in a trade-in")
    async def interests(
        _session: Annotated[Session, Depends(guard.trusted)],
        which: Annotated[Which, Depends(asked)],
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
        offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    ) -> InterestPage:
        """What owners said, the newest first, and when each is called again to keep in touch."""
        return await control().interests(which, limit=limit, offset=offset)

    @router.get(
        "/tradein/interests.{kind}",
        tags=["campaigns"],
        summary="置换意向名单下载 Interests as a table",
        response_class=Response,
    )
    async def sheet(
        kind: Kind, _session: Annotated[Session, Depends(guard.trusted)], which: Annotated[Which, Depends(asked)]
    ) -> Response:
        """The same as CSV or XLSX, with whole numbers."""
        found: list[InterestedView] = []
        while len(found) < _MOST:
            page = await control().interests(which, limit=_PIECE, offset=len(found))
            found += page.items
            if len(page.items) < _PIECE:
                break
        body = await asyncio.to_thread(lambda: written(interests_table(found, zone), kind))
        return sheet_paper(body, kind, "interests")

    return router

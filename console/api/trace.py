"""The SIP trace: switched on and off, looked at as a ladder, taken away as a capture file. For admins only."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field

from console.api import API
from console.api.calls import known_call
from console.deps import ConsoleDeps
from console.guard import Guard, need_role
from console.sessions import Session
from console.trace_views import TraceRung, TraceState

_MOST: Final = 500


class WantedTrace(BaseModel):
    """On or off; ``numbers`` (as they are on the wire) narrow it to their calls."""

    on: bool
    numbers: list[Annotated[str, Field(pattern=r"^\+?[0-9A-Za-z*#._-]{2,32}$")]] = Field(default=[], max_length=20)


def trace_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/trace``, ``/trace/messages``, ``/trace.pcap`` and ``/calls/{call_id}/ladder``."""
    router = APIRouter(prefix=API, tags=["trace"])

    async def admin(session: Annotated[Session, Depends(guard.user)]) -> Session:
        need_role(session, "admin")
        return session

    @router.get("/trace", summary="SIP 跟踪状态 Trace")
    async def state(_session: Annotated[Session, Depends(admin)]) -> TraceState:
        """Whether messages are kept, of whom, and how many."""
        return deps.trace.state()

    @router.put("/trace", summary="开关 SIP 跟踪 Switch the trace")
    async def switch(wanted: WantedTrace, session: Annotated[Session, Depends(admin)]) -> TraceState:
        """Switching on forgets what was kept before. Who switched is in the log."""
        deps.trace.switch(on=wanted.on, numbers=tuple(wanted.numbers), by=session.name)
        return deps.trace.state()

    @router.get("/trace/messages", summary="SIP 报文 Messages")
    async def messages(
        _session: Annotated[Session, Depends(admin)],
        after: Annotated[int, Query(ge=0)] = 0,
        call: Annotated[str, Query(max_length=64)] = "",
    ) -> list[TraceRung]:
        """At most 500, in order: those with a serial above ``after``, of one call if ``call`` names it."""
        return deps.trace.rungs(call, after)[:_MOST]

    @router.get("/trace.pcap", summary="抓包文件 Capture file", response_class=Response)
    async def capture(
        _session: Annotated[Session, Depends(admin)], call: Annotated[str, Query(max_length=64)] = ""
    ) -> Response:
        """All that is kept, or one call, for Wireshark."""
        return Response(
            deps.trace.pcap(call),
            media_type="application/vnd.tcpdump.pcap",
            headers={"Content-Disposition": 'attachment; filename="line400.pcap"'},
        )

    @router.get("/calls/{call_id}/ladder", summary="信令图 Ladder of a call")
    async def ladder_of(call_id: str, _session: Annotated[Session, Depends(admin)]) -> list[TraceRung]:
        """The messages of all legs of the call, in order; empty where the trace was off."""
        await known_call(deps.calls, call_id)
        return deps.trace.rungs(call_id, 0)[:_MOST]

    return router

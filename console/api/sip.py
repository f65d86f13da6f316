"""SIP messages counted by method and response code."""

from typing import Annotated

from fastapi import APIRouter, Depends

from console.api import API
from console.deps import ConsoleDeps
from console.guard import Guard, need_role
from console.operation_views import SipCounts
from console.sessions import Session


def sip_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Route ``/sip/counts``."""
    router = APIRouter(prefix=API, tags=["sip"])

    @router.get("/sip/counts", summary="SIP 计数 SIP messages counted")
    async def counts(session: Annotated[Session, Depends(guard.user)]) -> SipCounts:
        """Since the start, by direction, method and response code."""
        need_role(session, "supervisor", "admin")
        return deps.sip.counts()

    return router

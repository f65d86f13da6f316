"""How the carriers' trunks stand now."""

from typing import Annotated

from fastapi import APIRouter, Depends

from console.api import API
from console.deps import ConsoleDeps
from console.guard import Guard, need_role
from console.sessions import Session
from console.views import TrunkView


def trunks_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Route ``/trunks``."""
    router = APIRouter(prefix=API, tags=["trunks"])

    @router.get("/trunks", summary="中继状态 Trunks")
    async def trunks(session: Annotated[Session, Depends(guard.user)]) -> list[TrunkView]:
        """Each trunk in the order of the configuration: registration, calls, and every address of its carrier. For
        admins and supervisors.
        """
        need_role(session, "admin", "supervisor")
        return list(deps.trunks.trunks())

    return router

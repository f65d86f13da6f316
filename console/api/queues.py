"""Queues: whether they take callers now, and where callers go whom they do not serve."""

from typing import Annotated

from fastapi import APIRouter, Depends

from console.api import API
from console.deps import ConsoleDeps
from console.guard import Guard, need_role
from console.queue_views import QueueHoursView, QueueStateView
from console.sessions import Session


def queues_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Route ``/queues``."""
    router = APIRouter(prefix=API, tags=["queues"])

    @router.get("/queues", summary="队列 Queues")
    async def queues(session: Annotated[Session, Depends(guard.user)]) -> list[QueueStateView]:
        """Each queue in the order of the configuration. For supervisors and admins: the rules may name numbers."""
        need_role(session, "supervisor", "admin")
        return list(deps.queues.queues()) if deps.queues is not None else []

    @router.get("/queues/hours", summary="队列开放时间 Queues' opening")
    async def opening(_session: Annotated[Session, Depends(guard.user)]) -> list[QueueHoursView]:
        """Which queues are open now, closed or closed for a holiday, and when those open next."""
        rows = deps.queues.queues() if deps.queues is not None else ()
        return [QueueHoursView(row.id, row.title, row.status, row.opens_at) for row in rows]

    return router

"""Queues: whether they take callers now, and where callers go whom they do not serve."""

from typing import Annotated

from fastapi import APIRouter, Depends

from console.deps import ConsoleDeps
from console.guard import Guard, need_role
from console.queue_views import QueueStateView
from console.sessions import Session


def queues_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Route ``/queues``."""
    router = APIRouter(tags=["queues"])

    @router.get("/queues", summary="队列 Queues")
    async def queues(session: Annotated[Session, Depends(guard.user)]) -> list[QueueStateView]:
        """Each queue in the order of the configuration. For supervisors and admins: the rules may name numbers."""
        need_role(session, "supervisor", "admin")
        return list(deps.queues.queues()) if deps.queues is not None else []

    return router

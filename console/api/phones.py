"""Agents' phones: which there are, where, and whether they answer. For supervisors and admins: it shows addresses."""

from typing import Annotated

from fastapi import APIRouter, Depends

from console.api import API
from console.deps import ConsoleDeps
from console.guard import Guard, need_role
from console.phone_views import PhoneView
from console.sessions import Session


def phones_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Route ``/phones``."""
    router = APIRouter(prefix=API, tags=["phones"])

    @router.get("/phones", summary="话机 Phones")
    async def phones(session: Annotated[Session, Depends(guard.user)]) -> list[PhoneView]:
        """Every phone that is registered or fixed, by agent in the order of the configuration."""
        need_role(session, "supervisor", "admin")
        return list(deps.phones.phones()) if deps.phones is not None else []

    return router

"""Whom a campaign has called, for the agent who talks with him."""

from typing import Annotated

from fastapi import APIRouter, Depends

from console.api import API
from console.deps import ConsoleDeps
from console.guard import Guard
from console.sessions import Session
from desk.contact_card import ContactCard


def contact_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Route ``/calls/{call_id}/contact``."""
    router = APIRouter(prefix=API, tags=["campaigns"])

    @router.get("/calls/{call_id}/contact", summary="外呼对象 Whom a campaign has called")
    async def contact(call_id: str, _session: Annotated[Session, Depends(guard.user)]) -> ContactCard | None:
        """What the campaign's list says of whom it has called in this call: name and the other columns of his row; null
        for any other call.
        """
        return None if deps.contacts is None else await deps.contacts.of_call(call_id)

    return router

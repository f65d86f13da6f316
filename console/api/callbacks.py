"""Customers who are to be called back: who they are, and what a supervisor may do about it."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends

from console.api import API
from console.callback_views import CallbackView
from console.deps import ConsoleDeps
from console.guard import Guard
from console.problems import not_found
from console.sessions import Session
from core.numbers import mask


def callbacks_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/callbacks``."""
    router = APIRouter(prefix=API, tags=["callbacks"])

    @router.get("/callbacks", summary="待回呼 Customers to call back")
    async def callbacks(session: Annotated[Session, Depends(guard.user)]) -> list[CallbackView]:
        """Those who are still to be called, the oldest promise first."""
        rows = deps.callbacks.callbacks() if deps.callbacks is not None else []
        return [row if session.sees_numbers else replace(row, number=mask(row.number)) for row in rows]

    @router.post("/callbacks/{callback}/cancel", status_code=202, summary="取消回呼 Cancel a callback")
    async def cancel(callback: str, session: Annotated[Session, Depends(guard.trusted)]) -> None:
        """Nobody is to be called any more. Where the customer is being called just now, it holds if he is not reached.
        Who did it is in the log. 404 where there is no such promise (any more).
        """
        if deps.callbacks is None or not deps.callbacks.cancel(callback, session.name):
            raise not_found("callback", callback)

    @router.post("/callbacks/{callback}/call", status_code=202, summary="立即回呼 Call back now")
    async def call(callback: str, session: Annotated[Session, Depends(guard.trusted)]) -> None:
        """The next agent who is free takes it, before all who wait, whatever is left of the pause since the last try.
        Who did it is in the log. 404 where there is no such promise (any more), 409 while he is being called.
        """
        if deps.callbacks is None or not deps.callbacks.hasten(callback, session.name):
            raise not_found("callback", callback)

    return router

"""Trade-in: the replacement cycle that was fitted last."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from campaigns.tradein.cycle import Cycle
from console.api.paper import json_paper
from console.deps import ConsoleDeps
from console.guard import Guard
from console.sessions import Session


def tradein_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Route ``/tradein/cycle``."""
    router = APIRouter(tags=["campaigns"])

    @router.get("/tradein/cycle", summary="换车周期 Replacement cycles", response_model=Cycle | None)
    async def cycle(_session: Annotated[Session, Depends(guard.user)]) -> Response:
        """Medians and curves of all models, with 95 % intervals; null where no cycle was fitted."""
        text = None if deps.records is None else await deps.records.cycle_text()
        return json_paper((text or "null").encode())

    return router

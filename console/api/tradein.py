"""Trade-in: the replacement cycle that was fitted last, and the cars in stock."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from campaigns.tradein.cycle import Cycle
from console.api.paper import json_paper
from console.deps import ConsoleDeps
from console.guard import Guard
from console.sessions import Session
from desk.records import StockCar, StockCount


def tradein_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/tradein/cycle`` and ``/stock``."""
    router = APIRouter(tags=["campaigns"])

    @router.get("/tradein/cycle", summary="换车周期 Replacement cycles", response_model=Cycle | None)
    async def cycle(_session: Annotated[Session, Depends(guard.user)]) -> Response:
        """Medians and curves of all models, with 95 % intervals; null where no cycle was fitted."""
        text = None if deps.records is None else await deps.records.cycle_text()
        return json_paper((text or "null").encode())

    @router.get("/stock", summary="库存 Cars in stock")
    async def stock(_session: Annotated[Session, Depends(guard.user)]) -> Sequence[StockCount]:
        """How many there are of each model: here, coming, reserved."""
        return [] if deps.records is None else await deps.records.stock()

    @router.get("/stock/{model}", summary="一个车型的库存 Cars of a model in stock")
    async def stock_of(
        model: str,
        _session: Annotated[Session, Depends(guard.user)],
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> Sequence[StockCar]:
        """Those that are not sold, the longest here first."""
        return [] if deps.records is None else await deps.records.stock_of(model, limit=limit)

    return router

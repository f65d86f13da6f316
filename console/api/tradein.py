"""Trade-in: the replacement cycle that was fitted last, who is likeliest to replace, and the cars in stock."""

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response

from campaigns.tradein.cycle import Cycle
from console.api import API
from console.api.paper import json_paper
from console.deps import ConsoleDeps
from console.guard import Guard
from console.sessions import Session
from console.tradein_views import RankingPage
from desk.records import StockCar, StockCount


def tradein_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/tradein/cycle``, ``/tradein/ranking`` and ``/stock``."""
    router = APIRouter(prefix=API, tags=["campaigns"])

    @router.get("/tradein/cycle", summary="换车周期 Replacement cycles", response_model=Cycle | None)
    async def cycle(_session: Annotated[Session, Depends(guard.user)]) -> Response:
        """Medians and curves of all models, with 95 % intervals; null where no cycle was fitted."""
        text = None if deps.records is None else await deps.records.cycle_text()
        return json_paper((text or "null").encode())

    @router.get("/tradein/ranking", summary="换车可能排名 Who is likeliest to replace")
    async def ranking(
        _session: Annotated[Session, Depends(guard.trusted)],
        months: Literal["3", "6", "12"] = "6",
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
        offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    ) -> RankingPage:
        """Owners in the order of their chance to replace within ``months``, as the cycle was fitted last, each with the
        reason, the offer in force and what he said of it.
        """
        if deps.tradein is None:
            return RankingPage([], 0)
        return await deps.tradein.ranking(int(months), limit=limit, offset=offset)

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

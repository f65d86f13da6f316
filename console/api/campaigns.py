"""Campaigns: progress and results."""

from collections.abc import Sequence
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Response

from console.deps import ConsoleDeps
from console.guard import Guard
from console.masks import mask_result
from console.problems import not_found
from console.sessions import Session
from console.sheets import results_table, sheet_response
from console.views import CampaignResult, CampaignView

_EXPORT_MOST = 100_000


def campaigns_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/campaigns``."""
    router = APIRouter(tags=["campaigns"])
    zone = ZoneInfo(deps.settings.zone)

    async def known(campaign: str) -> CampaignView:
        view = await deps.campaigns.campaign(campaign)
        if view is None:
            raise not_found("campaign", campaign)
        return view

    @router.get("/campaigns", summary="外呼任务 Campaigns")
    async def campaigns(_session: Annotated[Session, Depends(guard.user)]) -> Sequence[CampaignView]:
        """All dial lists with their progress."""
        return await deps.campaigns.campaigns()

    @router.get("/campaigns/{campaign}", summary="一个外呼任务 One campaign")
    async def campaign_by_id(campaign: str, _session: Annotated[Session, Depends(guard.user)]) -> CampaignView:
        """One dial list with its progress."""
        return await known(campaign)

    @router.get("/campaigns/{campaign}/results", summary="外呼结果 Results")
    async def results(
        campaign: str,
        session: Annotated[Session, Depends(guard.user)],
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
        offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    ) -> list[CampaignResult]:
        """Its contacts with what came of them."""
        await known(campaign)
        return [mask_result(r, session) for r in await deps.campaigns.results(campaign, limit=limit, offset=offset)]

    @router.get("/campaigns/{campaign}/results.{kind}", summary="外呼结果下载 Results", response_class=Response)
    async def results_sheet(
        campaign: str, kind: Literal["csv", "xlsx"], session: Annotated[Session, Depends(guard.user)]
    ) -> Response:
        """All of them as CSV or XLSX, a column for each question."""
        await known(campaign)
        found = await deps.campaigns.results(campaign, limit=_EXPORT_MOST, offset=0)
        return await sheet_response(
            lambda: results_table([mask_result(result, session) for result in found], zone), kind, "results"
        )

    return router

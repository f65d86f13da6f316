"""Campaigns: progress and results."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated, TypeAlias
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Response

from campaigns.contact_filter import ContactFilter
from console.api import API
from console.api.contact_query import ContactQuery
from console.api.paper import json_paper, sheet_paper
from console.campaign_report_views import CampaignReportView
from console.deps import ConsoleDeps
from console.guard import Guard
from console.masks import mask_result
from console.papers import campaign_report_file, campaign_report_text, results_file, results_found
from console.problems import Problem, not_found
from console.result_views import CampaignResult, ContactCount
from console.sessions import Session
from console.sheets import Kind
from console.views import CampaignView

_Days: TypeAlias = Annotated[int, Query(ge=1, le=730)]
_Round: TypeAlias = Annotated[int, Query(alias="round", ge=0, le=100_000, description="0: all rounds")]


def campaigns_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/campaigns``."""
    router = APIRouter(prefix=API, tags=["campaigns"])
    zone = ZoneInfo(deps.settings.zone)

    async def known(campaign: str) -> CampaignView:
        view = await deps.campaigns.campaign(campaign)
        if view is None:
            raise not_found("campaign", campaign)
        return view

    async def known_round(campaign: str, chosen: int) -> None:
        await known(campaign)
        if chosen > 1 and chosen > (rounds := await deps.campaigns.rounds(campaign)):
            mend = f"Take one of 1 to {rounds}, or 0 for all rounds."
            raise Problem(404, f"no round {chosen}", where="round", mend=mend, code="no_such")

    @router.get("/campaigns", summary="外呼任务 Campaigns")
    async def campaigns(_session: Annotated[Session, Depends(guard.user)]) -> Sequence[CampaignView]:
        """All dial lists with their progress."""
        return await deps.campaigns.campaigns()

    @router.get("/campaigns/{campaign}", summary="一个外呼任务 One campaign")
    async def campaign_by_id(campaign: str, _session: Annotated[Session, Depends(guard.user)]) -> CampaignView:
        """One dial list with its progress."""
        return await known(campaign)

    async def fitting(asked: Annotated[ContactQuery, Depends()]) -> ContactFilter:
        return asked.filter(zone.key, deps.clock.now())

    @router.get("/campaigns/{campaign}/results", summary="外呼结果 Results")
    async def results(
        campaign: str,
        session: Annotated[Session, Depends(guard.user)],
        which: Annotated[ContactFilter, Depends(fitting)],
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
        offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    ) -> list[CampaignResult]:
        """Its contacts with what came of them: those behind a figure, or whose name or number has ``text`` in it. With
        a ``round``, as they stood in it; ``stage`` is one of its conversion, within ``days``.
        """
        await known(campaign)
        found = await deps.campaigns.results(campaign, which, limit=limit, offset=offset)
        return list(found) if session.sees_numbers else [mask_result(result) for result in found]

    @router.get("/campaigns/{campaign}/results/count", summary="外呼结果人数 How many results")
    async def results_count(
        campaign: str,
        _session: Annotated[Session, Depends(guard.user)],
        which: Annotated[ContactFilter, Depends(fitting)],
    ) -> ContactCount:
        """How many contacts the same question finds in all."""
        await known(campaign)
        return ContactCount(await deps.reading.ask(partial(results_found, campaign=campaign, which=which)))

    @router.get("/campaigns/{campaign}/results.{kind}", summary="外呼结果下载 Results", response_class=Response)
    async def results_sheet(
        campaign: str,
        kind: Kind,
        session: Annotated[Session, Depends(guard.user)],
        which: Annotated[ContactFilter, Depends(fitting)],
    ) -> Response:
        """All of them, or those asked for, as CSV or XLSX, a column for each question. 422 beyond 100,000 rows."""
        await known(campaign)
        wanted = partial(results_file, campaign=campaign, which=which, zone=zone, kind=kind, whole=session.sees_numbers)
        return sheet_paper(await deps.reading.ask(wanted), kind, "results")

    @router.get(
        "/campaigns/{campaign}/report", summary="外呼报告 Report of a campaign", response_model=CampaignReportView
    )
    async def report(
        campaign: str, _session: Annotated[Session, Depends(guard.user)], days: _Days = 30, chosen: _Round = 0
    ) -> Response:
        """Attempts, whom they reached, by result, attempt, hour of the day and of the week with 95 % Wilson intervals;
        what agents said came of it; the survey's answers, each version of its file apart; who came and bought within
        ``days`` after he was reached; and what that is more than those did who were held out of it. ``round``: of that
        round alone, where people were called anew.
        """
        await known_round(campaign, chosen)
        wanted = partial(campaign_report_text, campaign=campaign, days=days, now=deps.clock.now(), chosen=chosen)
        return json_paper(await deps.reading.ask(wanted))

    @router.get("/campaigns/{campaign}/report.{kind}", summary="外呼报告下载 Report", response_class=Response)
    async def report_sheet(
        campaign: str,
        kind: Kind,
        _session: Annotated[Session, Depends(guard.user)],
        days: _Days = 30,
        chosen: _Round = 0,
    ) -> Response:
        """The same as CSV or XLSX."""
        await known_round(campaign, chosen)
        wanted = partial(
            campaign_report_file, campaign=campaign, days=days, now=deps.clock.now(), kind=kind, chosen=chosen,
            titles={it.id: it.zh for it in deps.directory.surveys},
        )  # fmt: skip
        return sheet_paper(await deps.reading.ask(wanted), kind, "campaign-report")

    return router

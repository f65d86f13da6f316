"""Where a campaign stands: once over HTTP, or over a WebSocket as it changes."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, WebSocket
from pydantic import TypeAdapter

from console.api import API
from console.api.pushing import COME_AGAIN, POLICY, Readers
from console.deps import ConsoleDeps
from console.guard import Guard
from console.problems import Problem, not_found
from console.sessions import Session
from core.errors import Unavailable
from reports.campaign_live import CampaignLive

MOST_READERS: Final = 100
_LIVE: Final = TypeAdapter(CampaignLive)


def campaign_live_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/campaigns/{campaign}/live`` and, as a WebSocket, ``/campaign-events/{campaign}``."""
    router = APIRouter(prefix=API, tags=["campaigns"])
    readers = Readers(MOST_READERS, guard.reads)

    @router.get("/campaigns/{campaign}/live", summary="任务进度 Where it stands")
    async def live(campaign: str, _session: Annotated[Session, Depends(guard.user)]) -> CampaignLive:
        """The list, who is on the line, results so far, speed in attempts an hour and the end at that speed."""
        if deps.campaign_watch is None:
            raise Problem(503, "campaigns are watched by the running service only", code="unavailable")
        if await deps.campaigns.campaign(campaign) is None:
            raise not_found("campaign", campaign)
        found = await deps.campaign_watch.of(campaign)
        if found is None:
            raise not_found("campaign", campaign)
        return found

    @router.websocket("/campaign-events/{campaign}")
    async def events(socket: WebSocket, campaign: str) -> None:
        watch = deps.campaign_watch
        if watch is None:
            await socket.close(COME_AGAIN)
            return
        try:
            if not await guard.reads(socket) or await deps.campaigns.campaign(campaign) is None:
                await socket.close(POLICY)
                return
            await watch.of(campaign)  # kept current from here on
        except Unavailable:
            await socket.close(COME_AGAIN)
            return
        await readers.serve(socket, lambda: watch.current.get(campaign), _text)

    return router


def _text(live: CampaignLive) -> str:
    return f'{{"kind":"campaign",{_LIVE.dump_json(live).decode()[1:]}'

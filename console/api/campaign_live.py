"""Where a campaign stands: once over HTTP, or pushed over a WebSocket whenever it changes, at most twice a second."""

import asyncio
from typing import Annotated, Final

from fastapi import APIRouter, Depends, WebSocket, WebSocketDisconnect
from pydantic import TypeAdapter

from console.api.socket_end import until_gone
from console.campaign_watch import CampaignWatch
from console.deps import ConsoleDeps
from console.guard import Guard, same_origin, token_of
from console.problems import Problem, not_found
from console.sessions import Session
from core.errors import Unavailable
from reports.campaign_live import CampaignLive

BEAT_S: Final = 5.0
MOST_READERS: Final = 100
_EVERY_S: Final = 0.5
_POLICY: Final = 1008
_TOO_MANY: Final = 1013
_ENDED: Final = 4401
_LIVE: Final = TypeAdapter(CampaignLive)


def campaign_live_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/campaigns/{campaign}/live`` and, as a WebSocket, ``/campaign-events/{campaign}``."""
    router = APIRouter(tags=["campaigns"])
    readers = _Readers(deps, guard)

    @router.get("/campaigns/{campaign}/live", summary="任务进度 Where it stands")
    async def live(campaign: str, _session: Annotated[Session, Depends(guard.user)]) -> CampaignLive:
        """The list, who is on the line, results so far, speed in attempts an hour and the end at that speed."""
        if deps.campaign_watch is None:
            raise Problem(503, "campaigns are watched by the running service only", code="unavailable")
        if await deps.campaigns.campaign(campaign) is None:
            raise not_found("campaign", campaign)
        return await deps.campaign_watch.of(campaign)

    @router.websocket("/campaign-events/{campaign}")
    async def events(socket: WebSocket, campaign: str) -> None:
        await readers.serve(socket, campaign)

    return router


class _Readers:
    """Pages that look at a campaign."""

    def __init__(self, deps: ConsoleDeps, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._open = 0

    async def serve(self, socket: WebSocket, campaign: str) -> None:
        """Send its figures for as long as the page listens and its session holds."""
        watch = self._deps.campaign_watch
        if watch is None or self._open >= MOST_READERS:
            await socket.close(_TOO_MANY)
            return
        if not await self._may(socket) or await self._deps.campaigns.campaign(campaign) is None:
            await socket.close(_POLICY)
            return
        self._open += 1
        try:
            await socket.accept()
            async with asyncio.TaskGroup() as group:
                sending = group.create_task(self._send(socket, watch, campaign))
                group.create_task(until_gone(socket, sending))
        except* WebSocketDisconnect:
            pass
        except* Unavailable:  # the figures cannot be read now: come again
            await socket.close(_TOO_MANY)
        finally:
            self._open -= 1

    async def _send(self, socket: WebSocket, watch: CampaignWatch, campaign: str) -> None:
        loop = asyncio.get_running_loop()
        beat_at, sent = 0.0, None
        await watch.of(campaign)
        while True:
            now = loop.time()
            if now >= beat_at and not await self._may(socket):
                await socket.close(_ENDED, "the session has ended")
                return
            live = watch.current[campaign]
            if now >= beat_at or live is not sent:
                beat_at, sent = now + BEAT_S, live
                await socket.send_text(f'{{"kind":"campaign",{_LIVE.dump_json(live).decode()[1:]}')
            await asyncio.sleep(_EVERY_S)

    async def _may(self, socket: WebSocket) -> bool:
        session, token = await self._guard.find(socket, prolong=False), token_of(socket)
        if session is None or token is None or session.must_change:
            return False
        return not token.cookie or same_origin(socket)

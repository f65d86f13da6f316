"""An agent's own page: what he is doing, his wrap-up, and who it is that calls."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from console.agent_desk_views import DeskView
from console.api import API
from console.deps import ConsoleDeps
from console.feed import Feed
from console.guard import Guard, need_role
from console.masks import mask_call
from console.problems import not_found
from console.sessions import Session
from console.views import CallRow


def agent_desk_router(deps: ConsoleDeps, guard: Guard, feed: Feed) -> APIRouter:
    """Routes ``/agents/{agent}/desk``, ``/agents/{agent}/wrap-up`` and ``/calls/{call_id}/earlier``."""
    router = APIRouter(prefix=API, tags=["agents"])

    async def asker(agent: str, session: Annotated[Session, Depends(guard.user)]) -> str:
        """Who asks in the agent's place, "" where he does himself; 403 for others than supervisors."""
        by = "" if session.agent == agent else session.name
        if by:
            need_role(session, "supervisor", "admin")
        if feed.board.agent(agent) is None:
            raise not_found("agent", agent)
        return by

    def view(agent: str) -> DeskView:
        live, work = feed.board.agent(agent), deps.agent_desks.now(agent)
        if live is None:
            raise not_found("agent", agent)
        return DeskView(live, work)

    @router.get("/agents/{agent}/desk", summary="我的坐席 My desk")
    async def desk(agent: str, _by: Annotated[str, Depends(asker)]) -> DeskView:
        """What the agent is doing, the call that he has, and his wrap-up: for himself and for supervisors."""
        return view(agent)

    @router.post("/agents/{agent}/wrap-up/extend", status_code=202, summary="延长话后 Extend the wrap-up")
    async def extend(agent: str, by: Annotated[str, Depends(asker)]) -> DeskView:
        """More time for notes, as often and as long as the queue allows; 409 where there is no more, or no wrap-up."""
        deps.agent_desks.extend(agent, by)
        return view(agent)

    @router.post("/agents/{agent}/wrap-up/finish", status_code=202, summary="结束话后 End the wrap-up")
    async def finish(agent: str, by: Annotated[str, Depends(asker)]) -> DeskView:
        """The notes are done; 409 where there is no wrap-up."""
        deps.agent_desks.finish(agent, by)
        return view(agent)

    @router.get("/calls/{call_id}/earlier", summary="同一号码以前的通话 Earlier calls with the number")
    async def earlier(
        call_id: str,
        session: Annotated[Session, Depends(guard.user)],
        limit: Annotated[int, Query(ge=1, le=50)] = 5,
    ) -> list[CallRow]:
        """The calls before this one from the same number, and (direction outbound) ours to it, the newest first. Empty
        for a call of nobody.
        """
        rows = await deps.earlier.earlier(call_id, limit=limit)
        return [row if session.sees_numbers else mask_call(row) for row in rows]

    return router

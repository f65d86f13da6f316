"""Agents: how they are, and asking for another state."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from console.deps import ConsoleDeps
from console.feed import Feed
from console.guard import Guard, need_role
from console.live_views import AgentLive
from console.problems import Problem, not_found
from console.sessions import Session


class WantedState(BaseModel):
    """The state wished for; a pause needs a reason."""

    state: Literal["available", "paused", "offline"]
    reason: str = Field(default="", max_length=60)


def agents_router(deps: ConsoleDeps, guard: Guard, feed: Feed) -> APIRouter:
    """Routes ``/agents``."""
    router = APIRouter(tags=["agents"])

    @router.get("/agents", summary="坐席 Agents")
    async def agents(_session: Annotated[Session, Depends(guard.user)]) -> list[AgentLive]:
        """All agents with state, since when, and the call they are on."""
        return feed.board.agents

    @router.put("/agents/{agent}/state", status_code=202, summary="坐席状态 Agent state")
    async def set_state(agent: str, wanted: WantedState, session: Annotated[Session, Depends(guard.user)]) -> AgentLive:
        """Asks for another state (an agent for himself, a supervisor for anyone). It shows in the live events."""
        if session.role != "agent" or session.agent != agent:
            need_role(session, "supervisor", "admin")
        if feed.board.agent(agent) is None:
            raise not_found("agent", agent)
        if wanted.state == "available":
            await deps.agents.set_available(agent)
        elif wanted.state == "offline":
            await deps.agents.sign_out(agent)
        elif wanted.reason.strip():
            await deps.agents.pause(agent, wanted.reason.strip())
        else:
            raise Problem(
                422, "a pause needs a reason", where="body.reason", mend="Say why, e.g. 小休.", code="invalid"
            )
        known = feed.board.agent(agent)
        if known is None:
            raise not_found("agent", agent)
        return known

    return router

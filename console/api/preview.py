"""Contacts that an agent sees before he calls them: he dials, or skips."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from console.api import API
from console.contact_ports import PreviewControl
from console.deps import ConsoleDeps
from console.guard import Guard, need_role, own_agent
from console.preview_views import PreviewView
from console.problems import Problem
from console.sessions import Session
from core.numbers import mask

_Attempt = Annotated[str, Field(min_length=1, max_length=80)]


class WantedDial(BaseModel):
    """Call whoever is shown for ``attempt``."""

    attempt: _Attempt


class WantedSkip(BaseModel):
    """Do not call him now; why, in words."""

    attempt: _Attempt
    reason: Annotated[str, Field(min_length=1, max_length=200)]


def preview_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes below ``/agents/{agent}/preview``."""
    router = APIRouter(prefix=API, tags=["agents"])

    def control() -> PreviewControl:
        if deps.previews is None:
            raise Problem(503, "contacts are shown in the running service only", code="unavailable")
        return deps.previews

    @router.get("/agents/{agent}/preview", summary="预览 Whom to call next")
    async def preview(agent: str, session: Annotated[Session, Depends(guard.user)]) -> PreviewView | None:
        """The contact that is shown to the agent, for himself and for supervisors; null for none. Numbers are masked
        for those who do not see them. ``calling``: he has decided to call, and reads until they talk. The events
        ``preview.shown``, ``preview.over``, ``agent.state`` and ``talk.started`` tell when to ask.
        """
        if session.agent != agent or not agent:
            need_role(session, "supervisor", "admin")
        shown = None if deps.previews is None else deps.previews.of(agent)
        if shown is None or session.sees_numbers:
            return shown
        return replace(shown, number=mask(shown.number))

    @router.post("/agents/{agent}/preview/dial", status_code=202, summary="拨打 Dial")
    async def dial(agent: str, wanted: WantedDial, session: Annotated[Session, Depends(guard.user)]) -> None:
        """The agent's own phone rings; once he answers, the contact is called. 409 where he is not shown any more, the
        agent is busy, or a rule forbids the call by now: the contact has refused, or the hours are over.
        """
        own_agent(session, agent, "decide")
        await control().dial(agent, wanted.attempt)

    @router.post("/agents/{agent}/preview/skip", status_code=202, summary="跳过 Skip")
    async def skip(agent: str, wanted: WantedSkip, session: Annotated[Session, Depends(guard.user)]) -> None:
        """The contact goes back to the list, behind the others; 409 where he is not shown any more."""
        own_agent(session, agent, "decide")
        if not wanted.reason.strip():
            raise Problem(422, "why is he skipped?", where="body.reason", mend="Give a reason.", code="invalid")
        control().skip(agent, wanted.attempt, wanted.reason.strip())

    return router

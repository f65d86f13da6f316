"""The agent of a talk asks somebody while his caller hears music; then all three talk, or one of them goes."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from console.api import API
from console.api.calls import known_call
from console.api.may_call import told_as_refused
from console.api.recording_control import may_pause
from console.deps import ConsoleDeps
from console.guard import Guard
from console.sessions import Session


class WantedConsult(BaseModel):
    """Whom to ask: an agent's id, or a number outside where that is allowed."""

    to: str = Field(min_length=1, max_length=40)


@dataclass(frozen=True, slots=True)
class ConsultBegun:
    """It is being tried; ``consult.answered`` or ``consult.ended`` in the events says how it went."""

    call_id: str
    to: str


def consult_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/calls/{call_id}/consult``."""
    router = APIRouter(prefix=API, tags=["calls"])

    async def asker(call_id: str, session: Annotated[Session, Depends(guard.user)]) -> Session:
        """The agent of the call, or someone above him; 404 where there is no such call."""
        may_pause(await known_call(deps.calls, call_id), session)
        return session

    @router.post("/calls/{call_id}/consult", status_code=202, summary="咨询 Consult")
    async def begin(call_id: str, wanted: WantedConsult, session: Annotated[Session, Depends(asker)]) -> ConsultBegun:
        """The caller hears music, and the agent that it rings. 409 where no agent talks, somebody is being asked
        already, or whom he wants is busy or nobody; 403 for numbers that may not be called.
        """
        to = wanted.to.strip()
        with told_as_refused():
            deps.consulting.begin(call_id, to, session.name)
        return ConsultBegun(call_id, to)

    @router.post("/calls/{call_id}/consult/join", status_code=204, summary="三方通话 Join all three")
    async def join(call_id: str, session: Annotated[Session, Depends(asker)]) -> None:
        """All three hear each other. 409 where nobody has been asked, or has answered."""
        await deps.consulting.join(call_id, session.name)

    @router.post("/calls/{call_id}/consult/complete", status_code=202, summary="转给对方 Pass the caller on")
    async def complete(call_id: str, session: Annotated[Session, Depends(asker)]) -> None:
        """The caller talks on with whom was asked; the agent is hung up. 409 as for ``join``."""
        deps.consulting.complete(call_id, session.name)

    @router.delete("/calls/{call_id}/consult", status_code=202, summary="返回客户 Back to the caller")
    async def leave(call_id: str, session: Annotated[Session, Depends(asker)]) -> None:
        """Whom was asked is hung up, or rung no more. 409 where nobody is being asked."""
        deps.consulting.leave(call_id, session.name)

    return router

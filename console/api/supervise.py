"""A supervisor enters a talk: his own phone rings, and he listens, whispers, barges in or takes over."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from console.api import API
from console.api.calls import known_call
from console.deps import ConsoleDeps
from console.guard import Guard, need_role, own_phone
from console.sessions import Session
from telephony.oversight import Oversight


class WantedOversight(BaseModel):
    """``listen``: nobody hears him; ``whisper``: the agent does; ``barge``: both do; ``take_over``: the agent is
    dropped and he talks with the caller.
    """

    mode: Oversight


@dataclass(frozen=True, slots=True)
class OversightBegun:
    """It is being done; ``supervision.started`` or ``supervision.ended`` in the events says how it went."""

    call_id: str
    supervisor: str
    mode: Oversight


def phone_of(session: Session) -> str:
    """The agent's number at whose phone a supervisor is rung; 403 for other roles, 409 where his account has none."""
    need_role(session, "supervisor", "admin")
    return own_phone(session)


def supervise_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Route ``/calls/{call_id}/supervise``."""
    router = APIRouter(prefix=API, tags=["calls"])

    @router.post("/calls/{call_id}/supervise", status_code=202, summary="督导 Supervise")
    async def supervise(
        call_id: str, wanted: WantedOversight, session: Annotated[Session, Depends(guard.user)]
    ) -> OversightBegun:
        """The supervisor's own phone rings; once he answers he is in the talk. Asked again with another mode it changes
        what he does. 409 where nobody talks, or his phone is busy or not registered.
        """
        supervisor = phone_of(session)
        await known_call(deps.calls, call_id)
        await deps.supervision.supervise(call_id, supervisor, wanted.mode, session.name)
        return OversightBegun(call_id, supervisor, wanted.mode)

    @router.delete("/calls/{call_id}/supervise", status_code=204, summary="退出督导 Leave the talk")
    async def leave(call_id: str, session: Annotated[Session, Depends(guard.user)]) -> None:
        """His phone is hung up, or rings no more; the talk goes on. 409 where he is not there."""
        deps.supervision.leave(call_id, phone_of(session), session.name)

    return router

"""A caller who waits is sent to another queue, or straight to an agent, by supervisors."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from console.api import API
from console.api.calls import known_call
from console.api.known import known_agent, known_queue
from console.api.supervise import phone_of
from console.deps import ConsoleDeps
from console.guard import Guard, need_role
from console.sessions import Session
from core.numbers import customer_number


class WantedQueue(BaseModel):
    """Which queue."""

    queue: str = Field(min_length=1, max_length=64)


class WantedAgent(BaseModel):
    """Whose phone; "" for that of whoever asks."""

    agent: str = Field(default="", max_length=32)


@dataclass(frozen=True, slots=True)
class CallerSent:
    """Where the caller is going: a queue, or an agent's phone that rings now."""

    call_id: str
    queue: str = ""
    agent: str = ""


def waiting_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/calls/{call_id}/queue`` and ``/calls/{call_id}/pull``."""
    router = APIRouter(prefix=API, tags=["calls"])

    @router.post("/calls/{call_id}/queue", status_code=202, summary="移到另一队列 Move to another queue")
    async def move(call_id: str, wanted: WantedQueue, session: Annotated[Session, Depends(guard.user)]) -> CallerSent:
        """A waiting caller goes on waiting there, with the wait that he has behind him. 409 where he does not wait, 422
        for a queue that is none.
        """
        need_role(session, "supervisor", "admin")
        await known_call(deps.calls, call_id)
        known_queue(deps.directory, wanted.queue, "body.queue")
        deps.waiting.move(call_id, wanted.queue, session.name)
        return CallerSent(call_id, queue=wanted.queue)

    @router.post("/calls/{call_id}/pull", status_code=202, summary="直接接起排队来电 Pull a waiting call")
    async def pull(call_id: str, wanted: WantedAgent, session: Annotated[Session, Depends(guard.user)]) -> CallerSent:
        """The agent's phone rings for a waiting caller, who keeps his place until it is answered. 409 where he does not
        wait, or the phone is busy or not registered, 422 for an agent who is none.
        """
        need_role(session, "supervisor", "admin")
        agent = wanted.agent or phone_of(session)
        call = (await known_call(deps.calls, call_id)).call
        if wanted.agent:
            known_agent(deps.directory, agent, "body.agent")
        number = customer_number(call.direction, call.ani, call.dnis)
        deps.waiting.pull(call_id, agent, number, session.name)
        return CallerSent(call_id, agent=agent)

    return router

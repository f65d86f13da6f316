"""A call that is talked in is passed on from the console, as its agent could from his phone."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from console.api import API
from console.api.calls import known_call
from console.api.recording_control import may_pause
from console.deps import ConsoleDeps
from console.guard import Guard
from console.sessions import Session


class WantedTransfer(BaseModel):
    """Where to: an agent's id, one of our numbers, or a number outside where that is allowed."""

    to: str = Field(min_length=1, max_length=40)


@dataclass(frozen=True, slots=True)
class TransferBegun:
    """It is being tried; ``transfer.completed`` or ``transfer.failed`` in the events says how it went."""

    call_id: str
    to: str


def transfer_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Route ``/calls/{call_id}/transfer``."""
    router = APIRouter(prefix=API, tags=["calls"])

    @router.post("/calls/{call_id}/transfer", status_code=202, summary="转接 Transfer")
    async def transfer(
        call_id: str, wanted: WantedTransfer, session: Annotated[Session, Depends(guard.user)]
    ) -> TransferBegun:
        """The caller hears that it rings until the other answers; otherwise he is back with his agent. An agent may
        pass on his own calls only. 409 where nobody talks, nobody has that number, or another transfer is under way.
        """
        may_pause(await known_call(deps.calls, call_id), session)
        deps.transfers.pass_on(call_id, wanted.to.strip(), session.name)
        return TransferBegun(call_id, wanted.to.strip())

    return router

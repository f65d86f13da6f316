"""A talk is parked from the console, and taken by whoever is asked to go on with it."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from console.api import API
from console.api.calls import known_call
from console.api.recording_control import may_pause
from console.deps import ConsoleDeps
from console.guard import Guard, own_phone
from console.sessions import Session


class WantedSlot(BaseModel):
    """In which slot; empty: in the first that is free."""

    slot: str = Field(default="", pattern=r"^[0-9]{0,2}$")


@dataclass(frozen=True, slots=True)
class ParkingBegun:
    """It is being done: ``call.parked`` in the events names the slot."""

    call_id: str


@dataclass(frozen=True, slots=True)
class TakingBegun:
    """The phone of ``agent`` rings; once it is answered he talks with the caller."""

    call_id: str
    agent: str


def park_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/calls/{call_id}/park`` and ``/calls/{call_id}/take``."""
    router = APIRouter(prefix=API, tags=["calls"])

    @router.post("/calls/{call_id}/park", status_code=202, summary="驻留 Park")
    async def park(call_id: str, wanted: WantedSlot, session: Annotated[Session, Depends(guard.user)]) -> ParkingBegun:
        """The caller hears music until somebody takes him; after a while he comes back to who parked him. An agent
        parks his own calls only. 409 where nobody talks, the slot is in use, or a transfer is under way.
        """
        may_pause(await known_call(deps.calls, call_id), session)
        deps.parking.park(call_id, wanted.slot, session.name)
        return ParkingBegun(call_id)

    @router.post("/calls/{call_id}/take", status_code=202, summary="取回 Take a parked call")
    async def take(call_id: str, session: Annotated[Session, Depends(guard.user)]) -> TakingBegun:
        """Rings the phone of whoever asks. 409 where the call is not parked, or he has no phone."""
        agent = own_phone(session)
        await known_call(deps.calls, call_id)
        deps.parking.take(call_id, agent)
        return TakingBegun(call_id, agent)

    return router

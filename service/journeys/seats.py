"""The seat of an agent who talks without having been rung for it: while he has it no queue rings him."""

import asyncio
from typing import Final

from service.house import House
from service.journeys.ringing import Seat

SEAT_AGAIN_S: Final = 1.0
"""Who talks already (and consults somebody) is looked at so often: when that talk is over he still talks."""


def taken_seat(agent: str, call_id: str, house: House) -> Seat:
    """The seat of ``agent`` in a call. Where he talks already he has it from the end of that talk on."""
    return Seat(_Busy(agent, call_id, house).leave)


class _Busy:
    def __init__(self, agent: str, call_id: str, house: House) -> None:
        self._agent = agent
        self._call_id = call_id
        self._desk = house.distributor
        self._later: asyncio.Task[None] | None = None
        if not self._sits():
            self._later = asyncio.get_running_loop().create_task(self._sit_later(), name=f"seat of {agent}")

    def _sits(self) -> bool:
        if not self._desk.reserve(self._agent, self._call_id):
            return False
        self._desk.engage(self._agent, self._call_id)
        return True

    async def _sit_later(self) -> None:
        while not self._sits():  # noqa: ASYNC110 - what he does is no event here, and hardly ever asked
            await asyncio.sleep(SEAT_AGAIN_S)

    def leave(self) -> None:
        """He talks no more."""
        if self._later is not None:
            self._later.cancel()
        self._desk.release(self._agent, self._call_id)

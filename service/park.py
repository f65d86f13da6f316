"""Calls that are parked: the slots, who stands in them, and who wants to take them."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from core.errors import LocalProtocolError
from service.config_phones import FeatureSettings
from telephony.ports import Leg

MOST_TAKERS: Final = 4
"""So many may want the same call at once; the first who comes has it."""


@dataclass(frozen=True, slots=True)
class Parking:
    """Where a call is to be parked: in ``slot`` ("": the first that is free), by agent ``by`` ("": somebody outside),
    to whom it comes back.
    """

    slot: str
    by: str


@dataclass(frozen=True, slots=True)
class Taker:
    """``agent`` wants the call: on ``leg``, on which he has dialled the slot, or (None) at his phone, which is rung."""

    agent: str
    leg: Leg | None = None


@dataclass(frozen=True, slots=True)
class Parked:
    """A call that stands in ``slot``."""

    slot: str
    call_id: str
    by: str
    takers: asyncio.Queue[Taker] = field(default_factory=lambda: asyncio.Queue(MOST_TAKERS), compare=False)

    def wanted_by(self, taker: Taker) -> None:
        """Give it to him; ``LocalProtocolError`` where too many want it."""
        try:
            self.takers.put_nowait(taker)
        except asyncio.QueueFull:
            raise LocalProtocolError(f"others are about to take the call in slot {self.slot}") from None

    def left_over(self) -> Iterator[Taker]:
        """Those who came too late."""
        while not self.takers.empty():
            yield self.takers.get_nowait()


class Lot:
    """The slots, by the digits behind the code: as many as ``settings`` say, from 1 on."""

    def __init__(self, settings: FeatureSettings | None = None) -> None:
        self.settings = settings or FeatureSettings()
        self._parked: dict[str, Parked] = {}

    def asked(self, number: str, by: str) -> Parking | None:
        """What a transfer to ``number`` means; None where that is no slot. It may be in use (see ``has_room``)."""
        code = self.settings.park
        slot = number.removeprefix(code)
        if not code or not number.startswith(code) or slot not in ("", *self._slots()):
            return None
        return Parking(slot, by)

    def has_room(self, slot: str) -> bool:
        """Whether ``slot`` ("": any) is free."""
        return any(one not in self._parked for one in ([slot] if slot else self._slots()))

    def enter(self, parking: Parking, call_id: str) -> Parked | None:
        """The call stands in that slot from now on, or in another where somebody was faster; None where all are in
        use.
        """
        wanted = [*([parking.slot] if parking.slot else []), *self._slots()]
        slot = next((one for one in wanted if one not in self._parked), None)
        if slot is None:
            return None
        self._parked[slot] = parked = Parked(slot, call_id, parking.by)
        return parked

    def leave(self, parked: Parked) -> None:
        """It stands there no more."""
        self._parked.pop(parked.slot, None)

    def at(self, slot: str) -> Parked | None:
        """The call in ``slot``; "" means the one that stands longest."""
        return self._parked.get(slot) if slot else next(iter(self._parked.values()), None)

    def of_call(self, call_id: str) -> Parked | None:
        """Where that call stands."""
        return next((one for one in self._parked.values() if one.call_id == call_id), None)

    def _slots(self) -> list[str]:
        return [str(number) for number in range(1, self.settings.park_slots + 1)]

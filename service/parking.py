"""Parking as the console asks for it (``service.journeys.parked`` does it)."""

from acd.distributor import Distributor
from core.errors import LocalProtocolError
from service.park import Lot, Taker
from service.transfers import Transfers


class ParkDesk:
    """``console.phone_ports.ParkControl``."""

    def __init__(self, lot: Lot, transfers: Transfers, distributor: Distributor) -> None:
        self._lot = lot
        self._transfers = transfers
        self._distributor = distributor

    def park(self, call_id: str, slot: str, by: str) -> None:
        """See the port."""
        if not self._lot.settings.park:
            raise LocalProtocolError("calls are not parked here: set [features] park")
        self._transfers.pass_on(call_id, f"{self._lot.settings.park}{slot}", by)

    def take(self, call_id: str, agent: str) -> None:
        """See the port."""
        parked = self._lot.of_call(call_id)
        if parked is None:
            raise LocalProtocolError(f"call {call_id} is not parked")
        if not self._distributor.has_phone(agent):
            raise LocalProtocolError(f"the phone of {agent} is not registered")
        parked.wanted_by(Taker(agent))

"""Agents' calls to the outside that are asked for on their pages (``service.journeys.placed`` makes them)."""

from collections.abc import Callable

from acd.phone_facts import RefusalOverruled
from core.channels import Channel
from core.errors import LocalProtocolError, NotAllowed
from service.house import House
from service.journeys.placed import asked_for, outward_of, said
from telephony.call import Call
from telephony.tolls import Tolls


class Placing:
    """``console.phone_ports.PlacingControl``. ``house`` is what new calls get, ``tolls`` say what may be called."""

    def __init__(self, house: Callable[[], House], tolls: Tolls) -> None:
        self._house = house
        self._tolls = tolls
        self._held = False

    def hold(self) -> None:
        """No new ones: the house is about to stop."""
        self._held = True

    def possible(self) -> bool:
        """See the port."""
        return bool(self._house().dialling.trunk)

    def place(self, agent: str, number: str, despite: str = "") -> str:
        """See the port."""
        house = self._house()
        if self._held or not self.possible():
            raise LocalProtocolError("agents cannot call outside: set [dialling] trunk")
        if house.targets.is_ours(number):
            raise LocalProtocolError(f"{number} is a number of this house; dial it on the phone")
        if not house.distributor.takes(agent, Channel.OUTSIDE):
            raise NotAllowed(f"agent {agent} calls no numbers outside (capacity)")
        self._tolls.check(number, "", agent)
        call = Call(house.ids.new("call"), house.log)
        if not house.distributor.reserve(agent, call.id):
            why = "is busy" if house.distributor.has_phone(agent) else "is not registered"
            raise LocalProtocolError(f"the phone of {agent} {why}")
        outward = outward_of(number, agent, house)
        call.started(direction="outbound", ani=outward.caller_id, dnis=outward.number, trunk=outward.trunk)
        house.log.post(call.id, said(outward, "page"))
        if despite:
            house.log.post(call.id, RefusalOverruled(agent, despite))
        house.tasks.spawn(f"call {call.id}", asked_for(call, outward, house))
        return call.id

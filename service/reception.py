"""Where calls come in: each begins its journey in the house as it is at that moment and keeps that to its end, so a
caller in a menu is not moved into another one by a reload.
"""

from collections.abc import Mapping
from dataclasses import replace

from desk.rating import RatingRules
from ivr.flow import Flow
from ivr.hours import Hours
from service.house import House
from service.journeys.inbound import inbound
from service.routes import Routes
from service.ways import QueueWays
from telephony.switchboard import Arrival


class Reception:
    """``house`` is what new calls get."""

    def __init__(self, house: House) -> None:
        self.house = house

    def change(
        self,
        hours: Mapping[str, Hours],
        flows: Mapping[str, Flow],
        routes: Routes,
        transfer_trunk: str,
        ways: Mapping[str, QueueWays],
        ratings: Mapping[str, RatingRules],
    ) -> None:
        """New calls go by these."""
        self.house = replace(
            self.house,
            hours=hours,
            flows=flows,
            routes=routes,
            transfer_trunk=transfer_trunk,
            ways=ways,
            ratings=ratings,
        )

    def welcome(self, arrival: Arrival) -> None:
        """Begin the journey of a call."""
        house = self.house
        house.tasks.spawn(f"call {arrival.leg.call_id}", inbound(arrival, house))

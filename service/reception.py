"""Where calls come in: each begins its journey in the house as it is at that moment and keeps that to its end, so a
caller in a menu is not moved into another one by a reload.
"""

from collections.abc import Mapping
from dataclasses import replace

from desk.rating import RatingRules
from ivr.flow import Flow
from ivr.hours import Hours
from service.config_phones import DiallingSettings
from service.feature_codes import wish_of
from service.features import Features
from service.house import House
from service.journeys.feature import feature
from service.journeys.inbound import inbound
from service.journeys.placed import dialled
from service.routes import Routes
from service.ways import QueueWays
from telephony.switchboard import Arrival


class Reception:
    """``house`` is what new calls get, ``features`` what phones of ours may ask for by codes."""

    def __init__(self, house: House, features: Features) -> None:
        self.house = house
        self.features = features

    def change(
        self,
        hours: Mapping[str, Hours],
        flows: Mapping[str, Flow],
        routes: Routes,
        transfer_trunk: str,
        ways: Mapping[str, QueueWays],
        ratings: Mapping[str, RatingRules],
        dialling: DiallingSettings,
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
            dialling=dialling,
        )

    def welcome(self, arrival: Arrival) -> None:
        """Begin the journey of a call."""
        house, name = self.house, f"call {arrival.leg.call_id}"
        wish = wish_of(arrival.dnis, self.features.settings) if arrival.agent else None
        if wish is not None and not house.targets.is_ours(arrival.dnis):
            house.tasks.spawn(name, feature(arrival, wish, self.features, house))
            return
        outward = bool(arrival.agent) and house.targets.is_called_outside(arrival.dnis)
        story = dialled if outward else inbound
        house.tasks.spawn(name, story(arrival, house))

"""Selections for those who ask: at which moment, by which warranties; and the outlooks that selections may ask for."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from campaigns.tradein.cycle import Cycle
from campaigns.tradein.ranking import HORIZONS
from desk.offers import Offer
from desk.selection import Moment
from service.config_model import Config
from service.config_warranty import warranties_of
from service.tradein import Owner
from store.selections import OutlookRow


def moment_of(config: Config, now: float, offers: tuple[Offer, ...]) -> Moment:
    """``now`` (epoch seconds) as selections see it where the house is, with what the house ``offers``."""
    names = tuple(campaign.name for campaign in config.campaigns)
    return Moment(day_of(config, now), now, warranties_of(config.warranty), offers, names)


def day_of(config: Config, at: float) -> date:
    """The day of ``at`` (epoch seconds) where the house is."""
    return datetime.fromtimestamp(at, ZoneInfo(config.zone)).date()


def outlooks_of(cycle: Cycle, owners: Sequence[Owner]) -> Sequence[OutlookRow]:
    """The chances of those of ``owners`` who have their car."""
    three, six, twelve = HORIZONS
    return [
        OutlookRow(
            owner.ownership.vehicle.key,
            owner.ownership.number,
            owner.ownership.since,
            (
                cycle.within(owner.tenure, three),
                cycle.within(owner.tenure, six),
                cycle.within(owner.tenure, twelve),
            ),
        )
        for owner in owners
        if not owner.ownership.until
    ]

"""Between records and trade-in model: ownerships become tenures, and the fitted cycle is kept with the store."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from campaigns.tradein.cycle import Cycle
from campaigns.tradein.kept import read, written
from campaigns.tradein.tenure import Tenure, tenure_of, years_between
from core.errors import ParseError
from desk.offers import UNNAMED, OldCar
from desk.records import Ownership
from store.records import Driven, Records
from store.settings import Settings

CYCLE_KEY: Final = "tradein.cycle"
CURVES_KEY: Final = "tradein.curves"
"""The cycle with the points of all curves, which only a page of them needs."""
_NEW: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Owner:
    """An ownership as the trade-in model sees it."""

    ownership: Ownership
    tenure: Tenure
    km: int | None

    def old_car(self, today: date) -> OldCar:
        """His car as offers ask for it."""
        vehicle = self.ownership.vehicle
        years = years_between(date.fromisoformat(vehicle.plated or self.ownership.since), today)
        return OldCar(vehicle.model, vehicle.segment or UNNAMED, years, self.km)


def owner_of(one: Driven, today: date) -> Owner:
    """The tenure of one ownership. Who has his car is taken to have it ``today``; days of the future do not stand in
    the records.
    """
    owned = one.ownership
    since = date.fromisoformat(owned.since)
    seen = date.fromisoformat(owned.until) if owned.until else max(today, since)
    plated = date.fromisoformat(owned.vehicle.plated) if owned.vehicle.plated else None
    km: tuple[float, float] | None = None
    if one.km_last is not None and one.km_first is not None:
        first_km, first_day = one.km_first, date.fromisoformat(one.first_day)
        if owned.km_since is not None:
            first_km, first_day = owned.km_since, since
        elif plated is None or since - plated <= _NEW:  # it was new: nothing was on it
            first_km, first_day = 0, since
        km = one.km_last - first_km, years_between(first_day, date.fromisoformat(one.last_day))
    tenure = tenure_of(
        f"{owned.number} {owned.vehicle.key}",
        owned.vehicle.model,
        owned.vehicle.segment or UNNAMED,
        since=since,
        seen=seen,
        replaced=owned.replaced,
        known_since=date.fromisoformat(owned.known_since) if owned.known_since else None,
        plated=plated,
        km=km,
    )
    return Owner(owned, tenure, one.km_last if one.km_last is not None else owned.km_since)


async def owners_of(records: Records, today: date) -> Sequence[Owner]:
    """All ownerships on record."""
    return [owner_of(one, today) async for piece in records.driven() for one in piece]


async def keep_cycle(settings: Settings, cycle: Cycle) -> None:
    """Keep it, for agents' pages without the points of its curves."""
    slim = replace(cycle, curves={name: replace(curve, points=()) for name, curve in cycle.curves.items()})
    await settings.put(CURVES_KEY, written(cycle))
    await settings.put(CYCLE_KEY, written(slim))


async def kept_cycle(settings: Settings, *, with_points: bool = False) -> Cycle | None:
    """The cycle that was fitted last; None where there is none, or one of another version."""
    text = await settings.get(CURVES_KEY if with_points else CYCLE_KEY)
    try:
        return None if text is None else read(text)
    except ParseError:
        return None

"""Trade-in offers as rules: from which cars to which new one, with which subsidy, from when until when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

UNNAMED: Final = "其他"
"""The segment of cars for which none is told."""
INVITED_DAYS_BEFORE: Final = 14
"""A launch is told of so long before it."""
QUIET_DAYS: Final = 7
"""Nobody is called merely to keep in touch so shortly before he is invited, or after it."""
MOST_YEARS: Final = 100
MOST_KM: Final = 999_999


@dataclass(frozen=True, slots=True)
class OldCar:
    """What an offer asks of the car that is given back: its ``years`` since the first plate, and kilometres (None: not
    known).
    """

    model: str
    segment: str
    years: float
    km: int | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """[[offer]] For cars of ``models`` or ``segments`` (both empty: of all), so many years old and with so many
    kilometres (both ends included), the new model ``to``, with ``subsidy_yuan``. It holds from the day ``since`` to the
    day ``until``, that one included. ``launch`` is the day on which the new model comes to the showroom, where that is
    still to come.
    """

    name: str
    to: str
    since: date
    until: date
    subsidy_yuan: int = 0
    models: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    years_from: float = 0.0
    years_to: float = MOST_YEARS
    km_from: int = 0
    km_to: int = MOST_KM
    launch: date | None = None

    def why_not(self, car: OldCar, day: date) -> str:
        """Why this offer does not apply to ``car`` on ``day``, Chinese and English; "" where it does."""
        if day < self.since:
            return f"{self.since}起有效 holds from {self.since}"
        if day > self.until:
            return f"{self.until}已结束 ended on {self.until}"
        return self.unfit(car)

    def unfit(self, car: OldCar) -> str:
        """Why it is not for such a ``car``, whatever the day; "" where it is. A car whose kilometres are not known is
        not turned away for them: they are read when it is looked at.
        """
        if (self.models or self.segments) and car.model not in self.models and car.segment not in self.segments:
            return "车型不符 not for this model"
        if not self.years_from <= car.years <= self.years_to:
            return f"车龄{car.years:.1f}年不符 not for a car of {car.years:.1f} years"
        if car.km is not None and not self.km_from <= car.km <= self.km_to:
            return f"里程{car.km}公里不符 not for {car.km} km"
        return ""

    @property
    def invites_on(self) -> date | None:
        """From which day on those who are interested are invited to the launch; None where there is none."""
        return None if self.launch is None else self.launch - timedelta(days=INVITED_DAYS_BEFORE)

    def near_invitation(self, day: date) -> bool:
        """Whether ``day`` is so near to its invitations that nobody whom it fits is called merely to keep in touch."""
        return self.invites_on is not None and abs((day - self.invites_on).days) <= QUIET_DAYS


def offer_for(offers: Iterable[Offer], car: OldCar, day: date) -> Offer | None:
    """The first of ``offers`` that applies: whoever writes them puts the special before the general."""
    return next((offer for offer in offers if not offer.why_not(car, day)), None)

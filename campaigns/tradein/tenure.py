"""A tenure: one owner's time with one car, as far as we have seen it.

Most owners have not replaced their car yet (their tenure is censored), and our records begin on some day (who had
replaced before it is missing from them: what is left is truncated). Leave either out and cars seem to be replaced far
sooner, or later, than they are: see docs/tradein.md.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

YEAR_DAYS: Final = 365.25
SHORTEST_YEARS: Final = 1 / YEAR_DAYS
"""A car that is replaced on the day it came was had for a day: a survival time must be above zero."""
MONTHS: Final = 12.0
_CAR_MOST: Final = 12.0
_KM_MOST: Final = 60_000.0
"""A year; more says no more: a taxi is no reason to leave the range that a cycle was fitted in."""


@dataclass(frozen=True, slots=True)
class Tenure:
    """``owner`` of a car of ``model`` in ``segment`` has had it for ``years``, and then ``replaced`` it or has it still
    (or was lost from sight). Our records knew him from ``entry_years`` on; the car was ``car_years`` old when he got
    it; he drives ``km_year`` kilometres a year (None: not known).
    """

    owner: str
    model: str
    segment: str
    years: float
    replaced: bool = False
    entry_years: float = 0.0
    car_years: float = 0.0
    km_year: float | None = None

    @property
    def car_age(self) -> float:
        """How old the car was when he got it, as far as it tells: years beyond twelve say no more."""
        return min(self.car_years, _CAR_MOST)

    def km_above(self, usual: float) -> float:
        """10,000 kilometres a year above the ``usual`` 10,000; 0 where they are not known."""
        return 0.0 if self.km_year is None else min(self.km_year, _KM_MOST) / 10_000 - usual


def years_between(since: date, until: date) -> float:
    """Years of 365.25 days; below zero where ``until`` is first."""
    return (until - since).days / YEAR_DAYS


def tenure_of(
    owner: str,
    model: str,
    segment: str,
    *,
    since: date,
    seen: date,
    replaced: bool,
    known_since: date | None = None,
    plated: date | None = None,
    km: tuple[float, float] | None = None,
) -> Tenure:
    """The tenure from days: got on ``since``, replaced or last seen with the owner on ``seen``. ``known_since`` is when
    our records of him began, ``plated`` the car's first plate; ``km`` is what he drove with it and in how many years.
    """
    years = max(years_between(since, seen), SHORTEST_YEARS)
    entry = 0.0 if known_since is None else max(years_between(since, known_since), 0.0)
    km_year = None
    if km is not None and km[1] >= 0.25 and km[0] >= 0:  # a few weeks say nothing of a year
        km_year = km[0] / km[1]
    return Tenure(
        owner=owner,
        model=model,
        segment=segment,
        years=years,
        replaced=replaced,
        entry_years=min(entry, years - SHORTEST_YEARS / 2),
        car_years=0.0 if plated is None else max(years_between(plated, since), 0.0),
        km_year=km_year,
    )

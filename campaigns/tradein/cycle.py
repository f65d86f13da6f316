"""The replacement cycle as it was fitted: plain numbers, from which each owner's chances follow by arithmetic.

The model is a Weibull accelerated failure time: an owner with covariates x still has his car after t years with
S(t) = exp(-(t / scale)^shape), log(scale) = base + segment + model + car_per_year · (age of the car when he got it)
+ km_per_10k · (10,000 km a year above the usual). ``model`` is a deviation from the segment, drawn to 0 the more the
fewer owners of it there are (partial pooling; see ``campaigns.tradein.fit``). Nothing here needs the survival library.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import exp, expm1, log
from typing import Final

from campaigns.tradein.tenure import MONTHS, Tenure

_LN2: Final = log(2.0)
_FEW: Final = 5
"""With fewer replacements of a model than this one speaks of its segment."""


@dataclass(frozen=True, slots=True)
class Span:
    """Years, with the ends of the 95 % interval; None: beyond all that was seen."""

    years: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Point:
    """After ``years`` this share ``still`` had the car, with the 95 % interval."""

    years: float
    still: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Curve:
    """Kaplan–Meier's estimate for one model, by quarters of a year, with its median."""

    owners: int
    replaced: int
    median: Span
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Cycle:
    """What was fitted on ``owners`` tenures, of which ``replaced`` were seen to their end. ``models`` are deviations
    from their segment, of spread ``spread``; ``medians`` hold for a car bought new and driven as usual.
    """

    owners: int
    replaced: int
    shape: float
    base: float
    spread: float
    segments: Mapping[str, float] = field(default_factory=dict)
    models: Mapping[str, float] = field(default_factory=dict)
    car_per_year: float = 0.0
    km_per_10k: float = 0.0
    km_usual: float = 0.0
    medians: Mapping[str, Span] = field(default_factory=dict)
    segment_medians: Mapping[str, Span] = field(default_factory=dict)
    curves: Mapping[str, Curve] = field(default_factory=dict)

    def scale(self, tenure: Tenure) -> float:
        """Years after which 63 % of owners like this one have replaced."""
        return exp(
            self.base
            + self.segments.get(tenure.segment, 0.0)
            + self.models.get(tenure.model, 0.0)
            + self.car_per_year * tenure.car_age
            + self.km_per_10k * tenure.km_above(self.km_usual)
        )

    def still(self, tenure: Tenure, years: float) -> float:
        """The share of owners like this one who have the car after ``years``."""
        return exp(-((years / self.scale(tenure)) ** self.shape))

    def within(self, tenure: Tenure, months: float) -> float:
        """The probability that he replaces within ``months``, given that he has not yet:
        1 - S(t + months) / S(t).
        """
        scale = self.scale(tenure)
        now, then = tenure.years / scale, (tenure.years + months / MONTHS) / scale
        return -expm1(now**self.shape - then**self.shape)

    def usual_years(self, tenure: Tenure) -> float:
        """The median for owners like this one."""
        return float(self.scale(tenure) * _LN2 ** (1.0 / self.shape))

    def median_of(self, tenure: Tenure) -> tuple[Span, bool]:
        """The median of his model, and True; where too few of the model were replaced the segment's, and False."""
        curve = self.curves.get(tenure.model)
        if curve is not None and curve.replaced >= _FEW and tenure.model in self.medians:
            return self.medians[tenure.model], True
        return self.segment_medians.get(tenure.segment, Span(None, None, None)), False

"""SYNTHETIC owners with a known truth, to try the trade-in model on. No number here comes from real customers.

Each owner has a model, a yearly mileage, a car that was new or not, and a time after which he replaces it, drawn from
the truth; we see of it what a dealer would: nothing before our records began, nothing after today, and some owners are
lost from sight. Chance comes in as a source of uniform numbers, so the same source gives the same owners.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import exp, log
from statistics import NormalDist
from typing import Final

from campaigns.tradein.tenure import SHORTEST_YEARS, Tenure

_NORMAL: Final = NormalDist()
_LN2: Final = log(2.0)


@dataclass(frozen=True, slots=True)
class MadeModel:
    """A model that does not exist: its share of owners, and the median years until it is replaced when it was bought
    new and is driven as usual.
    """

    name: str
    segment: str
    share: float
    median_years: float


@dataclass(frozen=True, slots=True)
class Truth:
    """How the owners replace. ``tail``: "weibull", as the model assumes it, or "loglogistic", which it does not:
    chances rise, then fall, because who has kept his car for so long means to keep it. Slopes are in log years.
    """

    models: tuple[MadeModel, ...]
    tail: str = "weibull"
    shape: float = 2.6
    car_per_year: float = -0.06
    km_per_10k: float = -0.22
    km_usual: float = 1.4
    used_share: float = 0.25
    lost_share: float = 0.1
    history_years: float = 13.0
    records_years: float = 9.0

    def usual_median(self, model: str) -> float:
        """The true median of ``model`` for a car bought new and driven as usual."""
        return next(each.median_years for each in self.models if each.name == model)

    def median_of(self, tenure: Tenure) -> float:
        """The median years for owners like this one."""
        km = self.km_usual if tenure.km_year is None else tenure.km_year / 10_000
        return self.usual_median(tenure.model) * exp(
            self.car_per_year * tenure.car_years + self.km_per_10k * (km - self.km_usual)
        )

    def within(self, tenure: Tenure, months: float) -> float:
        """The true probability that he replaces within ``months``."""
        median = self.median_of(tenure)
        return 1.0 - self._still((tenure.years + months / 12.0) / median) / self._still(tenure.years / median)

    def _still(self, medians: float) -> float:
        if self.tail == "weibull":
            return exp(-_LN2 * medians**self.shape)
        return 1.0 / (1.0 + float(medians**self.shape))

    def drawn(self, median: float, uniform: float) -> float:
        """A lifetime: the time at which the share ``uniform`` of such owners still has the car."""
        odds = -log(uniform) / _LN2 if self.tail == "weibull" else (1.0 - uniform) / uniform
        return float(median * odds ** (1.0 / self.shape))


TRUTH: Final = Truth(
    models=(
        MadeModel("合成轿车甲", "紧凑型轿车", 0.20, 6.2),
        MadeModel("合成轿车乙", "紧凑型轿车", 0.15, 6.9),
        MadeModel("合成轿车丙", "紧凑型轿车", 0.01, 5.2),
        MadeModel("合成轿车丁", "中型轿车", 0.12, 7.4),
        MadeModel("合成轿车戊", "中型轿车", 0.06, 6.6),
        MadeModel("合成轿车己", "中型轿车", 0.005, 8.3),
        MadeModel("合成越野甲", "SUV", 0.18, 5.6),
        MadeModel("合成越野乙", "SUV", 0.12, 6.4),
        MadeModel("合成越野丙", "SUV", 0.015, 4.9),
        MadeModel("合成商旅甲", "MPV", 0.06, 8.0),
        MadeModel("合成电动甲", "新能源", 0.06, 4.3),
        MadeModel("合成电动乙", "新能源", 0.02, 3.6),
    )
)
UNLIKE: Final = replace(TRUTH, tail="loglogistic", shape=3.4)
"""A world in which the model is wrong."""


@dataclass(frozen=True, slots=True)
class Made:
    """A synthetic owner: what we see of him, and in how many years from today he will replace (None: he has, or is
    lost from sight and not asked about).
    """

    tenure: Tenure
    left_years: float | None


def made(truth: Truth, count: int, uniform: Callable[[], float]) -> Sequence[Made]:
    """``count`` owners whom our records know. ``uniform`` gives numbers in [0, 1)."""
    found: list[Made] = []
    while len(found) < count:
        one = _owner(truth, f"合成车主{len(found) + 1:06d}", uniform)
        if one is not None:
            found.append(one)
    return found


def _owner(truth: Truth, name: str, uniform: Callable[[], float]) -> Made | None:
    model = _drawn_model(truth, uniform())
    owned_years = truth.history_years * _open(uniform)  # since he got the car, if he has it
    car_years = 0.0
    if _open(uniform) < truth.used_share:
        car_years = min(-3.0 * log(_open(uniform)), 10.0)
    km_year = 10_000 * truth.km_usual * exp(0.45 * _NORMAL.inv_cdf(_open(uniform)))
    entry = max(owned_years - truth.records_years, 0.0)
    alike = Tenure(name, model.name, model.segment, SHORTEST_YEARS, car_years=car_years, km_year=km_year)
    until = max(truth.drawn(truth.median_of(alike), _open(uniform)), SHORTEST_YEARS)
    lost = _open(uniform) < truth.lost_share
    lost_at = entry + (owned_years - entry) * _open(uniform)
    if until <= entry:
        return None  # he had replaced before our records began
    if lost and lost_at < until:
        years = max(lost_at, entry + SHORTEST_YEARS)
        return Made(replace(alike, years=years, entry_years=entry), None)
    years = max(min(until, owned_years), entry + SHORTEST_YEARS)
    seen = replace(alike, years=years, entry_years=entry, replaced=until <= owned_years)
    return Made(seen, None if seen.replaced else until - owned_years)


def _open(uniform: Callable[[], float]) -> float:
    """In (0, 1): both ends would be owners of all eternity."""
    return min(max(uniform(), 1e-9), 1.0 - 1e-9)


def _drawn_model(truth: Truth, at: float) -> MadeModel:
    at *= sum(model.share for model in truth.models)
    for model in truth.models:
        at -= model.share
        if at < 0.0:
            return model
    return truth.models[-1]

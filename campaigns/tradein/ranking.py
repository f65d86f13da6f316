"""Owners in the order in which they should be called, each with the reasons in words."""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from campaigns.tradein.cycle import Cycle, Span
from campaigns.tradein.tenure import Tenure

HORIZONS: Final = (3, 6, 12)
"""Months for which the chance of replacing is told."""
_MUCH_KM: Final = 1.4
_LITTLE_KM: Final = 0.6
_USED_YEARS: Final = 0.5


@dataclass(frozen=True, slots=True)
class Ranked:
    """An owner with his chances of replacing within ``HORIZONS`` months, and why he stands where he does."""

    tenure: Tenure
    chances: tuple[float, ...]
    median: Span
    of_model: bool
    """Whether ``median`` is of his model, or of its segment."""
    zh: str
    en: str


def ranked(cycle: Cycle, tenures: Iterable[Tenure], *, months: float, most: int) -> Sequence[Ranked]:
    """The ``most`` owners who are likeliest to replace within ``months`` and have not yet, the likeliest first; of two
    who are alike the one who has had his car longer.
    """
    living = (tenure for tenure in tenures if not tenure.replaced)
    chosen = heapq.nlargest(most, living, key=lambda each: (cycle.within(each, months), each.years, each.owner))
    return [outlook(cycle, tenure) for tenure in chosen]


def outlook(cycle: Cycle, tenure: Tenure) -> Ranked:
    """What can be said of one owner."""
    median, of_model = cycle.median_of(tenure)
    zh, en = _reasons(cycle, tenure, median, of_model)
    return Ranked(tenure, tuple(cycle.within(tenure, months) for months in HORIZONS), median, of_model, zh, en)


def _reasons(cycle: Cycle, tenure: Tenure, median: Span, of_model: bool) -> tuple[str, str]:
    zh = [tenure.model, f"已{tenure.years:.1f}年"]
    en = [tenure.model, f"{tenure.years:.1f} years"]
    if median.years is not None:
        between = "" if median.low is None or median.high is None else f"{median.low:.1f}–{median.high:.1f}"
        alike = ("同款车主", "owners of the model") if of_model else ("同级别车主", "owners of the segment")
        zh.append(f"{alike[0]}中位置换{median.years:.1f}年{f'（{between}）' if between else ''}")
        en.append(f"median replaced at {median.years:.1f}{f' ({between})' if between else ''} by {alike[1]}")
    if tenure.km_year is not None and cycle.km_usual > 0:
        much = tenure.km_year / 10_000 / cycle.km_usual
        if much >= _MUCH_KM or much <= _LITTLE_KM:
            zh.append(f"年均{tenure.km_year / 10_000:.1f}万公里，用车{'多' if much > 1 else '少'}")
            en.append(f"drives {tenure.km_year:,.0f} km a year, {'much' if much > 1 else 'little'}")
    if tenure.car_years >= _USED_YEARS:
        zh.append(f"购入时车龄{tenure.car_years:.1f}年")
        en.append(f"bought {tenure.car_years:.1f} years old")
    return "，".join(zh), ", ".join(en)

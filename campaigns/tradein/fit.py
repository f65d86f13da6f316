"""Fits the replacement cycle on tenures: Kaplan–Meier for the curve of each model (Kaplan & Meier 1958, late entry as
in the library), and one Weibull accelerated failure time model over all of them, whose models are pooled partially.

The pooling is a normal prior on each model's deviation from its segment, that is a ridge penalty. Its spread is found
from the data by MacKay's fixed point (1992), which climbs Laplace's approximation of the marginal likelihood: the
spread of the deviations, by as many of them as the data determine. The library scales each column by its standard
deviation before it penalises it; the penalties here undo that, else a rare model would be drawn to its segment no more
than a frequent one.

This file alone loads ``lifelines`` (with pandas and scipy: seconds, and a hundred megabytes): only commands and workers
import it. What it gives, a ``Cycle``, needs none of them.
"""

import warnings
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import exp, log, sqrt
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from lifelines import KaplanMeierFitter, WeibullAFTFitter
from lifelines.exceptions import ConvergenceError, ConvergenceWarning

from campaigns.tradein.cycle import Curve, Cycle, Point, Span
from campaigns.tradein.tenure import Tenure
from core.errors import ParseError, Unavailable

Floats: TypeAlias = npt.NDArray[np.float64]

FIRST_SPREAD: Final = 0.1
"""Of models around their segment, in log years, before the data have said more."""
_SPREADS: Final = (0.02, 0.5)
"""The least and the most: all alike, and more than half as long again."""
ROUNDS: Final = 4
_SETTLED: Final = 0.1
"""A spread that changes by less than this share is left as it is."""
_SEGMENT_SPREAD: Final = 1.0
_SLOPE_SPREAD: Final = 1.0
_FEWEST_REPLACED: Final = 20
_FEWEST_OF_MODEL: Final = 3
_MOST_MODELS: Final = 60
MOST_TENURES: Final = 60_000
"""Of more every second, third, … is taken: the intervals are narrow long before."""
_STEP_YEARS: Final = 0.25
_LN2: Final = log(2.0)
_Z: Final = 1.959964


def fitted(tenures: Sequence[Tenure], *, rounds: int = ROUNDS) -> Cycle:
    """The cycle of ``tenures``; the spread of models is refined ``rounds`` - 1 times at most. ``ParseError`` where too
    few were replaced to say anything, or nothing fits them.
    """
    taken = tenures[:: 1 + (len(tenures) - 1) // MOST_TENURES] if tenures else ()
    replaced = sum(each.replaced for each in taken)
    if replaced < _FEWEST_REPLACED:
        raise ParseError(f"{replaced} replacements are too few for a cycle; {_FEWEST_REPLACED} are needed")
    design = _Design(taken)
    best = _fit(design, FIRST_SPREAD)
    for _ in range(rounds - 1):
        spread = best.next_spread(design.models.values())
        if abs(spread / best.spread - 1.0) < _SETTLED:
            break
        best = _fit(design, spread, best)
    return Cycle(
        owners=len(taken),
        replaced=replaced,
        shape=exp(best.values["shape"]),
        base=best.values["base"],
        spread=best.spread,
        segments={name: best.values[key] for name, key in design.segments.items()},
        models={name: best.values[key] for name, key in design.models.items()},
        car_per_year=best.values.get("car", 0.0),
        km_per_10k=best.values.get("km", 0.0),
        km_usual=design.km_usual,
        medians={
            name: best.median((design.segments.get(segment), design.models.get(name)), best.spread)
            for name, segment in design.segment_of.items()
        },
        segment_medians={name: best.median((design.segments.get(name),)) for name in set(design.segment_of.values())},
        curves=curves(taken),
    )


def curves(tenures: Sequence[Tenure]) -> dict[str, Curve]:
    """The curve of each model that was replaced at least once."""
    by_model: dict[str, list[Tenure]] = {}
    for each in tenures:
        by_model.setdefault(each.model, []).append(each)
    return {model: _curve(own) for model, own in sorted(by_model.items()) if any(each.replaced for each in own)}


def _curve(tenures: Sequence[Tenure]) -> Curve:
    entries = np.array([each.entry_years for each in tenures])
    estimate = KaplanMeierFitter().fit(
        np.array([each.years for each in tenures]),
        np.array([each.replaced for each in tenures]),
        entry=entries if entries.any() else None,
    )
    times = estimate.survival_function_.index.to_numpy(float)
    still = estimate.survival_function_.iloc[:, 0].to_numpy(float)
    low, high = (estimate.confidence_interval_.iloc[:, at].to_numpy(float) for at in (0, 1))
    low, high = np.nan_to_num(low, nan=0.0), np.nan_to_num(high, nan=1.0)
    shown = np.arange(0.0, times[-1] + _STEP_YEARS, _STEP_YEARS)
    at = np.searchsorted(times, shown, side="right") - 1
    return Curve(
        owners=len(tenures),
        replaced=sum(each.replaced for each in tenures),
        median=Span(_first(times, still), _first(times, low), _first(times, high)),
        points=tuple(
            Point(round(float(years), 2), *(round(float(line[step]), 4) for line in (still, low, high)))
            for years, step in zip(shown, at, strict=True)
        ),
    )


def _first(times: Floats, line: Floats) -> float | None:
    """When ``line`` first comes down to a half; None where it never does."""
    below = np.flatnonzero(line <= 0.5)
    return round(float(times[below[0]]), 3) if below.size else None


class _Design:
    """The columns of the regression: which segment and model has which, and how far each may be from 0."""

    def __init__(self, tenures: Sequence[Tenure]) -> None:
        self.segment_of = {each.model: each.segment for each in tenures}
        counts = Counter(each.model for each in tenures)
        common = [model for model, count in counts.most_common(_MOST_MODELS) if count >= _FEWEST_OF_MODEL]
        segments = sorted(set(self.segment_of.values()))
        self.segments = {name: f"s{at}" for at, name in enumerate(segments)} if len(segments) > 1 else {}
        self.models = {name: f"m{at}" for at, name in enumerate(common)} if len(common) > 1 else {}
        known = [each.km_year / 10_000 for each in tenures if each.km_year is not None]
        self.km_usual = float(np.median(known)) if known else 0.0
        columns: dict[str, object] = {
            "years": [each.years for each in tenures],
            "replaced": [each.replaced for each in tenures],
            "entry": [each.entry_years for each in tenures],
        }
        for name, key in self.segments.items():
            columns[key] = [float(each.segment == name) for each in tenures]
        for name, key in self.models.items():
            columns[key] = [float(each.model == name) for each in tenures]
        slopes = {
            "car": [each.car_age for each in tenures],
            "km": [each.km_above(self.km_usual) for each in tenures],
        }
        columns |= {name: values for name, values in slopes.items() if max(values) - min(values) > 1e-6}
        self.frame = pd.DataFrame(columns)
        # Sorted, as the library does it: penalties have no names.
        self.covariates = sorted(name for name in columns if name not in ("years", "replaced", "entry"))
        self._deviation = self.frame[self.covariates].std(axis=0).to_numpy(float)

    def penalties(self, spread: float) -> Floats:
        """For the library's mean log likelihood over columns of standard deviation 1; the last is for the shape."""
        widths = {"s": _SEGMENT_SPREAD, "m": spread, "c": _SLOPE_SPREAD, "k": _SLOPE_SPREAD}
        width = np.array([widths[name[0]] for name in self.covariates])
        return np.append(1.0 / (len(self.frame) * (width * self._deviation) ** 2), 0.0)

    def point(self, values: Mapping[str, float]) -> Floats:
        """``values`` as the library scales and orders them: covariates, base, shape."""
        scaled = np.array([values[name] for name in self.covariates]) * self._deviation
        return np.concatenate([scaled, [values["base"], values["shape"]]])


class _Fit:
    """What one spread led to: parameters by column, and how they vary together."""

    def __init__(self, spread: float, values: Mapping[str, float], variance: pd.DataFrame) -> None:
        self.spread = spread
        self.values = values
        self._variance = variance

    def next_spread(self, models: Iterable[str]) -> float:
        """The spread by which to fit again, from the deviations of the columns ``models`` and how sure they are."""
        columns = list(models)
        if not columns:
            return self.spread
        unsure = sum(float(self._variance.at[column, column]) for column in columns) / self.spread**2
        determined = max(len(columns) - unsure, 0.01)
        squares = sum(self.values[column] ** 2 for column in columns)
        return min(max(sqrt(squares / determined), _SPREADS[0]), _SPREADS[1])

    def median(self, parts: Sequence[str | None], spread: float = 0.0) -> Span:
        """The median for a car bought new and driven as usual, where the columns ``parts`` are 1. A model without a
        column of its own (the last part is None then) may be ``spread`` away from its segment.
        """
        columns = ["base", *(part for part in parts if part is not None)]
        unknown = spread**2 if parts[-1] is None else 0.0
        shape = exp(self.values["shape"])
        middle = sum(self.values[column] for column in columns) + log(_LN2) / shape
        slopes = dict.fromkeys(columns, 1.0) | {"shape": -log(_LN2) / shape}
        gradient = np.array([slopes.get(name, 0.0) for name in self._variance.columns])
        error = float(np.sqrt(gradient @ self._variance.to_numpy(float) @ gradient + unknown))
        return Span(*(round(exp(middle + z * error), 3) for z in (0.0, -_Z, _Z)))


def _fit(design: _Design, spread: float, start: _Fit | None = None) -> _Fit:
    """The fit by one ``spread``, begun where the fit ``start`` ended."""
    fitter = WeibullAFTFitter(penalizer=design.penalties(spread))
    entry = "entry" if design.frame["entry"].any() else None
    frame = design.frame if entry else design.frame.drop(columns="entry")
    try:
        with warnings.catch_warnings():
            # The prior holds columns in which nobody, or everybody, has replaced; and the library's own habits age.
            warnings.simplefilter("ignore", ConvergenceWarning)
            warnings.simplefilter("ignore", DeprecationWarning)
            warnings.simplefilter("ignore", FutureWarning)
            point = None if start is None else design.point(start.values)
            fitter.fit(frame, "years", "replaced", entry_col=entry, initial_point=point)
    except ConvergenceError:
        raise ParseError("no cycle fits these tenures; look for days that are wrong") from None
    names = [
        "shape" if part == "rho_" else "base" if name == "Intercept" else name for part, name in fitter.params_.index
    ]
    if names != [*design.covariates, "base", "shape"]:
        raise Unavailable("this version of lifelines orders its columns otherwise; its penalties would go astray")
    values = {name: float(value) for name, value in zip(names, fitter.params_.to_numpy(float), strict=True)}
    return _Fit(spread, values, pd.DataFrame(fitter.variance_matrix_.to_numpy(float), index=names, columns=names))

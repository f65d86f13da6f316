"""How well the trade-in model ranks owners, on SYNTHETIC owners whose truth is known. ``python -m bench.tradein
[--json]``.

For each seed a market of owners is made twice over: once as the model assumes it, once otherwise. The cycle is fitted
on what a dealer sees; then each policy calls the same number of owners who still have their car, and we count how many
of them would have replaced within the next months. Intervals are of the mean over seeds (Student, 95 %).
"""

import argparse
import json
import os
import platform
import random
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from rich.console import Console
from rich.table import Table
from scipy import stats

from campaigns.tradein.cycle import Cycle
from campaigns.tradein.fit import fitted
from campaigns.tradein.synthetic import TRUTH, UNLIKE, Made, Truth, made
from campaigns.tradein.tenure import Tenure

WORLDS: Final[Mapping[str, Truth]] = {"weibull": TRUTH, "loglogistic": UNLIKE}
SHARES: Final = (0.02, 0.05, 0.1, 0.2)
"""Of those who could be called."""
Score = Callable[[Tenure], float]


@dataclass(frozen=True, slots=True)
class Row:
    """``policy`` called ``share`` of the owners who could be called; so many of a hundred of them would have replaced,
    with the interval; ``more_than_age`` is how many more than the policy ``age`` found on the same owners.
    """

    world: str
    policy: str
    share: float
    calls: float
    per_100: float
    low: float
    high: float
    more_than_age: float
    more_low: float
    more_high: float
    seeds: int


@dataclass(frozen=True, slots=True)
class Recovery:
    """How far estimates of models' medians are from the truth, in years (mean over models and seeds): of the fitted
    cycle, of Kaplan–Meier alone (``km_missing``: the share of models for which it has none), and of the plain median of
    the tenures that ended, which forgets the others. ``coverage`` is the share of 95 % intervals that hold the truth.
    """

    world: str
    cycle_bias: float
    cycle_error: float
    coverage: float
    km_error: float
    km_missing: float
    naive_bias: float
    naive_error: float
    fit_s: float


def hits(owners: Sequence[Made], score: Score, calls: int, months: float) -> float:
    """Of a hundred calls, by ``score``, how many go to owners who replace within ``months``."""
    chosen = sorted(owners, key=lambda each: score(each.tenure), reverse=True)[:calls]
    return 100.0 * sum((each.left_years or 0.0) * 12.0 <= months for each in chosen) / calls


def policies(truth: Truth, cycle: Cycle, months: float, chance: random.Random) -> dict[str, Score]:
    """What ranks the owners: the truth itself is what nobody can beat."""
    drawn: dict[str, float] = defaultdict(chance.random)
    return {
        "truth": lambda tenure: truth.within(tenure, months),
        "cycle": lambda tenure: cycle.within(tenure, months),
        "overdue": lambda tenure: overdue(cycle, tenure),
        "age": lambda tenure: tenure.years,
        "random": lambda tenure: drawn[tenure.owner],
    }


def overdue(cycle: Cycle, tenure: Tenure) -> float:
    """Years beyond the model's own Kaplan–Meier median: what a good spreadsheet would rank by."""
    curve = cycle.curves.get(tenure.model)
    return tenure.years - (99.0 if curve is None or curve.median.years is None else curve.median.years)


def recovered(world: str, truth: Truth, owners: Sequence[Made], cycle: Cycle, fit_s: float) -> Recovery:
    """How near the estimates of one market are to its truth."""
    ours, km, naive, held, missing = [], [], [], 0, 0
    for model in truth.models:
        right = truth.usual_median(model.name)
        span, curve = cycle.medians[model.name], cycle.curves.get(model.name)
        ours.append((span.years or 0.0) - right)
        held += (span.low or 0.0) <= right <= (span.high or 0.0)
        ended = [one.tenure.years for one in owners if one.tenure.model == model.name and one.tenure.replaced]
        if ended:
            naive.append(statistics.median(ended) - right)
        if curve is None or curve.median.years is None:
            missing += 1
        else:
            km.append(curve.median.years - right)
    count = len(truth.models)
    return Recovery(
        world=world,
        cycle_bias=statistics.fmean(ours),
        cycle_error=statistics.fmean(map(abs, ours)),
        coverage=held / count,
        km_error=statistics.fmean(map(abs, km)),
        km_missing=missing / count,
        naive_bias=statistics.fmean(naive),
        naive_error=statistics.fmean(map(abs, naive)),
        fit_s=fit_s,
    )


def interval(values: Sequence[float]) -> tuple[float, float, float]:
    """The mean of ``values`` with its 95 % interval."""
    mean = statistics.fmean(values)
    if len(values) < 2:
        return mean, mean, mean
    half = float(stats.t.ppf(0.975, len(values) - 1)) * statistics.stdev(values) / len(values) ** 0.5
    return mean, mean - half, mean + half


def measure(world: str, owners_each: int, months: float, seeds: int) -> tuple[list[Row], Recovery]:
    """All policies and shares in one world."""
    truth = WORLDS[world]
    found: dict[tuple[str, float], list[float]] = defaultdict(list)
    calls: dict[float, list[int]] = defaultdict(list)
    recoveries = []
    for seed in range(seeds):
        owners = made(truth, owners_each, random.Random(1000 + seed).random)
        began = time.perf_counter()
        cycle = fitted([one.tenure for one in owners])
        recoveries.append(recovered(world, truth, owners, cycle, time.perf_counter() - began))
        living = [one for one in owners if one.left_years is not None]
        for share in SHARES:
            calls[share].append(max(1, round(share * len(living))))
            for name, score in policies(truth, cycle, months, random.Random(seed)).items():
                found[name, share].append(hits(living, score, calls[share][-1], months))
    rows = []
    for (name, share), values in found.items():
        more = interval([ours - theirs for ours, theirs in zip(values, found["age", share], strict=True)])
        rows.append(Row(world, name, share, statistics.fmean(calls[share]), *interval(values), *more, seeds))
    figures = [asdict(each) for each in recoveries]
    means = {key: statistics.fmean(each[key] for each in figures) for key in figures[0] if key != "world"}
    return sorted(rows, key=lambda row: row.share), Recovery(world, **means)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of tables")
    parser.add_argument("--owners", type=int, default=4000, help="in each market")
    parser.add_argument("--months", type=float, default=6.0, help="in which a replacement counts")
    parser.add_argument("--seeds", type=int, default=20, help="markets of each world")
    arguments = parser.parse_args()
    rows: list[Row] = []
    recoveries = []
    for world in WORLDS:
        of_world, recovery = measure(world, arguments.owners, arguments.months, arguments.seeds)
        rows += of_world
        recoveries.append(recovery)
    if arguments.json:
        machine = {"python": platform.python_version(), "cores": os.cpu_count(), "machine": platform.machine()}
        found = {
            "synthetic": True,
            "owners": arguments.owners,
            "months": arguments.months,
            "rows": [_rounded(asdict(row)) for row in rows],
            "recovery": [_rounded(asdict(each)) for each in recoveries],
            "on": machine,
        }
        sys.stdout.write(json.dumps(found) + "\n")
        return
    screen = Console()
    table = Table("world", "share called", "policy", "per 100 calls", "95 %", "more than age", "95 %")
    for row in rows:
        spans = (f"{row.low:.1f}–{row.high:.1f}", f"{row.more_low:.1f}–{row.more_high:.1f}")
        table.add_row(
            row.world,
            f"{row.share:.0%}",
            row.policy,
            f"{row.per_100:.1f}",
            spans[0],
            f"{row.more_than_age:+.1f}",
            spans[1],
        )
    screen.print("SYNTHETIC owners", table)
    for each in recoveries:
        screen.print_json(data=_rounded(asdict(each)))


def _rounded(values: Mapping[str, object]) -> dict[str, object]:
    return {key: round(value, 3) if isinstance(value, float) else value for key, value in values.items()}


if __name__ == "__main__":
    main()

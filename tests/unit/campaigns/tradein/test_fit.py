"""The cycle that is fitted on synthetic owners is the true one; and what goes wrong for whoever forgets the others."""

import random
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace

import pytest

from campaigns.tradein.cycle import Cycle
from campaigns.tradein.fit import curves, fitted
from campaigns.tradein.kept import read, written
from campaigns.tradein.ranking import ranked
from campaigns.tradein.synthetic import TRUTH, Made, made
from campaigns.tradein.tenure import Tenure
from core.errors import ParseError

FREQUENT = [model for model in TRUTH.models if model.share >= 0.05]
RARE = [model for model in TRUTH.models if model.share <= 0.02]


@pytest.fixture(scope="module")
def owners() -> Sequence[Made]:
    return made(TRUTH, 2400, random.Random(400).random)


@pytest.fixture(scope="module")
def cycle(owners: Sequence[Made]) -> Cycle:
    return fitted([one.tenure for one in owners])


def test_the_truth_lies_within_the_intervals(cycle: Cycle) -> None:
    inside = [
        (cycle.medians[model.name].low or 0) <= model.median_years <= (cycle.medians[model.name].high or 0)
        for model in TRUTH.models
    ]
    assert sum(inside) >= len(inside) - 2, cycle.medians
    for model in FREQUENT:
        assert cycle.medians[model.name].years == pytest.approx(model.median_years, rel=0.08)
    assert cycle.shape == pytest.approx(TRUTH.shape, rel=0.08)
    assert cycle.km_per_10k == pytest.approx(TRUTH.km_per_10k, abs=0.05)
    assert cycle.car_per_year == pytest.approx(TRUTH.car_per_year, abs=0.02)


def test_who_forgets_those_who_still_have_their_car_is_wrong(owners: Sequence[Made], cycle: Cycle) -> None:
    for model in FREQUENT:
        own = [one.tenure for one in owners if one.tenure.model == model.name]
        naive = statistics.median(each.years for each in own if each.replaced)
        median = curves(own)[model.name].median.years
        assert median is not None
        assert naive < 0.93 * model.median_years
        assert abs(median - model.median_years) < abs(naive - model.median_years)
        assert abs((cycle.medians[model.name].years or 0) - model.median_years) < abs(naive - model.median_years)


def test_who_forgets_that_the_records_begin_late_is_wrong() -> None:
    """Those who replaced before are not in them, so cars seem to be kept for longer."""
    truth = replace(TRUTH, models=TRUTH.models[:2], records_years=3.0, lost_share=0.0)
    tenures = [one.tenure for one in made(truth, 600, random.Random(5).random)]
    told, blind = (fitted(given, rounds=1) for given in (tenures, [replace(each, entry_years=0.0) for each in tenures]))
    for model in truth.models:
        right, wrong = (cycle.medians[model.name].years or 0.0 for cycle in (told, blind))
        assert right == pytest.approx(model.median_years, rel=0.12)
        assert wrong > 1.1 * right


def test_a_rare_model_borrows_from_its_segment() -> None:
    """With three owners it is nearly as its segment; with hundreds of the same it is its own."""
    early = [
        Tenure(f"早换{at}", "合成稀有", "MPV", 4.5 + 0.004 * at, replaced=True, km_year=14_000.0) for at in range(200)
    ]
    truth = replace(TRUTH, models=(TRUTH.models[0], TRUTH.models[9]))
    tenures = [one.tenure for one in made(truth, 500, random.Random(6).random)]
    few, many = fitted([*tenures, *early[:3]], rounds=1), fitted([*tenures, *early], rounds=1)
    segment = few.segment_medians["MPV"].years or 0.0
    rare, own = (each.medians["合成稀有"].years or 0.0 for each in (few, many))
    assert 0.8 * segment < rare < segment
    assert own < 0.85 * rare
    spans = (few.medians["合成稀有"], few.medians["合成轿车甲"])
    width = [(span.high or 0) / (span.low or 1) for span in spans]
    assert width[0] > 1.2 * width[1], "and its interval says how little is known"


def test_the_curve_comes_down_and_its_interval_holds_it(cycle: Cycle) -> None:
    curve = cycle.curves[FREQUENT[0].name]
    assert curve.points[0].still == 1.0
    for before, after in zip(curve.points, curve.points[1:], strict=False):
        assert after.still <= before.still
        assert after.low <= after.still <= after.high
    assert curve.median.low is not None and curve.median.years is not None
    assert curve.median.low <= curve.median.years


def test_it_ranks_better_than_age_and_chance(owners: Sequence[Made], cycle: Cycle) -> None:
    left = {one.tenure.owner: one.left_years for one in owners if one.left_years is not None}
    living = [one.tenure for one in owners if one.left_years is not None]
    calls = len(living) // 10

    def found(chosen: Sequence[Tenure]) -> int:
        return sum(left[each.owner] <= 0.5 for each in chosen)

    ours = [each.tenure for each in ranked(cycle, living, months=6, most=calls)]
    oldest = sorted(living, key=lambda each: each.years, reverse=True)[:calls]
    anyone = random.Random(1).sample(living, calls)
    assert found(ours) > found(oldest) > found(anyone)


def test_what_is_kept_is_read_as_it_was(cycle: Cycle) -> None:
    assert read(written(cycle)) == cycle
    for text in ("", "{}", "[]", written(cycle).replace('"version": 1', '"version": 9'), '{"version": 1, "owners": 3}'):
        with pytest.raises(ParseError):
            read(text)


def test_too_few_say_nothing() -> None:
    with pytest.raises(ParseError, match="too few"):
        fitted([Tenure(str(at), "a", "b", 1.0 + at, replaced=at < 19) for at in range(40)])
    with pytest.raises(ParseError, match="too few"):
        fitted([])


def test_one_model_alone_and_no_mileage() -> None:
    chance = random.Random(3)
    lives = [chance.weibullvariate(7.0, 3.0) for _ in range(400)]
    tenures = [Tenure(str(at), "a", "b", min(life, 6.0), replaced=life < 6.0) for at, life in enumerate(lives)]
    alone = fitted(tenures)
    assert alone.medians["a"].years == pytest.approx(7.0 * 0.6931 ** (1 / 3), rel=0.06)
    assert (alone.models, alone.segments, alone.km_per_10k) == ({}, {}, 0.0)


def test_reading_a_cycle_loads_no_survival_library() -> None:
    """It is done in the process that carries the calls."""
    code = "import sys, campaigns.tradein.kept, campaigns.tradein.ranking, desk.offers, desk.interest\n"
    code += "print(sorted({'lifelines', 'pandas', 'scipy', 'numpy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"

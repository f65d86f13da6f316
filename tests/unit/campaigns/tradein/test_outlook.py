"""Tenures from days, chances by arithmetic, and the reasons in words."""

from datetime import date
from math import exp, log

import pytest

from campaigns.tradein.cycle import Curve, Cycle, Span
from campaigns.tradein.ranking import outlook, ranked
from campaigns.tradein.tenure import Tenure, tenure_of

CYCLE = Cycle(
    owners=100,
    replaced=40,
    shape=2.0,
    base=log(8.0),
    spread=0.1,
    segments={"轿车": 0.0},
    models={"轩逸": log(0.9)},
    car_per_year=-0.05,
    km_per_10k=-0.2,
    km_usual=1.5,
    medians={"轩逸": Span(6.2, 5.9, 6.6), "稀有": Span(6.9, 4.0, 9.0)},
    segment_medians={"轿车": Span(6.7, 6.4, 7.0)},
    curves={"轩逸": Curve(60, 30, Span(6.2, 5.8, None), ()), "稀有": Curve(3, 1, Span(None, None, None), ())},
)


def owner(name: str = "a", model: str = "轩逸", years: float = 6.8, **more: float | bool) -> Tenure:
    return Tenure(name, model, "轿车", years, **more)  # type: ignore[arg-type]


def test_a_tenure_from_days() -> None:
    tenure = tenure_of(
        "王", "轩逸", "轿车", since=date(2020, 1, 1), seen=date(2026, 1, 1), replaced=False,
        known_since=date(2021, 1, 1), plated=date(2019, 1, 1), km=(30_000.0, 2.0),
    )  # fmt: skip
    assert (tenure.years, tenure.entry_years, tenure.car_years) == pytest.approx((6.0, 1.0, 1.0), abs=0.01)
    assert tenure.km_year == 15_000.0
    short = tenure_of("李", "轩逸", "轿车", since=date(2026, 1, 1), seen=date(2026, 1, 1), replaced=True, km=(900, 0.1))
    assert short.years > short.entry_years >= 0.0
    assert short.km_year is None, "a few weeks say nothing of a year"
    late = tenure_of(
        "赵", "轩逸", "轿车", since=date(2020, 1, 1), seen=date(2020, 6, 1), replaced=True, known_since=date(2021, 1, 1)
    )
    assert late.entry_years < late.years, "what our records hold we have known while he had it"


def test_chances_are_conditional_on_not_having_replaced_yet() -> None:
    tenure = owner()
    scale = 8.0 * 0.9
    assert CYCLE.scale(tenure) == pytest.approx(scale)
    still = [exp(-((years / scale) ** 2)) for years in (6.8, 7.3)]
    assert CYCLE.within(tenure, 6) == pytest.approx(1 - still[1] / still[0])
    assert CYCLE.still(tenure, 6.8) == pytest.approx(still[0])
    assert CYCLE.within(tenure, 0) == 0.0
    assert 0 < CYCLE.within(tenure, 3) < CYCLE.within(tenure, 6) < CYCLE.within(tenure, 12) < 1
    assert CYCLE.usual_years(tenure) == pytest.approx(scale * log(2) ** 0.5)
    assert CYCLE.within(owner(years=60.0), 1200) == pytest.approx(1.0)


def test_who_drives_more_or_bought_used_is_sooner_there() -> None:
    usual = CYCLE.within(owner(km_year=15_000.0), 6)
    assert usual == CYCLE.within(owner(), 6), "what is not known is taken as usual"
    assert CYCLE.within(owner(km_year=30_000.0), 6) > usual > CYCLE.within(owner(km_year=5_000.0), 6)
    assert CYCLE.within(owner(car_years=4.0), 6) > usual
    assert CYCLE.within(owner(km_year=60_000.0), 6) == CYCLE.within(owner(km_year=900_000.0), 6)


def test_a_model_that_nobody_has_seen_is_as_its_segment() -> None:
    assert CYCLE.scale(owner(model="新款")) == pytest.approx(8.0)
    assert CYCLE.median_of(owner(model="新款")) == (Span(6.7, 6.4, 7.0), False)
    assert CYCLE.median_of(owner(model="稀有")) == (Span(6.7, 6.4, 7.0), False), "one replacement is no median"
    assert CYCLE.median_of(Tenure("a", "b", "c", 1.0))[0].years is None


def test_the_likeliest_first_with_reasons() -> None:
    tenures = [
        owner("old", years=9.0),
        owner("young", years=2.0),
        owner("gone", years=9.5, replaced=True),
        owner("taxi", years=6.8, km_year=60_000.0, car_years=1.5),
        owner("usual"),
    ]
    found = ranked(CYCLE, tenures, months=6, most=3)
    assert [each.tenure.owner for each in found] == ["taxi", "old", "usual"]
    assert found[2].zh == "轩逸，已6.8年，同款车主中位置换6.2年（5.9–6.6）"
    assert found[2].en == "轩逸, 6.8 years, median replaced at 6.2 (5.9–6.6) by owners of the model"
    assert found[0].zh.endswith("年均6.0万公里，用车多，购入时车龄1.5年")
    assert len(found[0].chances) == 3
    assert "同级别车主中位置换6.7年" in outlook(CYCLE, owner(model="稀有")).zh
    assert outlook(CYCLE, Tenure("a", "b", "c", 1.0)).zh == "b，已1.0年"

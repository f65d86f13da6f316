"""Answers to a survey by kind of question, counted by hand."""

import random
import statistics

import pytest

from reports.ratings import wilson
from reports.spread import MAX_BINS, Bin, bins_of, spread_of
from reports.survey_form import Answered, Asked, Form, Text
from reports.surveys import form_reports

FORM = Form(
    "v1",
    "after_sale",
    100.0,
    {
        "explained": Asked("yes_no", text=Text("讲解了吗？"), options={"yes": Text("有"), "no": Text("没有")}),
        "why": Asked("choice", options={"price": Text("价格"), "room": Text("空间"), "other": Text("其他")}),
        "km": Asked("number", 0, 500_000, unit=Text("公里", "km")),
        "reason": Asked("speech"),
    },
)
ANSWERS = [
    Answered("v1", "reason", "", 4),
    Answered("v1", "km", "3000", 2),
    Answered("v1", "km", "12000", 1),
    Answered("v1", "km", "7000", 4),
    Answered("v1", "why", "room", 6),
    Answered("v1", "why", "gone", 1),
    Answered("v1", "why", "price", 3),
    Answered("v1", "explained", "no", 3),
    Answered("v1", "explained", "yes", 7),
]


def test_each_kind_has_its_figures() -> None:
    (form,) = form_reports(ANSWERS, [FORM])
    explained, why, km, reason = form.questions
    assert (explained.kind, explained.answers, explained.text.zh) == ("yes_no", 10, "讲解了吗？")
    assert [(it.value, it.text.zh, it.share.hits) for it in explained.values] == [("yes", "有", 7), ("no", "没有", 3)]
    assert (explained.values[0].share.low, explained.values[0].share.high) == wilson(7, 10)
    assert [(it.value, it.share.hits) for it in why.values] == [("price", 3), ("room", 6), ("other", 0), ("gone", 1)]
    assert sum(it.share.share or 0 for it in why.values) == pytest.approx(1)
    assert (km.kind, km.answers, km.unit.en) == ("number", 7, "km")
    assert km.spread is not None
    assert (km.spread.mean, km.spread.median) == (pytest.approx(46_000 / 7), 7000)
    assert (km.spread.low, km.spread.high, km.spread.least, km.spread.most) == (3000, 12000, 3000, 12000)
    assert [(it.value, it.share.hits) for it in km.values] == [
        ("3000–3999", 2), ("4000–4999", 0), ("5000–5999", 0), ("6000–6999", 0), ("7000–7999", 4), ("8000–8999", 0),
        ("9000–9999", 0), ("10000–10999", 0), ("11000–11999", 0), ("12000–12999", 1),
    ]  # fmt: skip
    assert (reason.kind, reason.answers, reason.values) == ("speech", 4, ())


def test_the_median_of_few_has_no_interval() -> None:
    few = spread_of({3: 2, 5: 2, 9: 1})
    assert few is not None and (few.median, few.low, few.high) == (5, None, None)
    even = spread_of({1: 1, 2: 1})
    assert even is not None and even.median == 1.5
    assert spread_of({}) is None and spread_of({4: 0}) is None


def test_the_interval_of_a_median_holds_it_in_95_of_100() -> None:
    """Of a skewed distribution, whose median is 20 · ln 2 ≈ 13.9."""
    chance = random.Random(5)
    held = 0
    for _ in range(400):
        drawn = [int(chance.expovariate(1 / 20.0) * 1000) for _ in range(25)]
        counts = {number: drawn.count(number) for number in drawn}
        found = spread_of(counts)
        assert found is not None and found.median == statistics.median(drawn)
        assert found.low is not None and found.high is not None
        held += found.low <= 13_863 <= found.high
    assert held >= 375, held


@pytest.mark.parametrize(
    ("counts", "bins"),
    [
        ({2: 1, 4: 3}, [Bin(2, 2, 1), Bin(3, 3, 0), Bin(4, 4, 3)]),
        ({0: 1, 11: 1}, [Bin(low, low + 1, 1 if low in (0, 10) else 0) for low in range(0, 12, 2)]),
        ({7: 2}, [Bin(7, 7, 2)]),
        ({}, []),
    ],
)
def test_bins_are_even_and_few(counts: dict[int, int], bins: list[Bin]) -> None:
    assert list(bins_of(counts)) == bins


def test_bins_hold_everybody() -> None:
    chance = random.Random(6)
    for _ in range(200):
        top = 10 ** chance.randint(1, 7)
        counts = {chance.randint(0, top): chance.randint(1, 9) for _ in range(chance.randint(1, 30))}
        bins = bins_of(counts)
        assert len(bins) <= MAX_BINS
        assert sum(it.times for it in bins) == sum(counts.values())

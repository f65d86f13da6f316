"""Laws, plans of the day, arrivals and shifts of the simulator."""

import math
import random
from itertools import islice, takewhile
from statistics import fmean, stdev

import pytest

from acd.arrivals import Caller, callers, poisson, together
from acd.day_plan import DAY_S, DayPlan, Surge, constant, parse_plan, parse_surge, surged
from acd.laws import NEVER, Law, Shape, parse_law
from acd.shifts import Crew, shifts
from core.errors import ParseError

MIDNIGHT = 1_767_542_400.0
HOUR = 3600.0


def test_laws_have_the_mean_and_spread_they_say() -> None:
    chance = random.Random(400)
    exponential = [Law(Shape.EXPONENTIAL, 180.0).drawn_by(chance.random)() for _ in range(6_000)]
    assert fmean(exponential) == pytest.approx(180.0, rel=0.05) and stdev(exponential) == pytest.approx(180.0, rel=0.1)
    log_normal = [Law(Shape.LOG_NORMAL, 170.0, 110.0).drawn_by(chance.random)() for _ in range(6_000)]
    assert fmean(log_normal) == pytest.approx(170.0, rel=0.05) and stdev(log_normal) == pytest.approx(110.0, rel=0.15)
    assert Law(Shape.CONSTANT, 60.0).drawn_by(chance.random)() == 60.0
    assert NEVER.drawn_by(chance.random)() == math.inf


def test_lots_at_the_edges_are_durations_too() -> None:
    for lot in (0.0, math.nextafter(1.0, 0.0)):
        for law in (Law(Shape.EXPONENTIAL, 180.0), Law(Shape.LOG_NORMAL, 170.0, 110.0)):
            assert 0.0 <= law.drawn_by(lambda lot=lot: lot)() < 86_400.0


@pytest.mark.parametrize("text", ["exp:180", "lognormal:170,110", "const:3", "const:0", "never"])
def test_laws_are_written_as_they_are_read(text: str) -> None:
    assert str(parse_law(text, "--talk")) == text


@pytest.mark.parametrize(
    "text", ["", "180", "exp", "exp:", "exp:0", "exp:-1", "exp:1e9", "exp:.", "exp:1,2", "lognormal:170", "exp:99999"]
)
def test_what_is_no_law_is_refused(text: str) -> None:
    with pytest.raises(ParseError, match="--talk"):
        parse_law(text, "--talk")


def test_plans_of_the_day() -> None:
    plan = parse_plan("08:00=4,12:30=8.5,20:00=0", "--agents")
    assert [plan.at(hour * HOUR) for hour in (0, 7.99, 8, 12, 12.5, 19.99, 20, 23.9)] == [0, 0, 4, 4, 8.5, 8.5, 0, 0]
    assert plan.most == 8.5 and plan.times(2).at(8 * HOUR) == 8
    assert parse_plan("12", "--agents") == constant(12.0)
    spans = list(islice(plan.spans(MIDNIGHT), 5))
    assert spans[3] == (MIDNIGHT + 20 * HOUR, MIDNIGHT + DAY_S, 0.0)
    assert spans[4] == (MIDNIGHT + DAY_S, MIDNIGHT + DAY_S + 8 * HOUR, 0.0)


@pytest.mark.parametrize("text", ["", "x", "24:00=3", "08:00", "09:00=1,08:00=2", "08:00=1,08:00=2", "08:00=-1", "8=4"])
def test_what_is_no_plan_is_refused(text: str) -> None:
    with pytest.raises(ParseError, match="--agents"):
        parse_plan(text, "--agents")


def test_a_surge_multiplies_for_as_long_as_it_lasts() -> None:
    plan = surged(parse_plan("08:00=60,12:00=30", "x"), [parse_surge("11:30+60x3", "x"), Surge(23 * HOUR, 7200.0, 2.0)])
    assert [plan.at(hour * HOUR) for hour in (0, 8, 11.4, 11.5, 12, 12.4, 12.5, 23, 23.9)] == [
        0, 60, 60, 180, 90, 90, 30, 60, 60,
    ]  # fmt: skip
    for text in ("11:30", "11:30+60", "11:30+0x3", "25:00+60x3", "11:30+60x-1"):
        with pytest.raises(ParseError, match="--surge"):
            parse_surge(text, "--surge")


def test_arrivals_follow_the_plan_exactly() -> None:
    """Counts of many days: mean and variance of each part of the day are those of a Poisson law."""
    plan = parse_plan("08:00=60,08:10=6,12:00=30", "x")
    days = 120
    moments = list(takewhile(lambda at: at < MIDNIGHT + days * DAY_S, poisson(plan, MIDNIGHT, random.Random(1).random)))
    assert moments == sorted(moments)
    ten_past = 8.0 + 1 / 6
    for since, until, expected in ((0, 8, 0.0), (8, ten_past, 10.0), (ten_past, 12, 23.0), (12, 24, 360.0)):
        counts = [0] * days
        for at in moments:
            day, second = divmod(at - MIDNIGHT, DAY_S)
            counts[int(day)] += since * HOUR <= second < until * HOUR
        assert fmean(counts) == pytest.approx(expected, abs=4 * math.sqrt(expected / days))
        if expected:
            assert stdev(counts) ** 2 == pytest.approx(expected, rel=0.5)


def test_streams_come_together_in_order() -> None:
    chance = random.Random(2)
    one = callers([1.0, 4.0], "sales", lambda: 9.0, lambda: 60.0)
    other = callers(islice(poisson(constant(3600.0), 0.0, chance.random), 5), "service", lambda: 9.0, lambda: 60.0)
    found = list(together([one, other]))
    assert len(found) == 7 and [caller.at for caller in found] == sorted(caller.at for caller in found)
    assert list(together([callers([1.0], "sales", lambda: 9.0, lambda: 60.0)])) == [Caller(1.0, "sales", 9.0, 60.0)]


def test_shifts_of_crews_day_after_day() -> None:
    crews = [Crew(("a", "b"), DayPlan(((0.0, 0.0), (8 * HOUR, 2.0), (18 * HOUR, 1.0)))), Crew(("c",), constant(1.0))]
    found = [(shift.at - MIDNIGHT, set(shift.agents)) for shift in islice(shifts(crews, MIDNIGHT), 5)]
    assert found == [
        (0.0, {"c"}),
        (8 * HOUR, {"a", "b", "c"}),
        (18 * HOUR, {"a", "c"}),
        (DAY_S, {"c"}),
        (DAY_S + 8 * HOUR, {"a", "b", "c"}),
    ]
    assert len(list(shifts([Crew(("c",), constant(1.0))], MIDNIGHT))) == 1

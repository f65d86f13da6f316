"""Forecasts: which days are alike, what they weigh, and how often the interval holds."""

import math
import random
from datetime import date, timedelta

import pytest

from reports.forecast import SLOTS, Alike, DayKind, PastDay, forecast

WEDNESDAY = date(2026, 5, 20)
SHAPE = tuple(20.0 * math.exp(-(((slot - 21) / 6) ** 2)) for slot in range(SLOTS))


def flat(day: date, calls: int, kind: DayKind = DayKind.ORDINARY) -> PastDay:
    return PastDay(day, kind, (calls,) * SLOTS)


def weeks_before(day: date, weeks: int) -> date:
    return day - timedelta(weeks=weeks)


def test_an_ordinary_day_is_like_the_same_weekday_that_was_ordinary() -> None:
    past = [flat(WEDNESDAY - timedelta(days=back), 100) for back in range(1, 29) if back % 7]
    past += [flat(weeks_before(WEDNESDAY, 1), 10), flat(weeks_before(WEDNESDAY, 2), 10)]
    past += [flat(weeks_before(WEDNESDAY, 3), 500, DayKind.HOLIDAY), flat(weeks_before(WEDNESDAY, -1), 900)]
    found = forecast(WEDNESDAY, DayKind.ORDINARY, past)
    assert found is not None and (found.alike, len(found.days)) == (Alike.WEEKDAY, 2)
    assert {slot.calls for slot in found.slots} == {10.0}


def test_later_days_weigh_more_by_half_in_four_weeks() -> None:
    past = [flat(weeks_before(WEDNESDAY, 1), 30), flat(weeks_before(WEDNESDAY, 5), 0)]
    found = forecast(WEDNESDAY, DayKind.ORDINARY, past)
    assert found is not None and found.slots[0].calls == pytest.approx(20.0)


def test_holidays_are_like_holidays_or_else_sundays() -> None:
    sunday = date(2026, 5, 17)
    sundays = [flat(weeks_before(sunday, weeks), 4) for weeks in range(4)]
    holidays = [flat(date(2026, 5, 1), 7, DayKind.HOLIDAY), flat(date(2026, 5, 2), 7, DayKind.HOLIDAY)]
    found = forecast(date(2026, 6, 19), DayKind.HOLIDAY, sundays + holidays)
    assert found is not None and (found.alike, found.slots[0].calls) == (Alike.HOLIDAYS, 7.0)
    few = forecast(date(2026, 6, 19), DayKind.HOLIDAY, sundays + holidays[:1])
    assert few is not None and (few.alike, few.slots[0].calls) == (Alike.SUNDAYS, 4.0)


def test_a_weekend_day_that_makes_up_is_a_working_day() -> None:
    saturdays = [flat(date(2026, 5, 2), 1), flat(date(2026, 5, 9), 50, DayKind.MAKE_UP)]
    week = [flat(date(2026, 5, 11) + timedelta(days=days), 50) for days in range(5)]
    found = forecast(date(2026, 6, 13), DayKind.MAKE_UP, saturdays + week)
    assert found is not None and (found.alike, len(found.days)) == (Alike.WORKING_DAYS, 6)
    assert found.slots[0].calls == pytest.approx(50.0)


def test_too_little_past_is_said() -> None:
    assert forecast(WEDNESDAY, DayKind.ORDINARY, [flat(weeks_before(WEDNESDAY, 1), 10)]) is None
    assert forecast(WEDNESDAY, DayKind.ORDINARY, []) is None


def test_where_nobody_ever_calls_nobody_is_expected() -> None:
    found = forecast(WEDNESDAY, DayKind.ORDINARY, [flat(weeks_before(WEDNESDAY, weeks), 0) for weeks in (1, 2)])
    assert found is not None and found.scatter == 1.0
    assert all((slot.calls, slot.low, slot.high) == (0.0, 0.0, 0.0) for slot in found.slots)


def drawn(chance: random.Random, day: date, factor: float) -> PastDay:
    """Poisson counts around the shape of a day."""
    counts = []
    for mean in SHAPE:
        left, calls = math.exp(-mean * factor), 0
        product = chance.random()
        while product > left:
            calls += 1
            product *= chance.random()
        counts.append(calls)
    return PastDay(day, DayKind.ORDINARY, tuple(counts))


@pytest.mark.parametrize(
    ("spread", "scatters"), [(0.0, False), (0.25, True)], ids=["by chance only", "busy and calm days"]
)
def test_nine_in_ten_half_hours_lie_in_the_interval(spread: float, scatters: bool) -> None:
    """Of half hours in which somebody is to be expected; days that differ by more than chance widen it."""
    chance = random.Random(400)
    inside = tried = 0
    scatter = []
    for _ in range(60):

        def factor() -> float:
            return math.exp(spread * chance.gauss(0.0, 1.0) - spread * spread / 2)

        past = [drawn(chance, weeks_before(WEDNESDAY, weeks), factor()) for weeks in range(8, 0, -1)]
        found = forecast(WEDNESDAY, DayKind.ORDINARY, past)
        assert found is not None
        scatter.append(found.scatter)
        real = drawn(chance, WEDNESDAY, factor())
        for mean, slot, calls in zip(SHAPE, found.slots, real.counts, strict=True):
            if mean >= 2.0:
                tried += 1
                inside += slot.low <= calls <= slot.high
    assert 0.85 <= inside / tried <= 0.96
    assert (sum(scatter) / len(scatter) > 1.3) is scatters

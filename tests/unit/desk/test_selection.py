"""Conditions: what cannot be is refused, days are counted as people count them, text is read as it is written."""

import random
from datetime import date, timedelta

import pytest

from core.errors import ParseError
from desk.selection import SHAPES, Condition, Reason, aged, check, days_ago, plus_months, warranty_began
from desk.selection_text import read_condition, said

TODAY = date(2026, 3, 31)


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        (Condition(Reason.MODEL), "nothing is chosen"),
        (Condition(Reason.MODEL, 1, names=("轩逸",)), "no span"),
        (Condition(Reason.BOUGHT), "span is missing"),
        (Condition(Reason.BOUGHT, 90, 30), "begins after"),
        (Condition(Reason.BOUGHT, -1), "must be from 0"),
        (Condition(Reason.CHANCE_6, 20, 101), "must be from 0 to 100"),
        (Condition(Reason.BOUGHT, 1, names=("轩逸",)), "no names"),
        (Condition(Reason.NUMBER, names=("mobile", "pager")), "unknown"),
        (Condition(Reason.MODEL, names=("x" * 201,)), "too long"),
        (Condition(Reason.MODEL, names=("a\0",)), "too long or empty"),
        (Condition(Reason.MODEL, names=tuple(map(str, range(51)))), "too many"),
    ],
)
def test_what_cannot_be_is_refused(condition: Condition, why: str) -> None:
    with pytest.raises(ParseError, match=why) as caught:
        check([Condition(Reason.OPEN_COMPLAINT), condition])
    assert caught.value.where == "condition 2"


def test_none_and_too_many_are_refused() -> None:
    for conditions in ([], [Condition(Reason.OPEN_COMPLAINT)] * 21):
        with pytest.raises(ParseError):
            check(conditions)
    check([Condition(Reason.VISITED), Condition(Reason.CAMPAIGN)])


def test_days_and_months_are_counted_as_people_count_them() -> None:
    assert days_ago(TODAY, 30, 90) == ("2025-12-31", "2026-03-01")
    assert days_ago(TODAY, None, None) == ("0000", "2026-03-31")
    assert plus_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert plus_months(date(2026, 3, 31), -1) == date(2026, 2, 28)
    assert aged(TODAY, 36, 48) == ("2022-03-01", "2023-03-31")
    assert warranty_began(TODAY, 36, 0, 60) == ("2023-03-31", "2023-05-30")


def test_spans_of_months_hold_just_those_days() -> None:
    chance = random.Random(7)
    for _ in range(300):
        today = date(2024, 1, 1) + timedelta(chance.randrange(900))
        months, least = chance.randrange(1, 80), chance.randrange(200)
        began = plus_months(today, -months) + timedelta(chance.randrange(-3, least + 40))
        first, last = warranty_began(today, months, 0, least)
        ends_in = (plus_months(began, months) - today).days
        assert (first <= began.isoformat() <= last) == (0 <= ends_in <= least), (today, months, least, began)
        first, last = aged(today, months, months)
        passed = plus_months(began, months) <= today < plus_months(began, months + 1)
        assert (first <= began.isoformat() <= last) == passed, (today, months, began)


def test_the_ends_of_the_calendar_are_no_end() -> None:
    assert aged(date(2026, 1, 1), 1200, None)[1] == "1926-01-01"
    assert days_ago(date(90, 1, 1), 0, 36_525)[0] == "0001-01-01"


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("model=轩逸,逍客", Condition(Reason.MODEL, names=("轩逸", "逍客"))),
        ("not visited=0..180:保养", Condition(Reason.VISITED, 0, 180, ("保养",), True)),
        ('model="Model 3, LR",轩逸', Condition(Reason.MODEL, names=("Model 3, LR", "轩逸"))),
        ("visited=:保养", Condition(Reason.VISITED, names=("保养",))),
        ("bought=30..", Condition(Reason.BOUGHT, 30)),
        ("warranty=..60", Condition(Reason.WARRANTY, None, 60)),
        ("open_complaint", Condition(Reason.OPEN_COMPLAINT)),
        ("not campaign", Condition(Reason.CAMPAIGN, negated=True)),
    ],
)
def test_text_is_read_as_it_is_written(text: str, condition: Condition) -> None:
    assert read_condition(text) == condition
    assert read_condition(said(condition)) == condition
    assert said(condition) == text


@pytest.mark.parametrize("text", ["", "colour=red", "bought=30", "bought=a..b", "not", "model" + "x" * 20_000])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(ParseError):
        read_condition(text)


def test_every_reason_has_words() -> None:
    assert set(SHAPES) == set(Reason)
    assert all(shape.zh and shape.en for shape in SHAPES.values())

"""From the list to the sale, counted by hand once."""

from datetime import date, timedelta

import pytest

from reports.conversion import CONVERSION_FORMULAS, Followed, ReachedPerson, conversion
from reports.intervals import wilson

MONDAY = date(2026, 6, 1)


def after(days: int) -> date:
    return MONDAY + timedelta(days)


def test_stages_by_hand() -> None:
    reached = [ReachedPerson(contact, MONDAY, contact != 4) for contact in range(1, 6)]
    visits = {
        1: [after(1)],  # the day after counts
        2: [after(0), after(-3)],  # the day of the call and before do not
        3: [after(30), after(31)],  # the last day counts
        4: [after(31)],  # one day too late
        9: [after(2)],  # was never reached
    }
    found = Followed(20, 8, reached, frozenset({1, 2, 9}), visits, {5: [after(29)]})
    made = conversion(found, 30, today=after(40))
    shares = {stage.key: (stage.share.hits, stage.share.of) for stage in made.stages}
    assert list(shares) == [formula.key for formula in CONVERSION_FORMULAS]
    assert shares == {
        "dialled": (8, 20), "reached": (5, 8), "went_well": (4, 5), "agreed": (2, 5), "visited": (2, 5),
        "bought": (1, 5),
    }  # fmt: skip
    assert (made.stages[4].share.low, made.stages[4].share.high) == pytest.approx(wilson(2, 5))
    assert (made.contacts, made.days, made.open) == (20, 30, 0)


def test_people_whose_days_are_not_over_are_told() -> None:
    reached = [ReachedPerson(1, after(0), True), ReachedPerson(2, after(5), True)]
    found = Followed(2, 2, reached, frozenset(), {}, {})
    assert [conversion(found, 7, today=after(day)).open for day in (7, 8, 12, 13)] == [2, 1, 1, 0]


def test_nobody_is_no_share() -> None:
    made = conversion(Followed(0, 0, (), frozenset(), {}, {}), 30, MONDAY)
    assert all(stage.share.share is None for stage in made.stages)

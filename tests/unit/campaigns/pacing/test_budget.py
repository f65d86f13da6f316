"""What the cap leaves: no stretch of enough calls ever breaks it, however the room is used."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.pacing.budget import Budget


def broken(abandoned: list[int], cap: float, enough: int) -> list[tuple[int, int]]:
    """Stretches that are over the cap: of at least ``enough`` calls, or from the first call of all."""
    before = [0]
    for each in abandoned:
        before.append(before[-1] + each)
    return [
        (first, last)
        for last in range(1, len(before))
        for first in range(last)
        if (last - first >= enough or first == 0) and before[last] - before[first] > cap * (last - first) + 1e-9
    ]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 12), st.integers(0, 4)), max_size=40),
    st.sampled_from([(0.03, 100), (0.1, 30), (0.25, 8), (0.5, 4), (0.2, 3), (0.0, 10)]),
)
def test_no_stretch_breaks_the_cap_whatever_is_spent_of_the_room(
    story: list[tuple[int, int]], terms: tuple[float, int]
) -> None:
    cap, enough = terms
    budget, told = Budget(cap, enough), []
    for served, wanted in story:
        for _ in range(served):
            told.append(0)
            budget.count(False)
        for _ in range(min(wanted, max(budget.room, 0))):
            told.append(1)
            budget.count(True)
    assert broken(told, cap, enough) == []
    assert (budget.answered, budget.abandoned) == (len(told), sum(told))


def test_all_that_may_be_spent_is_spent_in_the_end() -> None:
    budget = Budget(0.03, 100)
    for _ in range(20_000):
        budget.count(budget.room > 0)
    assert 0.0220 <= budget.abandoned / budget.answered <= 0.03


def test_room_is_not_saved_up_for_one_bad_hour() -> None:
    budget = Budget(0.03, 100)
    assert budget.room == 0
    rooms = []
    for _ in range(5_000):
        budget.count(False)
        rooms.append(budget.room)
    assert rooms[32] == 0 and rooms[33] == 1 and rooms[99] == 3 and max(rooms) == 3


def test_after_a_breach_there_is_no_room_until_it_is_made_good() -> None:
    budget = Budget(0.03, 100)
    chance = random.Random(1)
    for _ in range(400):
        budget.count(budget.room > 0 and chance.random() < 0.1)
    for _ in range(6):
        budget.count(True)
    assert budget.room < 0
    waited = 0
    while budget.room < 1:
        budget.count(False)
        waited += 1
    assert 100 <= waited <= 300


@pytest.mark.parametrize(("cap", "enough"), [(-0.1, 100), (1.0, 100), (0.03, 0)])
def test_senseless_terms_are_refused(cap: float, enough: int) -> None:
    with pytest.raises(ValueError, match="a cap from 0 to 1"):
        Budget(cap, enough)

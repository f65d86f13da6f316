"""What the cap leaves: no stretch of enough calls ever breaks it, however the room is used."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.pacing.budget import Budget

Story = list[tuple[bool, int]]
"""Whether each who answered was abandoned, and how many people made a stretch when he was decided on."""


def broken(story: Story, cap: float) -> list[tuple[int, int]]:
    """Stretches that are over the cap: of as many people as made one at any time while it lasted, or from the first."""
    before = [0]
    for lost, _ in story:
        before.append(before[-1] + lost)
    return [
        (first, last)
        for last in range(1, len(before))
        for first in range(last)
        if (first == 0 or last - first >= max(enough for _, enough in story[first:last]))
        and before[last] - before[first] > cap * (last - first) + 1e-9
    ]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 12), st.integers(0, 4), st.integers(1, 4)), max_size=40),
    st.sampled_from([(0.03, 100), (0.1, 30), (0.25, 8), (0.5, 4), (0.2, 3), (0.0, 10)]),
)
def test_no_stretch_breaks_the_cap_whatever_is_spent_of_the_room(
    moments: list[tuple[int, int, int]], terms: tuple[float, int]
) -> None:
    cap, least = terms
    budget, story = Budget(cap), Story()
    for served, wanted, times in moments:
        enough = least * times
        for _ in range(served):
            story.append((False, enough))
            budget.count(False)
        for _ in range(min(wanted, max(budget.room(enough), 0))):
            story.append((True, enough))
            budget.count(True)
    assert broken(story, cap) == []
    assert (budget.answered, budget.abandoned) == (len(story), sum(lost for lost, _ in story))


def test_all_that_may_be_spent_is_spent_in_the_end() -> None:
    budget = Budget(0.03)
    for _ in range(20_000):
        budget.count(budget.room(100) > 0)
    assert 0.0220 <= budget.abandoned / budget.answered <= 0.03


def test_room_is_not_saved_up_for_one_bad_hour() -> None:
    budget = Budget(0.03)
    assert budget.room(100) == 0
    rooms = []
    for _ in range(5_000):
        budget.count(False)
        rooms.append(budget.room(100))
    assert rooms[32] == 0 and rooms[33] == 1 and rooms[99] == 3 and max(rooms) == 3


def test_after_a_breach_there_is_no_room_until_it_is_made_good() -> None:
    budget = Budget(0.03)
    chance = random.Random(1)
    for _ in range(400):
        budget.count(budget.room(100) > 0 and chance.random() < 0.1)
    for _ in range(6):
        budget.count(True)
    assert budget.room(100) < 0
    waited = 0
    while budget.room(100) < 1:
        budget.count(False)
        waited += 1
    assert 100 <= waited <= 300


@pytest.mark.parametrize("cap", [-0.1, 1.0])
def test_senseless_caps_are_refused(cap: float) -> None:
    with pytest.raises(ValueError, match="a cap is a share"):
        Budget(cap)

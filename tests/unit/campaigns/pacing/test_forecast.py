"""What the pacer foresees: answers, rings, talks, and how likely agents are too few."""

import itertools
import math
import random

import pytest

from campaigns.pacing.answering import MEMORY, AnswerChance, Posterior
from campaigns.pacing.lives import FEW, Freeing, Lives, over_within
from campaigns.pacing.rings import SECONDS, RingTimes
from campaigns.pacing.shortage import answers, freed, short


def exact(chances: list[float]) -> list[float]:
    """The law of a sum of independent chances."""
    law = [1.0]
    for chance in chances:
        law = [
            (law[k] if k < len(law) else 0.0) * (1 - chance) + (law[k - 1] * chance if k else 0.0)
            for k in range(len(law) + 1)
        ]
    return law


def fed(chance: Posterior, share: float, calls: int, seed: int) -> Posterior:
    lots = random.Random(seed)
    for _ in range(calls):
        chance.take(lots.random() < share)
    return chance


@pytest.mark.parametrize("share", [0.08, 0.25, 0.5])
def test_the_chance_of_an_answer_is_found_and_its_limit_lies_above(share: float) -> None:
    inside = 0
    for seed in range(40):
        chance = fed(Posterior(), share, 400, seed)
        assert chance.mean == pytest.approx(share, abs=0.13)
        inside += chance.upper(2.0) >= share
    assert inside >= 36


def test_a_jump_is_followed_within_a_few_dozen_calls_not_within_the_memory() -> None:
    late = []
    for seed in range(30):
        chance = fed(Posterior(), 0.15, 500, seed)
        lots, calls = random.Random(1000 + seed), 0
        while chance.mean < 0.3 and calls < MEMORY:
            chance.take(lots.random() < 0.45)
            calls += 1
        late.append(calls)
    late.sort()
    assert late[15] <= 40 and late[27] <= 70


def test_false_alarms_are_rare() -> None:
    assert sum(fed(Posterior(), 0.3, 1000, seed).jumps for seed in range(20)) <= 40


def test_chances_stay_within_bounds_whatever_comes() -> None:
    for all_answer in (True, False):
        chance = Posterior()
        for _ in range(5000):
            chance.take(all_answer)
            assert 0.0 < chance.mean <= chance.upper(3.0) < 1.0


def test_dead_numbers_that_end_first_do_not_hide_that_people_answer_later() -> None:
    """Sixty calls dialled together: twelve are over at once, thirty are still to be answered."""
    chance = AnswerChance(40.0)
    for _ in range(12):
        chance.take(2.0, 2.0, False)
    chance.ripen(2.0)
    assert chance.mean == pytest.approx(0.3)
    for _ in range(40):
        chance.take(38.0, 38.0, False)
    chance.ripen(45.0)
    assert chance.mean < 0.1
    chance.take(1e9, 1e9, True)
    assert 0.0 < chance.mean < chance.upper(2.0) < 1.0


def test_a_call_that_has_rung_past_the_usual_is_less_likely_answered() -> None:
    rings, lots = RingTimes(), random.Random(2)
    for _ in range(500):
        rings.take(5 + 10 * lots.random(), True)
        rings.take(35.0, False)
    rows = rings.rows(0.3, (3, 7, 12, 20, 35))
    assert len(rows) == SECONDS + 1
    assert rows[0][-1] == pytest.approx(0.3, abs=0.02) and rows[0][0] == 0.0
    assert rows[5][2] == pytest.approx(0.3, abs=0.03)
    assert rows[20][-1] < 0.02
    assert all(early <= late for row in rows for early, late in itertools.pairwise(row))
    assert all(0.0 <= chance <= 1.0 for row in rows for chance in row)


def test_rings_of_no_known_length_do_not_break_the_table() -> None:
    rings = RingTimes()
    for seconds in (-5.0, 1e9, 60.0, 0.0):
        rings.take(seconds, True)
        rings.take(seconds, False)
    assert all(0.0 <= chance <= 1.0 for row in rings.rows(0.95, (3, 35)) for chance in row)


def test_remaining_life_is_read_off_what_was_seen() -> None:
    lives = [float(number) for number in range(1, 101)]
    assert over_within(lives, 0.0, 50.0) == 0.5
    assert over_within(lives, 50.0, 25.0) == 0.5
    assert over_within(lives, 99.0, 5.0) == pytest.approx(1 - math.exp(-5 / 4.5))
    assert over_within(lives, 10.0, 0.0) == 0.0
    assert over_within(lives[: FEW - 1], 0.0, 1e6) == 0.0


def test_who_is_not_known_to_come_back_is_not_counted_on() -> None:
    freeing = Freeing((5.0, 60.0))
    assert freeing.rows(100.0, (0.0,), (90.0,)) == [(0.0, 0.0), (0.0, 0.0)]


def test_an_agent_in_wrap_up_is_free_before_one_who_talks() -> None:
    freeing, lots = Freeing((5.0, 20.0)), random.Random(3)
    for _ in range(200):
        freeing.talked(lots.uniform(60, 180))
        freeing.wrapped_up(lots.uniform(10, 30))
    (talk, late_talk, wrap) = freeing.rows(200.0, (190.0, 60.0), (180.0,))
    assert talk == (0.0, 0.0)
    assert 0.0 < late_talk[1] < 0.5
    assert wrap[0] == pytest.approx(0.5, abs=0.15) and wrap[1] > 0.95


def test_durations_are_bounded_in_number_and_size() -> None:
    lives = Lives()
    for number in range(5000):
        lives.take(-1.0 if number % 2 else 1e12)
    assert len(lives) == 400 and min(lives.sorted()) == 0.0 and max(lives.sorted()) == 14_400.0


@pytest.mark.parametrize("seed", range(8))
def test_a_shortage_is_as_likely_as_by_the_exact_law_or_a_little_more(seed: int) -> None:
    lots = random.Random(seed)
    rings = [lots.random() * 0.5 for _ in range(lots.randrange(1, 30))]
    agents = [lots.random() * 0.3 for _ in range(lots.randrange(0, 20))]
    answered, free = exact(rings), exact(agents)
    tail = answers(sum(rings), sum(each * each for each in rings))
    law = freed(sum(agents), sum(each * each for each in agents))
    for spare in range(-3, 12):
        true = sum(free[k] * sum(answered[max(k + spare, 0) :]) for k in range(len(free)))
        assert -0.01 <= short(spare, tail, law) - true <= 0.05


def test_a_shortage_is_less_likely_with_more_to_spare_and_certain_with_far_too_few() -> None:
    tail, law = answers(4.0, 1.0), freed(2.0, 0.3)
    chances = [short(spare, tail, law) for spare in range(-60, 20)]
    assert chances[0] == pytest.approx(1.0, abs=1e-6) and chances[-1] < 1e-6
    assert all(more >= less for more, less in itertools.pairwise(chances))
    assert short(1, answers(0.0, 0.0), freed(0.0, 0.0)) == 0.0
    assert short(0, answers(1e9, 1e9), freed(0.0, 0.0)) == pytest.approx(1.0)

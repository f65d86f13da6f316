"""A little of what ``long_parser`` does in millions, at every run of the tests."""

import random

import pytest

from tests.fuzz.long_parser import Tally, once
from tests.fuzz.mutation import CORPUS, mutated, seeds

MESSAGES = 4000


def test_ordinary_messages_are_accepted() -> None:
    tally = Tally()
    paths = sorted(CORPUS.glob("*.sip"))
    for path in paths:
        once(path.read_bytes(), True, tally)
    assert tally.counts["accepted"] == len(paths) > 30
    assert tally.counts["unsendable"] == 0


@pytest.mark.parametrize("seed", range(2))
def test_mutated_messages_are_parsed_or_refused(seed: int) -> None:
    chance = random.Random(seed)
    sources = seeds()
    tally = Tally()
    for number in range(MESSAGES):
        data = mutated(sources[number % len(sources)], chance, sources)
        once(data, number % 4 == 0, tally)
    # each way out is taken, or the test looks at nothing
    assert min(tally.counts[way] for way in ("accepted", "refused", "refused_with_an_answer")) > MESSAGES // 20
    assert tally.counts["sdp"] > 20


def test_mutation_is_the_same_for_the_same_seed() -> None:
    sources = seeds()
    first, second = (
        [mutated(sources[0], chance, sources) for _ in range(50)] for chance in (random.Random(5), random.Random(5))
    )
    assert first == second

"""What callers are told about their wait, against what then happens: days on the live scheduler in virtual time."""

import heapq
import itertools
import random
from collections.abc import Callable

import pytest

from acd.agents import AgentInput
from acd.decisions import Note, Ring
from acd.estimate import Estimate
from acd.facts import QueueLeft
from acd.queues import QueueRules
from acd.scheduler import Scheduler

RING_S = 4.0


def told_and_waited(
    queues: list[QueueRules], handle_s: Callable[[random.Random], float], per_s: float, seed: int
) -> list[tuple[Estimate, float]]:
    """Estimate at entry and real wait of 600 callers who never give up; phones are answered after 4 s."""
    chance = random.Random(seed)
    offers = itertools.count()
    scheduler = Scheduler(queues, lambda: f"o{next(offers)}", draw=chance.random)
    for agent in scheduler.agents:
        scheduler.command(agent, AgentInput.PHONE_UP, 0.0)
        scheduler.command(agent, AgentInput.READY, 0.0)
    scheduler.take()
    order = itertools.count()
    later: list[tuple[float, int, str, str]] = []
    at = 0.0
    for number in range(600):
        at += chance.expovariate(per_s)
        heapq.heappush(later, (at, next(order), "enter", f"q{number}"))
    told: dict[str, Estimate] = {}
    results = []
    while later:
        deadline = scheduler.next_deadline()
        if deadline is not None and deadline <= later[0][0]:
            now = deadline
            scheduler.on_deadline(now)
        else:
            now, _, what, key = heapq.heappop(later)
            if what == "enter":
                scheduler.enter(key, key, chance.choice(queues).name, now)
                estimate = scheduler.estimate(key)
                if estimate is not None:
                    told[key] = estimate
            elif what == "answer":
                scheduler.answered(key, now)
            else:
                scheduler.talk_over(key, "", now)
        for decision in scheduler.take():
            match decision:
                case Ring():
                    heapq.heappush(later, (now + RING_S, next(order), "answer", decision.offer))
                case Note(_, QueueLeft(entry=entry, agent=agent, wait_s=wait_s)):
                    heapq.heappush(later, (now + handle_s(chance), next(order), "over", agent))
                    if entry in told:
                        results.append((told[entry], wait_s))
    return results


def crew(first: int, last: int) -> tuple[str, ...]:
    return tuple(f"a{number}" for number in range(first, last))


ONE = [QueueRules("sales", crew(0, 6), wrap_up_s=10.0, max_wait_s=None, max_length=None, expected_handle_s=194.0)]
SHARED = [
    QueueRules("sales", crew(0, 6), wrap_up_s=10.0, max_wait_s=None, max_length=None, expected_handle_s=194.0),
    QueueRules("service", crew(3, 9), wrap_up_s=10.0, max_wait_s=None, max_length=None, expected_handle_s=194.0),
]


def exponential(chance: random.Random) -> float:
    return chance.expovariate(1 / 180.0)


def lognormal(chance: random.Random) -> float:
    """Mean about 180 s, standard deviation about 120 s: what talks look like."""
    return chance.lognormvariate(5.0, 0.6)


@pytest.mark.parametrize(
    ("queues", "handle_s", "per_s", "least"),
    [
        pytest.param(ONE, exponential, 0.030, 0.85, id="the model's own world"),
        pytest.param(ONE, lognormal, 0.030, 0.85, id="log-normal talks"),
        pytest.param(SHARED, exponential, 0.045, 0.85, id="two queues that share agents"),
    ],
)
def test_the_interval_told_holds_nine_in_ten_waits(
    queues: list[QueueRules], handle_s: Callable[[random.Random], float], per_s: float, least: float
):
    pairs = [pair for seed in range(5) for pair in told_and_waited(queues, handle_s, per_s, seed)]
    assert len(pairs) > 1000
    inside = sum(estimate.low_s <= wait_s <= estimate.high_s for estimate, wait_s in pairs) / len(pairs)
    bias = sum(estimate.wait_s - wait_s for estimate, wait_s in pairs) / sum(wait_s for _, wait_s in pairs)
    assert least <= inside <= 1.0
    assert abs(bias) < 0.12

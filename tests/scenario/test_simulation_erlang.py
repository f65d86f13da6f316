"""The live scheduler in the simulator against Erlang's formulas.

One queue, exponential talks, phones that are picked up at once, no wrap-up: the world in which Erlang C (endless
patience) and Erlang A (exponential patience) are exact. Every figure must lie within 3 standard errors of the formula.

Waits of callers who come one after the other are alike, so the spread of single waits says too little about the error
of their mean. Standard errors are of batch means: after a warm-up the callers are cut, in the order of their coming,
into 20 batches of the same size; the error of the whole is the deviation of the batches' means / √20. A batch lasts
several times as long as the line remembers (1 / (Nμ(1 − √ρ)²) in Erlang C), so batches are nearly independent. All
settings have the same seed.
"""

import itertools
import math
import random
from collections.abc import Callable
from statistics import fmean, stdev

import pytest

from acd.arrivals import callers, poisson
from acd.day_plan import constant
from acd.facts import QueueLeft, QueueOutcome
from acd.laws import NEVER, Law, Shape
from acd.queues import QueueRules
from acd.scheduler import Scheduler
from acd.shifts import Shift
from acd.simulation import Phones, Simulation
from core.events import Fact
from reports.erlang import Demand, service

SEED = 400
WARM_UP = 1_000
CALLS = 9_000
BATCHES = 20
WITHIN_S = 20.0
ERRORS = 3.0

SETTINGS = [
    pytest.param(Demand(100.0, 180.0), 7, id="C: 5 Erlang, 7 agents (the published values)"),
    pytest.param(Demand(60.0, 180.0), 5, id="C: 3 Erlang, 5 agents"),
    pytest.param(Demand(200.0, 170.0), 13, id="C: 9.4 Erlang, 13 agents"),
    pytest.param(Demand(100.0, 180.0, 120.0), 7, id="A: 5 Erlang, 7 agents, 120 s (the published values)"),
    pytest.param(Demand(200.0, 180.0, 60.0), 9, id="A: 10 Erlang for 9 agents, 60 s (overload)"),
    pytest.param(Demand(400.0, 200.0, 180.0), 23, id="A: 22 Erlang, 23 agents, 180 s"),
    pytest.param(Demand(30.0, 300.0, 90.0), 2, id="A: 2.5 Erlang for 2 agents, 90 s (overload)"),
]


def simulated(demand: Demand, agents: int) -> list[tuple[float, bool]]:
    """Wait of each caller after the warm-up, and whether he was answered, in the order of coming."""
    waits: dict[int, tuple[float, bool]] = {}

    def take(_now: float, _call_id: str, fact: Fact) -> None:
        if isinstance(fact, QueueLeft):
            waits[int(fact.entry[1:])] = (fact.wait_s, fact.outcome == QueueOutcome.ANSWERED)

    crew = tuple(f"a{number}" for number in range(agents))
    rules = QueueRules("sales", crew, wrap_up_s=0.0, max_wait_s=None, max_length=None)
    offers = itertools.count()
    scheduler = Scheduler([rules], lambda: f"o{next(offers)}", draw=random.Random(SEED).random)
    patience = NEVER if demand.patience_s is None else Law(Shape.EXPONENTIAL, demand.patience_s)
    stream = callers(
        poisson(constant(demand.calls_per_h), 0.0, random.Random(f"{SEED} arrivals").random),
        "sales",
        patience.drawn_by(random.Random(f"{SEED} patience").random),
        Law(Shape.EXPONENTIAL, demand.handle_s).drawn_by(random.Random(f"{SEED} talk").random),
    )
    phones = Phones(lambda: 0.0, lambda: False)
    coming = itertools.islice(stream, WARM_UP + CALLS)
    simulation = Simulation(scheduler, coming, iter([Shift(0.0, frozenset(crew))]), phones, take, 0.0)
    simulation.serve(WARM_UP + CALLS)
    simulation.drain(math.inf)
    return [waits[number] for number in sorted(waits)][WARM_UP:]


def mean_and_error(found: list[tuple[float, bool]], figure: Callable[[float, bool], float]) -> tuple[float, float]:
    """The mean of ``figure``, and its standard error by batch means."""
    size = CALLS // BATCHES
    means = [fmean(figure(*one) for one in found[first : first + size]) for first in range(0, CALLS, size)]
    return fmean(means), stdev(means) / math.sqrt(BATCHES)


@pytest.mark.parametrize(("demand", "agents"), SETTINGS)
def test_simulated_figures_are_erlangs(demand: Demand, agents: int) -> None:
    told = service(demand, agents, WITHIN_S)
    found = simulated(demand, agents)
    assert len(found) == CALLS
    figures: dict[str, tuple[float, Callable[[float, bool], float]]] = {
        "waits": (told.waits, lambda wait_s, _answered: wait_s > 0),
        "within": (told.within, lambda wait_s, answered: answered and wait_s <= WITHIN_S),
        "mean_wait_s": (told.mean_wait_s, lambda wait_s, _answered: wait_s),
        "abandoned": (told.abandoned, lambda _wait_s, answered: not answered),
    }
    for name, (expected, figure) in figures.items():
        mean, error = mean_and_error(found, figure)
        assert abs(mean - expected) <= ERRORS * error, f"{name}: {mean} ± {error}, not {expected}"
        assert error < 0.25 * max(expected, 0.02), f"{name}: an error of {error} shows nothing"


def test_talks_that_are_a_tenth_longer_are_told_apart() -> None:
    """What the test above can see: 10 % more work is more than 3 standard errors away (5 % would not be)."""
    told = service(Demand(100.0, 180.0, 120.0), 7, WITHIN_S)
    mean, error = mean_and_error(simulated(Demand(100.0, 198.0, 120.0), 7), lambda wait_s, _answered: wait_s > 0)
    assert mean - told.waits > ERRORS * error

"""The world around the scheduler: patience, shifts, rings, misses, overflow; and runs that can be had again."""

import itertools
import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pytest

from acd.arrivals import Caller, callers, poisson, together
from acd.day_plan import constant
from acd.facts import AgentStateChanged, QueueEntered, QueueLeft
from acd.queues import QueueRules
from acd.scheduler import Scheduler
from acd.shifts import Shift
from acd.simulation import MOST_STEPS, Phones, Simulation
from core.events import Fact

START = 1_767_542_400.0


@dataclass
class Told:
    """All facts of a run."""

    facts: list[tuple[float, str, Fact]] = field(default_factory=list)

    def take(self, now: float, call_id: str, fact: Fact) -> None:
        self.facts.append((now - START, call_id, fact))

    def left(self) -> list[tuple[float, str, str, float]]:
        """Moment, queue, outcome and wait of each entry that ended."""
        return [
            (round(at, 6), fact.queue, fact.outcome, round(fact.wait_s, 6))
            for at, _, fact in self.facts
            if isinstance(fact, QueueLeft)
        ]

    def states(self, agent: str) -> list[tuple[float, str]]:
        return [
            (round(at, 6), fact.state)
            for at, _, fact in self.facts
            if isinstance(fact, AgentStateChanged) and fact.agent == agent
        ]


def simulated(
    rules: Sequence[QueueRules],
    coming: Iterable[Caller],
    shifts: Iterable[Shift],
    *,
    ring_s: float = 0.0,
    missed: bool = False,
    back_s: float = 300.0,
) -> tuple[Simulation, Told]:
    told, offers = Told(), itertools.count()
    scheduler = Scheduler(rules, lambda: f"o{next(offers)}", draw=random.Random(1).random)
    phones = Phones(lambda: ring_s, lambda: missed, back_s)
    return Simulation(scheduler, iter(coming), iter(shifts), phones, told.take, START), told


def queue(name: str = "sales", *agents: str, **rules: object) -> QueueRules:
    settings: dict[str, object] = {"wrap_up_s": 10.0, "max_wait_s": None, "max_length": None} | rules
    return QueueRules(name, agents, **settings)  # type: ignore[arg-type]


def caller(at: float, name: str = "sales", patience_s: float = math.inf, talk_s: float = 60.0) -> Caller:
    return Caller(START + at, name, patience_s, talk_s)


def on_duty(at: float, *agents: str) -> Shift:
    return Shift(START + at, frozenset(agents))


def test_the_second_caller_waits_for_talk_and_wrap_up() -> None:
    run, told = simulated([queue("sales", "amy")], [caller(5), caller(6)], [on_duty(0, "amy")], ring_s=3.0)
    assert not run.serve(10)
    run.drain(START + 3600)
    # Rung at 5, answered at 8, talks to 68, wraps up to 78, is rung again and answers at 81.
    assert told.left() == [(8, "sales", "answered", 3), (81, "sales", "answered", 75)]
    states = [(0, "available"), (5, "ringing"), (8, "talking"), (68, "wrap_up"), (78, "available")]
    assert told.states("amy")[:5] == states


def test_a_phone_that_is_picked_up_at_once_makes_nobody_wait() -> None:
    run, told = simulated([queue("sales", "amy")], [caller(5)], [on_duty(0, "amy")])
    run.serve(1)
    assert told.left() == [(5, "sales", "answered", 0)]


def test_patience_ends_to_the_second() -> None:
    run, told = simulated([queue("sales", "amy")], [caller(5, patience_s=30), caller(6, patience_s=1)], [on_duty(0)])
    run.serve(2)
    run.run_to(START + 20)
    assert told.left() == [(7, "sales", "abandoned", 1)] and run.now == START + 20
    run.drain(START + 3600)
    assert told.left()[1:] == [(35, "sales", "abandoned", 30)]


def test_nobody_on_duty_and_endless_patience_end_with_the_drain() -> None:
    run, told = simulated([queue("sales", "amy")], [caller(5)], [on_duty(0)])
    run.serve(1)
    run.drain(START + 3600)
    assert told.left() == [] and run.calls == 1


def test_shifts_begin_and_end_to_the_second() -> None:
    plan = [on_duty(0), on_duty(100, "amy", "bob"), on_duty(200, "bob")]
    coming = [caller(50), caller(150, talk_s=200), caller(160, talk_s=200), caller(210, talk_s=5)]
    run, told = simulated([queue("sales", "amy", "bob")], coming, plan)
    run.serve(4)
    run.drain(START + 3600)
    run.run_to(START + 3600)
    # The first waits for the shift; at 200 amy is to go but talks to the end; bob alone is left for the last.
    assert told.left()[0] == (100, "sales", "answered", 50)
    last = told.states("amy")[-1]
    assert last == (380, "offline")  # answered at 170 after her first call, talked to 370, wrapped up
    assert told.left()[-1][2:] == ("answered", 150.0)  # bob: 150 + 200 + 10


def test_missed_rings_pause_the_agent_until_he_is_back() -> None:
    rules = queue("sales", "amy", ring_timeout_s=10.0, misses_until_pause=2, retry_s=5.0)
    run, told = simulated([rules], [caller(0, patience_s=500)], [on_duty(0, "amy")], missed=True, back_s=100)
    run.serve(1)
    run.drain(START + 3600)
    states = told.states("amy")
    # Two rings of 10 s, five seconds apart; paused at 25; back at 125 and rung again.
    assert (25, "paused") in states and (125, "ringing") in states
    assert told.left() == [(500, "sales", "abandoned", 500)]


def test_overflow_to_a_queue_goes_on_with_what_is_left_of_the_patience() -> None:
    first = queue("sales", "amy", max_wait_s=20.0, overflow_to=("queue:service",))
    run, told = simulated([first, queue("service", "bob")], [caller(0, patience_s=50)], [on_duty(0)])
    run.serve(1)
    run.drain(START + 3600)
    assert told.left() == [(20, "sales", "overflowed", 20), (50, "service", "abandoned", 30)]
    assert {call for _, call, fact in told.facts if isinstance(fact, QueueEntered)} == {"c1"}


def test_overflow_in_circles_and_to_elsewhere_ends() -> None:
    rules = [
        queue("sales", "amy", max_length=0, overflow_to=("queue:service",)),
        queue("service", "amy", max_length=0, overflow_to=("queue:sales",)),
        queue("parts", "amy", max_length=0, overflow_to=("voicemail:parts",)),
    ]
    run, told = simulated(rules, [caller(0), caller(1, "parts")], [on_duty(0)])
    run.serve(2)
    run.drain(START + 3600)
    assert [outcome for _, _, outcome, _ in told.left()] == ["overflowed"] * (MOST_STEPS + 1)
    assert told.left()[-1][1] == "parts"


def test_overflow_goes_step_by_step_with_the_place_of_the_whole_wait() -> None:
    rules = [
        queue("sales", "amy", max_length=0, overflow_to=("agent:amy", "queue:parts", "queue:service", "queue:general")),
        queue("parts", "amy", max_wait_s=10.0),
        queue("service", "bob", max_length=0),
        queue("general", "carl", max_wait_s=None),
        queue("other", "carl", max_wait_s=None),
    ]
    came = [caller(0, "general", talk_s=50), caller(1), caller(2, "other")]
    run, told = simulated(rules, came, [on_duty(0, "carl")])
    run.serve(3)
    run.drain(START + 3600)
    assert [name for _, name, outcome, _ in told.left() if outcome == "overflowed"] == ["sales", "parts", "service"]
    served = [name for _, name, outcome, _ in told.left() if outcome == "answered"]
    assert served == ["general", "general", "other"], "who overflowed came before the last one, and so he is served"


def a_busy_hour(agents: int) -> Told:
    streams = []
    for name in ("sales", "service"):
        lots = random.Random(name)
        moments = itertools.takewhile(lambda at: at < START + 3600, poisson(constant(120.0), START, lots.random))
        patience, talk = (lambda lots=lots: 60 * lots.random()), (lambda lots=lots: 90 * lots.random())
        streams.append(callers(moments, name, patience, talk))
    crew = tuple(f"a{number}" for number in range(agents))
    rules = [queue("sales", *crew), queue("service", *crew[: agents // 2])]
    run, told = simulated(rules, together(streams), [on_duty(0, *crew)], ring_s=2.0)
    assert not run.serve(10_000)
    run.drain(START + 7200)
    return told


def test_the_same_lots_give_the_same_run_and_the_same_callers_for_any_staff() -> None:
    one, again, fewer = a_busy_hour(6), a_busy_hour(6), a_busy_hour(4)
    assert one.facts == again.facts

    def came(told: Told) -> list[tuple[float, str]]:
        return [(at, fact.queue) for at, _, fact in told.facts if isinstance(fact, QueueEntered)]

    assert len(came(one)) > 180 and came(one) == came(fewer)
    assert len(one.left()) == len(came(one)) == len(fewer.left())
    lost = [sum(outcome == "abandoned" for _, _, outcome, _ in told.left()) for told in (one, fewer)]
    assert lost[0] < lost[1]


@pytest.mark.parametrize("at_once", [1, 7, 10_000])
def test_a_run_in_pieces_is_the_same_run(at_once: int) -> None:
    coming = [caller(3.0 * number, patience_s=20.0 + number % 7, talk_s=9.0) for number in range(50)]
    run, told = simulated([queue("sales", "amy", "bob")], coming, [on_duty(0, "amy", "bob")], ring_s=1.0)
    while run.serve(at_once):
        assert run.calls % at_once == 0
    run.drain(START + 3600)
    whole, told_whole = simulated([queue("sales", "amy", "bob")], coming, [on_duty(0, "amy", "bob")], ring_s=1.0)
    whole.serve(50)
    whole.drain(START + 3600)
    assert told.facts == told_whole.facts and run.calls == 50

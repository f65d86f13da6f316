"""The order of callers, and the bound that keeps anybody from starving."""

import heapq
import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acd.agents import AgentInput
from acd.decisions import Note, Ring
from acd.facts import QueueLeft
from acd.queues import QueueRules, Strategy
from acd.scheduler import Scheduler
from acd.urgency import MOST_AHEAD_S, CallerTerms, Order, due_at, most_passed_over_s
from core.errors import ConfigError
from tests.unit.acd.floor import Floor, sales


def order_of(floor: Floor, entries: int) -> list[str]:
    """In which order a single agent serves who waits."""
    floor.do("a", AgentInput.PHONE_UP, 500.0)
    floor.do("a", AgentInput.READY, 500.0)
    for number in range(entries):
        floor.answer("a", 501.0 + number)
        floor.over("a", 501.5 + number)
    return [ring.entry for ring in floor.rings]


def test_priority_is_a_head_start_not_a_right_of_way():
    floor = Floor(sales("a", wrap_up_s=0.0))
    floor.enter("q1", 10.0)
    floor.enter("q2", 90.0)
    floor.enter("vip", 100.0, terms=CallerTerms(ahead_s=60.0))
    assert [floor.scheduler.ahead(name) for name in ("q1", "vip", "q2")] == [0, 1, 2]
    assert order_of(floor, 3) == ["q1", "vip", "q2"]


def test_the_weight_of_a_queue_counts_over_all_queues():
    floor = Floor(sales("a", wrap_up_s=0.0), QueueRules("complaint", ("a",), wrap_up_s=0.0, ahead_s=30.0))
    floor.enter("q1", 10.0)
    floor.enter("q2", 50.0)
    floor.enter("c1", 60.0, "complaint")
    assert order_of(floor, 3) == ["q1", "c1", "q2"]


def test_who_comes_back_has_his_place_again():
    floor = Floor(sales("a", wrap_up_s=0.0))
    floor.enter("q1", 10.0)
    floor.enter("q2", 20.0)
    floor.leave("q1", 60.0)
    floor.enter("q3", 70.0)
    floor.enter("q1 again", 100.0, terms=CallerTerms(waited_s=90.0))
    assert order_of(floor, 3) == ["q1 again", "q2", "q3"]


def test_by_deadline_the_stricter_promise_goes_first():
    def queue(name: str, target_s: float) -> QueueRules:
        return QueueRules(name, ("a",), wrap_up_s=0.0, order=Order.DEADLINE, target_s=target_s)

    floor = Floor(queue("sales", 60.0), queue("complaint", 20.0))
    floor.enter("q1", 10.0)
    floor.enter("c1", 40.0, "complaint")
    floor.enter("c2", 60.0, "complaint")
    assert order_of(floor, 3) == ["c1", "q1", "c2"]


def test_queues_of_one_house_have_one_order():
    with pytest.raises(ConfigError, match="order: must be the same for all queues"):
        Scheduler([sales("a"), QueueRules("service", ("a",), order=Order.DEADLINE)], str, draw=random.random)


def test_a_clock_that_is_set_back_puts_nobody_ahead():
    floor = Floor(sales("a", wrap_up_s=0.0))
    floor.enter("q1", 400.0)
    floor.enter("q2", 10.0)
    assert order_of(floor, 2) == ["q1", "q2"]


def test_nothing_puts_anybody_ahead_by_more_than_the_bound():
    late = due_at(5000.0, CallerTerms(ahead_s=1e9, waited_s=1e9), queue_ahead_s=1e9, target_s=20.0, order=Order.WAIT)
    assert late == 5000.0 - MOST_AHEAD_S
    assert due_at(5000.0, CallerTerms(ahead_s=-1e9), queue_ahead_s=0.0, target_s=20.0, order=Order.WAIT) == 5000.0


CALLERS = st.lists(
    st.tuples(
        st.floats(0.0, 120.0),  # after the one before
        st.sampled_from(["sales", "service"]),
        st.sampled_from([0.0, 60.0, 600.0, 1e6]),  # priority
        st.floats(1.0, 400.0),  # handling
    ),
    min_size=2,
    max_size=40,
)


@given(
    callers=CALLERS,
    agents=st.integers(1, 3),
    weights=st.tuples(st.floats(0.0, MOST_AHEAD_S), st.floats(0.0, MOST_AHEAD_S)),
    targets=st.tuples(st.floats(0.0, 600.0), st.floats(0.0, 600.0)),
    order=st.sampled_from(Order),
    strategy=st.sampled_from(Strategy),
)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_nobody_is_passed_over_for_one_who_came_later_than_the_bound(
    callers: list[tuple[float, str, float, float]],
    agents: int,
    weights: tuple[float, float],
    targets: tuple[float, float],
    order: Order,
    strategy: Strategy,
):
    """The bound of docs/acd.md, at every single offer: whoever is rung for, nobody waits who came before him by more
    than ``most_passed_over_s``; and he waits no longer than the agents need for all who came up to then.
    """
    crew = tuple(f"a{number}" for number in range(agents))
    queues = [
        QueueRules(
            name, crew, wrap_up_s=0.0, max_wait_s=None, max_length=None, ahead_s=weight, target_s=target_s,
            order=order, strategy=strategy,
        )
        for name, weight, target_s in zip(("sales", "service"), weights, targets, strict=True)
    ]  # fmt: skip
    bound_s = most_passed_over_s(max(targets), min(targets), order)
    offers, numbers = itertools.count(), itertools.count()
    scheduler = Scheduler(queues, lambda: f"o{next(offers)}", draw=random.Random(0).random)
    later: list[tuple[float, int, str, str]] = []
    now, handle_s, came_at = 1_700_000_000.0, {}, {}
    for agent in crew:
        scheduler.command(agent, AgentInput.PHONE_UP, now)
        scheduler.command(agent, AgentInput.READY, now)
    for number, (gap_s, queue, ahead_s, handling_s) in enumerate(callers):
        now += gap_s
        handle_s[f"q{number}"] = handling_s
        heapq.heappush(later, (now, next(numbers), f"enter {queue} {ahead_s}", f"q{number}"))
    waiting: dict[str, str] = {}
    left_at: dict[str, float] = {}
    while later:
        now, _, what, key = heapq.heappop(later)
        if what.startswith("enter"):
            _, queue, ahead = what.split()
            came_at[key], waiting[key] = now, queue
            scheduler.enter(key, key, queue, now, CallerTerms(ahead_s=float(ahead)))
        elif what == "answer":
            scheduler.answered(key, now)
        else:
            scheduler.talk_over(key, "", now)
        for decision in scheduler.take():
            match decision:
                case Ring(entry=entry, offer=offer):
                    silent = [name for name in waiting if not scheduler.is_ringing(name)]
                    assert all(came_at[entry] - came_at[name] <= bound_s + 1e-3 for name in silent)
                    heapq.heappush(later, (now, next(numbers), "answer", offer))
                case Note(_, QueueLeft(entry=entry, agent=agent)):
                    del waiting[entry]
                    left_at[entry] = now
                    heapq.heappush(later, (now + handle_s[entry], next(numbers), "over", agent))
    assert not waiting, "everybody was served"
    for name, came in came_at.items():
        before = sum(handle_s[other] for other in came_at if other != name and came_at[other] <= came + bound_s + 1e-3)
        assert left_at[name] - came <= before / agents + 1e-3

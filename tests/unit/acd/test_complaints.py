"""Complaints of other systems' users that no other test of the scheduler holds; all of them are in docs/parity.md."""

import heapq
import itertools
import random

from acd.agents import AgentInput
from acd.facts import AgentStatus
from acd.queues import QueueRules, Strategy
from tests.unit.acd.floor import Floor, sales


def test_an_attended_transfer_leaves_the_idle_clock_of_who_was_consulted_alone() -> None:
    """asterisk#607: an attended transfer reset the idle clock of who took the call, so he was rung last."""
    floor = Floor(sales("a", "b", "c"), ready="abc")  # b is idle since 1, c since 2
    floor.enter("q1", 10.0)
    assert floor.answer("a", 11.0)
    scheduler = floor.scheduler
    assert scheduler.reserve("b", "consultation", 20.0)
    scheduler.engage("b", "consultation", 21.0)
    scheduler.carry_over("b", "consultation", "call of q1")
    scheduler.talk_over("a", "q1", 30.0)
    floor.take()
    assert floor.status("b") is AgentStatus.TALKING
    scheduler.depart("b", "call of q1", 90.0)
    floor.take()
    assert floor.status("b") is AgentStatus.AVAILABLE
    floor.enter("q2", 91.0)
    assert floor.rings[-1].agent == "b", "who talked after a transfer is still the longest idle"


def test_a_paused_agent_who_is_put_into_a_queue_is_not_rung_before_he_is_back() -> None:
    """asterisk#1007: adding a paused member rang it."""
    floor = Floor(sales("a"), QueueRules("service", ("p",)), ready="p")
    floor.do("p", AgentInput.PAUSE, 5.0, "lunch")
    floor.enter("q1", 10.0)
    floor.scheduler.change([sales("a", "p"), QueueRules("service", ("p",))], (), 20.0)
    floor.take()
    floor.run_to(300.0)
    assert floor.rings == []
    assert floor.status("p") is AgentStatus.PAUSED
    floor.do("p", AgentInput.READY, 300.0)
    assert [(ring.agent, ring.entry) for ring in floor.rings] == [("p", "q1")]


def test_linear_goes_round_though_the_last_of_the_list_is_not_there() -> None:
    """freeswitch#1216: an agent who was not available halted all distribution where he was the last of the list."""
    floor = Floor(sales("a", "b", "c", "d", strategy=Strategy.LINEAR, misses_until_pause=0), ready="abc")
    floor.do("c", AgentInput.PAUSE, 5.0, "lunch")  # and d never came
    floor.enter("q1", 10.0)
    for at in (30.0, 50.0, 75.0, 95.0):
        floor.run_to(at)
    assert [ring.agent for ring in floor.rings[:4]] == ["a", "b", "a", "b"]
    assert floor.left() == []


def test_a_centre_that_is_overrun_loses_nobody_and_serves_in_order() -> None:
    """freeswitch#2458: near 200 calls and 20 a second calls were lost. Here 200 wait, 20 a second come, and 60 agents
    keep up with 15: whoever becomes free is rung at that moment, and all are answered in their order.
    """
    agents = [f"a{number:02}" for number in range(60)]
    floor = Floor(sales(*agents, wrap_up_s=1.0, max_length=None, max_wait_s=None), ready=agents)
    chance, order = random.Random(1), itertools.count()
    later: list[tuple[float, int, str, str]] = []
    at = 100.0
    for number in range(860):
        at += 0.0 if number < 260 else chance.expovariate(20.0)
        heapq.heappush(later, (at, next(order), "enter", f"q{number}"))
    planned = most_waiting = 0
    while later or floor.scheduler.next_deadline() is not None:
        deadline = floor.scheduler.next_deadline()
        if deadline is not None and (not later or deadline <= later[0][0]):
            now = deadline
            floor.run_to(now)
        else:
            now, _, what, key = heapq.heappop(later)
            if what == "enter":
                floor.enter(key, now)
            elif what == "answer":
                assert floor.answer(key, now)
                heapq.heappush(later, (now + 2.0, next(order), "over", key))
            else:
                floor.over(key, now)
        for ring in floor.rings[planned:]:
            heapq.heappush(later, (now + 1.0, next(order), "answer", ring.agent))
        planned = len(floor.rings)
        unserved = len(floor.scheduler.lines["sales"].entries) - len(floor.ringing)
        most_waiting = max(most_waiting, unserved)
        if any(floor.status(agent) is AgentStatus.AVAILABLE for agent in agents):
            assert unserved == 0, "an agent is free while somebody waits"
    assert most_waiting >= 200
    left = floor.left()
    assert [entry for entry, outcome, _, _ in left if outcome == "answered"] == [f"q{n}" for n in range(860)]
    assert len(left) == len({entry for entry, *_ in left}) == 860

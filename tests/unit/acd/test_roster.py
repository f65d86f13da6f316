"""Queues and agents change while callers wait and talk: nobody is cut off, and nothing new goes where it may not."""

import pytest

from acd.agents import AgentInput
from acd.decisions import Overflow, OverflowWhy
from acd.facts import AgentStatus, OfferResult
from acd.queues import QueueRules
from core.errors import ConfigError, LocalProtocolError
from tests.unit.acd.test_scheduler import Floor, sales


def service(*agents: str, **rules: object) -> QueueRules:
    return QueueRules("service", agents, **rules)  # type: ignore[arg-type]


def change(floor: Floor, now: float, *queues: QueueRules, agents: str = "") -> None:
    floor.scheduler.change(queues, agents, now)
    floor.take()


def test_a_new_agent_serves_a_caller_who_waits_already() -> None:
    floor = Floor(sales("a"))
    floor.enter("q1", 10.0)
    change(floor, 20.0, sales("a", "b"))
    floor.do("b", AgentInput.PHONE_UP, 21.0)
    floor.do("b", AgentInput.READY, 21.0)
    assert [(ring.agent, ring.entry) for ring in floor.rings] == [("b", "q1")]


def test_an_agent_who_is_put_into_a_queue_is_rung_at_once() -> None:
    floor = Floor(sales("a"), service("b"), ready="b")
    floor.enter("q1", 10.0)
    assert not floor.rings
    change(floor, 20.0, sales("a", "b"), service())
    assert [(ring.agent, ring.entry) for ring in floor.rings] == [("b", "q1")]


def test_an_agent_who_is_gone_finishes_his_talk_and_gets_no_other() -> None:
    floor = Floor(sales("a", "b"), ready="ab")
    floor.enter("q1", 10.0)
    assert floor.answer("a", 12.0)
    change(floor, 20.0, sales("b"))
    assert floor.status("a") is AgentStatus.TALKING
    assert [view.agent for view in floor.scheduler.snapshot(20.0).agents] == ["b", "a"], "shown while he talks"
    floor.over("a", 30.0)
    floor.run_to(60.0)
    assert floor.status("a") is AgentStatus.OFFLINE
    assert [view.agent for view in floor.scheduler.snapshot(60.0).agents] == ["b"]
    for item in (AgentInput.READY, AgentInput.PAUSE):
        with pytest.raises(LocalProtocolError):
            floor.do("a", item, 61.0)
    floor.enter("q2", 62.0)
    assert floor.rings[-1].agent == "b"
    change(floor, 70.0, sales("a", "b"))
    floor.do("a", AgentInput.READY, 71.0)
    floor.enter("q3", 72.0)
    assert (floor.rings[-1].agent, floor.rings[-1].entry) == ("a", "q3"), "he is back"


def test_an_offer_to_an_agent_who_is_gone_goes_to_another() -> None:
    floor = Floor(sales("a", "b"), ready="ab")
    floor.enter("q1", 10.0)
    assert floor.rings[-1].agent == "a"
    change(floor, 12.0, sales("b"))
    assert "a" not in floor.ringing
    assert (floor.rings[-1].agent, floor.rings[-1].entry) == ("b", "q1")
    assert [fact.result for fact in floor.facts if hasattr(fact, "ring_s")] == [OfferResult.REFUSED]


def test_who_waits_in_a_queue_that_is_gone_is_served_by_its_agents_who_are_left() -> None:
    floor = Floor(sales("a"), service("a", "b"))
    floor.enter("q1", 10.0, "service")
    change(floor, 20.0, sales("a"))
    with pytest.raises(LocalProtocolError):
        floor.enter("q2", 21.0, "service")
    assert [view.name for view in floor.scheduler.snapshot(21.0).queues] == ["sales", "service"]
    floor.do("a", AgentInput.PHONE_UP, 22.0)
    floor.do("a", AgentInput.READY, 22.0)
    assert [(ring.agent, ring.entry) for ring in floor.rings] == [("a", "q1")]
    assert floor.answer("a", 25.0)
    floor.over("a", 30.0)
    floor.run_to(60.0)
    assert [view.name for view in floor.scheduler.snapshot(60.0).queues] == ["sales"]
    floor.enter("q3", 61.0)
    assert floor.rings[-1].entry == "q3"


def test_nobody_waits_in_a_queue_that_is_gone_with_all_its_agents() -> None:
    floor = Floor(sales("a"), service("b", overflow_to=("queue:sales",), max_wait_s=None), ready="b")
    floor.enter("q1", 10.0, "service")
    floor.enter("q2", 11.0, "service")
    change(floor, 20.0, sales("a"))
    assert floor.overflows == [Overflow(entry, ("queue:sales",), OverflowWhy.GONE) for entry in ("q1", "q2")]
    assert floor.left() == [("q1", "overflowed", 10.0, ""), ("q2", "overflowed", 9.0, "")]


def test_new_rules_hold_for_the_next_offer_and_counts_go_on() -> None:
    floor = Floor(sales("a", ring_timeout_s=20.0), ready="a")
    floor.enter("q1", 10.0)
    change(floor, 11.0, sales("a", ring_timeout_s=5.0, retry_s=1.0))
    floor.run_to(29.0)
    assert len(floor.rings) == 1, "a phone that rings is let ring as it began"
    floor.run_to(31.0)
    assert floor.rings[-1].timeout_s == 5.0
    (queue,) = floor.scheduler.snapshot(31.0).queues
    assert (queue.tally.offered, queue.tally.waiting) == (1, 1)


def test_rules_that_cannot_be_kept_change_nothing() -> None:
    floor = Floor(sales("a"), ready="a")
    with pytest.raises(ConfigError):
        change(floor, 10.0, sales("b", ring_timeout_s=0.0))
    floor.enter("q1", 11.0)
    assert floor.rings[-1].agent == "a"

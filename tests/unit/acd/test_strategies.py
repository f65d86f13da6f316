"""Each strategy's order of agents, by what the scheduler rings."""

from collections import Counter

import pytest

from acd.agents import AgentInput, Profile
from acd.decisions import StopRinging
from acd.facts import AgentStatus, OfferEnded, OfferResult
from acd.queues import QueueRules, Strategy
from tests.unit.acd.floor import Floor, sales


def served(floor: Floor, calls: int, *, talk_s: float = 10.0, start: float = 100.0) -> list[str]:
    """Who is rung for ``calls`` callers who come one after the other and are answered at once."""
    for number in range(calls):
        now = start + 100.0 * number
        floor.enter(f"q{number}", now)
        agent = floor.rings[-1].agent
        floor.answer(agent, now + 1)
        floor.over(agent, now + 1 + talk_s)
    return [ring.agent for ring in floor.rings]


def test_round_robin_remembers_whose_turn_is_next():
    floor = Floor(sales("a", "b", "c", strategy=Strategy.ROUND_ROBIN, wrap_up_s=0.0), ready="cba")
    assert served(floor, 5) == ["a", "b", "c", "a", "b"]


def test_round_robin_passes_over_who_is_not_free_and_goes_on_behind_him():
    floor = Floor(sales("a", "b", "c", strategy=Strategy.ROUND_ROBIN, wrap_up_s=0.0), ready="abc")
    floor.do("b", AgentInput.PAUSE, 50.0, "tea")
    assert served(floor, 3) == ["a", "c", "a"]


def test_linear_begins_at_the_top_each_time_and_goes_down_after_a_miss():
    """freeswitch#1216: linear strategy halted on the first no-answer."""
    floor = Floor(sales("a", "b", "c", strategy=Strategy.LINEAR, wrap_up_s=0.0), ready="cba")
    assert served(floor, 2) == ["a", "a"]
    floor.enter("q9", 900.0)
    floor.miss("a", 905.0, OfferResult.TIMED_OUT)
    floor.miss("b", 910.0, OfferResult.TIMED_OUT)
    assert [ring.agent for ring in floor.rings[2:]] == ["a", "b", "c"]


def test_fewest_calls_and_who_comes_late_need_not_catch_up():
    floor = Floor(sales("a", "b", "c", strategy=Strategy.FEWEST_CALLS, wrap_up_s=0.0), ready="ab")
    assert served(floor, 4) == ["a", "b", "a", "b"]
    floor.do("c", AgentInput.PHONE_UP, 600.0)
    floor.do("c", AgentInput.READY, 600.0)
    assert served(floor, 3, start=700.0)[4:] == ["a", "b", "c"], "two calls each: then by idle time"


def test_least_talk():
    floor = Floor(sales("a", "b", strategy=Strategy.LEAST_TALK, wrap_up_s=0.0), ready="ab")
    served(floor, 1, talk_s=60.0)  # a talks for a minute
    assert served(floor, 3, talk_s=25.0, start=500.0)[1:] == ["b", "b", "b"]
    assert served(floor, 1, talk_s=25.0, start=900.0)[4:] == ["a"]


def test_random_draws_all_and_the_same_seed_draws_the_same():
    days = [
        served(Floor(sales("a", "b", "c", strategy=Strategy.RANDOM, wrap_up_s=0.0), ready="abc"), 300) for _ in range(2)
    ]
    assert days[0] == days[1]
    assert all(70 <= count <= 130 for count in Counter(days[0]).values())


def test_weighted_random_draws_by_weight():
    floor = Floor(
        sales("a", "b", strategy=Strategy.WEIGHTED_RANDOM, wrap_up_s=0.0),
        ready="ab",
        profiles={"a": Profile(weight=3)},
    )
    assert 0.68 < Counter(served(floor, 1000))["a"] / 1000 < 0.82


@pytest.mark.parametrize("strategy", [one for one in Strategy if one not in (Strategy.RING_ALL, Strategy.PROGRESSIVE)])
def test_one_caller_has_one_offer_and_one_agent_too(strategy: Strategy):
    """asterisk#176, freeswitch#2901, under every strategy that rings one at a time."""
    floor = Floor(sales("a", "b", "c", strategy=strategy), ready="abc")
    floor.enter("q1", 10.0)
    floor.enter("q2", 11.0)
    assert sorted(ring.entry for ring in floor.ringing.values()) == ["q1", "q2"]
    assert all(ring.alone for ring in floor.rings)


def ring_all(*agents: str, **rules: object) -> QueueRules:
    return sales(*agents, strategy=Strategy.RING_ALL, **rules)


def test_ring_all_rings_everybody_and_one_wins():
    floor = Floor(ring_all("a", "b", "c", wrap_up_s=0.0), ready="abc")
    floor.enter("q1", 10.0)
    assert sorted(floor.ringing) == ["a", "b", "c"]
    assert not any(ring.alone for ring in floor.rings)
    late = floor.ringing["c"].offer
    assert floor.answer("b", 12.0)
    assert floor.scheduler.answered(late, 12.0) is False, "the second to answer is late"
    assert floor.ringing == {}
    ended = sorted((f.agent, f.result) for f in floor.facts if isinstance(f, OfferEnded))
    assert ended == [("a", "withdrawn"), ("b", "accepted"), ("c", "withdrawn")]
    assert [floor.status(agent) for agent in "abc"] == ["available", "talking", "available"]
    assert floor.scheduler.agents["a"].misses == 0, "a call that somebody else took is not missed"
    assert floor.left() == [("q1", "answered", 2.0, "b")]


def test_ring_all_phones_that_lost_are_told_that_the_call_was_taken():
    floor = Floor(ring_all("a", "b"), ready="ab")
    floor.enter("q1", 10.0)
    floor.scheduler.answered(floor.ringing["a"].offer, 11.0)
    assert [d for d in floor.scheduler.take() if isinstance(d, StopRinging)] == [StopRinging("o2", "b", taken=True)]


def test_ring_all_one_refusal_leaves_the_others_ringing():
    """asterisk#1557: one reject dropped all ringing agents."""
    floor = Floor(ring_all("a", "b", "c"), ready="abc")
    floor.enter("q1", 10.0)
    floor.miss("a", 12.0)
    floor.run_to(20.0)
    assert sorted(floor.ringing) == ["b", "c"], "nor is he rung again while they ring"


def test_ring_all_goes_round_again_when_nobody_answers():
    floor = Floor(ring_all("a", "b", ring_timeout_s=15.0, retry_s=5.0, misses_until_pause=0), ready="ab")
    floor.enter("q1", 10.0)
    floor.run_to(25.0)
    assert floor.ringing == {}
    floor.run_to(30.0)
    assert sorted(floor.ringing) == ["a", "b"]


def test_ring_all_an_agent_who_becomes_free_rings_too_but_first_for_whom_nobody_rings():
    floor = Floor(ring_all("a", "b", "c"), QueueRules("service", ("c",)), ready="ab")
    floor.enter("q1", 10.0)
    assert sorted(floor.ringing) == ["a", "b"]
    floor.enter("q2", 11.0, "service")
    floor.do("c", AgentInput.PHONE_UP, 12.0)
    floor.do("c", AgentInput.READY, 12.0)
    assert floor.ringing["c"].entry == "q2", "q1 was first, but has two phones already"
    floor.leave("q2", 13.0)
    assert floor.ringing["c"].entry == "q1"


def test_ring_all_the_next_caller_has_all_phones_once_the_first_is_answered():
    floor = Floor(ring_all("a", "b", "c"), ready="abc")
    floor.enter("q1", 10.0)
    floor.enter("q2", 11.0)
    assert {ring.entry for ring in floor.ringing.values()} == {"q1"}
    floor.answer("a", 12.0)
    assert {agent: ring.entry for agent, ring in floor.ringing.items()} == {"b": "q2", "c": "q2"}


def test_ring_all_is_bounded():
    floor = Floor(ring_all("a", "b", "c", ring_at_once=2), ready="cba")
    floor.enter("q1", 10.0)
    assert sorted(floor.ringing) == ["b", "c"], "the longest idle"
    floor.miss("c", 11.0)
    assert sorted(floor.ringing) == ["a", "b"]


def test_ring_all_the_caller_gone_nobody_rings():
    """freeswitch#2529."""
    floor = Floor(ring_all("a", "b"), ready="ab")
    floor.enter("q1", 10.0)
    floor.leave("q1", 12.0)
    assert floor.ringing == {}
    assert {floor.status(agent) for agent in "ab"} == {AgentStatus.AVAILABLE}


def test_ring_all_when_the_wait_is_over_the_ringing_phones_get_their_chance_and_no_others_join():
    floor = Floor(ring_all("a", "b", "c", max_wait_s=10.0), ready="ab")
    floor.enter("q1", 0.0)
    floor.run_to(10.0)
    floor.do("c", AgentInput.PHONE_UP, 12.0)
    floor.do("c", AgentInput.READY, 12.0)
    assert sorted(floor.ringing) == ["a", "b"]
    floor.miss("a", 13.0)
    assert floor.overflows == []
    floor.run_to(20.0)
    assert [decision.entry for decision in floor.overflows] == ["q1"]


def test_progressive_rings_more_and_more():
    rules = sales("a", "b", "c", "d", strategy=Strategy.PROGRESSIVE, ring_step_s=5.0, ring_more=2)
    floor = Floor(rules, ready="dcba")
    epoch = 1_700_000_000.1
    floor.enter("q1", epoch)
    rung = [sorted(floor.ringing)]
    for step in (1, 2):
        floor.run_to(epoch + 5.0 * step)
        rung.append(sorted(floor.ringing))
    assert rung == [["a"], ["a", "b", "c"], ["a", "b", "c", "d"]]
    assert floor.answer("c", epoch + 11.0)
    assert floor.ringing == {}


def test_progressive_goes_on_to_the_next_at_once_after_a_refusal():
    floor = Floor(sales("a", "b", "c", strategy=Strategy.PROGRESSIVE), ready="abc")
    floor.enter("q1", 10.0)
    floor.miss("a", 11.0)
    assert sorted(floor.ringing) == ["b"]
    floor.run_to(16.0)
    assert sorted(floor.ringing) == ["b", "c"]

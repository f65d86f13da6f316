"""The scheduler on virtual time, with the peers' complaints as named tests."""

import random

import pytest

from acd.agents import AgentInput
from acd.decisions import Overflow, OverflowWhy
from acd.facts import AgentStateChanged, AgentStatus, OfferEnded, OfferResult, QueueOutcome
from acd.queues import QueueRules
from acd.scheduler import Scheduler
from core.errors import ConfigError, LocalProtocolError
from tests.unit.acd.floor import Floor, sales


def test_the_longest_idle_agent_is_rung():
    floor = Floor(sales("a", "b", "c"), ready="cab")
    floor.enter("q1", 10.0)
    assert [ring.agent for ring in floor.rings] == ["c"]
    assert floor.rings[0].timeout_s == 20.0


def test_one_call_rings_one_agent_and_two_calls_two():
    """asterisk#176: two agents won one call; freeswitch#2901: one agent was invited twice."""
    floor = Floor(sales("a", "b"), ready="ab")
    for number in range(4):
        floor.enter(f"q{number}", 10.0 + number)
    assert [(ring.agent, ring.entry) for ring in floor.rings] == [("a", "q0"), ("b", "q1")]


def test_a_late_answer_is_told_so():
    floor = Floor(sales("a"), ready="a")
    floor.enter("q1", 10.0)
    offer = floor.ringing["a"].offer
    floor.leave("q1", 12.0)
    assert floor.scheduler.answered(offer, 12.01) is False
    assert floor.left() == [("q1", "abandoned", 2.0, "")]


def test_the_caller_gone_nobody_rings():
    """freeswitch#2529: the caller had gone but the agent was still rung."""
    floor = Floor(sales("a"), ready="a")
    floor.enter("q1", 10.0)
    floor.leave("q1", 12.0)
    assert floor.ringing == {}
    assert floor.status("a") is AgentStatus.AVAILABLE
    assert [f.result for f in floor.facts if isinstance(f, OfferEnded)] == ["withdrawn"]


def test_one_refusal_leaves_the_other_ringing_phones_alone():
    """asterisk#1557: one reject dropped all ringing agents."""
    floor = Floor(sales("a", "b", "c"), ready="abc")
    floor.enter("q1", 10.0)
    floor.enter("q2", 11.0)
    floor.miss("a", 12.0)
    assert {agent: ring.entry for agent, ring in floor.ringing.items()} == {"b": "q2", "c": "q1"}


def test_who_refused_is_passed_over_until_all_free_agents_were_tried():
    floor = Floor(sales("a", "b", "c", misses_until_pause=0), ready="abc")
    floor.enter("q1", 10.0)
    for agent in "abc":
        floor.miss(agent, 11.0)
    assert [ring.agent for ring in floor.rings] == ["a", "b", "c"]
    assert floor.scheduler.next_deadline() == 16.0
    floor.run_to(16.0)
    assert [ring.agent for ring in floor.rings] == ["a", "b", "c", "a"]


def test_the_ring_time_out_moves_on_at_once():
    """freeswitch#1216: linear strategy halted on the first no-answer."""
    floor = Floor(sales("a", "b", ring_timeout_s=15.0), ready="ab")
    floor.enter("q1", 10.0)
    floor.run_to(25.0)
    assert [(ring.agent, ring.entry) for ring in floor.rings] == [("a", "q1"), ("b", "q1")]
    ended = [f for f in floor.facts if isinstance(f, OfferEnded)]
    assert [(f.agent, f.result, f.ring_s) for f in ended] == [("a", "timed_out", 15.0)]


def test_a_refuser_is_free_for_other_callers():
    floor = Floor(sales("a"), ready="a")
    floor.enter("q1", 10.0)
    floor.enter("q2", 11.0)
    floor.miss("a", 12.0)
    assert floor.ringing["a"].entry == "q2"
    floor.miss("a", 13.0)
    floor.run_to(17.0)
    assert floor.ringing["a"].entry == "q1", "the first in line kept his place"


def test_three_misses_in_a_row_pause_the_agent():
    floor = Floor(sales("a", "b"), ready="a")
    for number in range(3):
        assert floor.status("a") is AgentStatus.AVAILABLE
        floor.enter(f"q{number}", 100.0 * number + 50)
        floor.miss("a", 100.0 * number + 60, OfferResult.TIMED_OUT)
        floor.leave(f"q{number}", 100.0 * number + 61)
    assert floor.status("a") is AgentStatus.PAUSED
    assert floor.facts[-2] == AgentStateChanged("a", "paused", "rona")
    floor.do("a", AgentInput.READY, 400.0)
    floor.enter("q9", 401.0)
    floor.miss("a", 402.0)
    assert floor.status("a") is AgentStatus.AVAILABLE, "the count began anew"


def test_an_answer_ends_the_row_of_misses():
    floor = Floor(sales("a", misses_until_pause=2, wrap_up_s=0.0), ready="a")
    floor.enter("q1", 10.0)
    floor.miss("a", 11.0)
    floor.run_to(16.0)
    floor.answer("a", 17.0)
    floor.over("a", 20.0)
    floor.enter("q2", 21.0)
    floor.miss("a", 22.0)
    assert floor.status("a") is AgentStatus.AVAILABLE


def test_wrap_up_holds_for_all_queues_of_the_agent():
    """asterisk#1006: wrap-up ended early for members of several queues."""
    floor = Floor(sales("a", wrap_up_s=30.0), QueueRules("service", ("a",), wrap_up_s=0.0), ready="a")
    floor.enter("q1", 10.0)
    floor.answer("a", 12.0)
    floor.enter("q2", 20.0, "service")
    floor.over("a", 100.0)
    floor.run_to(129.9)
    assert "a" not in floor.ringing
    floor.run_to(130.0)
    assert floor.ringing["a"].entry == "q2"


def test_callers_of_all_queues_are_served_by_waiting_time():
    """asterisk#1561, #1691: a low-weight queue starved."""
    floor = Floor(sales("a", wrap_up_s=0.0), QueueRules("service", ("a",), wrap_up_s=0.0), ready="a")
    for number in range(6):
        floor.enter(f"q{number}", 10.0 + number, "service" if number % 3 else "sales")
    for number in range(6):
        assert floor.ringing["a"].entry == f"q{number}"
        floor.answer("a", 20.0 + number)
        floor.over("a", 20.5 + number)


def test_a_paused_agent_is_never_rung():
    """asterisk#1007: adding a paused member rang it."""
    floor = Floor(sales("a"))
    floor.do("a", AgentInput.PAUSE, 1.0, "lunch")
    floor.do("a", AgentInput.PHONE_UP, 2.0)
    floor.enter("q1", 3.0)
    floor.run_to(50.0)
    assert floor.rings == []
    assert floor.status("a") is AgentStatus.PAUSED


def test_a_freed_agent_gets_the_waiting_caller_at_the_same_moment():
    """OpenSIPS#2679: free agents were served late."""
    floor = Floor(sales("a", wrap_up_s=7.0), ready="a")
    floor.enter("q1", 10.0)
    floor.answer("a", 11.0)
    floor.enter("q2", 12.0)
    floor.over("a", 60.0)
    floor.run_to(67.0)
    assert floor.ringing["a"].entry == "q2"
    assert floor.scheduler.agents["a"].offered_at == 67.0


@pytest.mark.parametrize(
    ("item", "result", "status"),
    [
        (AgentInput.PAUSE, "refused", AgentStatus.PAUSED),
        (AgentInput.SIGN_OUT, "refused", AgentStatus.OFFLINE),
        (AgentInput.PHONE_LOST, "failed", AgentStatus.OFFLINE),
    ],
)
def test_an_agent_who_goes_while_his_phone_rings_passes_the_caller_on(
    item: AgentInput, result: str, status: AgentStatus
):
    """freeswitch#2540: agents were stuck reserved."""
    floor = Floor(sales("a", "b"), ready="ab")
    floor.enter("q1", 10.0)
    floor.do("a", item, 12.0, "tea")
    assert list(floor.ringing) == ["b"]
    assert floor.status("a") is status
    assert [f.result for f in floor.facts if isinstance(f, OfferEnded)] == [result]


def test_max_wait_overflows_and_a_ringing_phone_gets_its_chance():
    floor = Floor(sales("a", max_wait_s=60.0, overflow_to=("voicemail:sales",), misses_until_pause=0), ready="a")
    floor.enter("q1", 0.0)
    floor.answer("a", 5.0)
    floor.enter("q2", 10.0)
    floor.run_to(70.0)
    assert floor.overflows == [Overflow("q2", ("voicemail:sales",))]
    floor.over("a", 100.0)
    floor.run_to(110.0)
    floor.enter("q3", 111.0)
    floor.miss("a", 115.0)
    floor.scheduler.lines["sales"].entries["q3"].missed.clear()
    floor.scheduler.on_deadline(165.0)
    floor.take()
    assert list(floor.ringing) == ["a"]
    floor.run_to(171.0)
    assert len(floor.overflows) == 1, "the phone rings: the caller stays"
    floor.run_to(185.0)
    assert floor.overflows[1:] == [Overflow("q3", ("voicemail:sales",))]
    assert floor.status("a") is AgentStatus.AVAILABLE


def test_a_full_queue_overflows_at_once_and_counts_the_caller_as_offered():
    floor = Floor(sales("a", max_length=2, overflow_to=("queue:service",)))
    for number in range(3):
        floor.enter(f"q{number}", 10.0)
    assert floor.overflows == [Overflow("q2", ("queue:service",), OverflowWhy.FULL)]
    tally = floor.scheduler.snapshot(11.0).queues[0].tally
    assert (tally.offered, tally.overflowed, tally.waiting) == (3, 1, 2)


def test_places_move_up():
    floor = Floor(sales("a"))
    for number in range(4):
        floor.enter(f"q{number}", 10.0 + number)
    assert [floor.scheduler.ahead(f"q{n}") for n in range(4)] == [0, 1, 2, 3]
    floor.leave("q1", 20.0)
    floor.enter("q4", 21.0)
    assert [floor.scheduler.ahead(f"q{n}") for n in range(5)] == [0, None, 1, 2, 3]


def test_a_reserved_agent_gets_no_offers_and_keeps_his_idle_clock():
    floor = Floor(sales("a", "b"), ready="ab")
    assert floor.scheduler.reserve("a", "c-1", 10.0)
    assert not floor.scheduler.reserve("a", "c-2", 10.0)
    floor.take()
    floor.enter("q1", 11.0)
    assert list(floor.ringing) == ["b"]
    assert not floor.scheduler.reserve("b", "c-3", 11.0), "his phone rings"
    floor.enter("q2", 12.0)
    floor.scheduler.engage("a", "c-1", 13.0)
    floor.scheduler.release("a", "another call", 14.0)
    assert floor.status("a") is AgentStatus.TALKING
    floor.scheduler.release("a", "c-1", 15.0)
    floor.take()
    assert floor.ringing["a"].entry == "q2"


def test_who_is_carried_over_into_another_call_is_free_when_that_is_over():
    floor = Floor(sales("a", "b", wrap_up_s=5.0), ready="ab")
    floor.enter("q1", 10.0)
    floor.answer("a", 11.0)  # a caller out of the queue
    floor.scheduler.reserve("b", "c-1", 12.0)
    floor.scheduler.engage("b", "c-1", 12.0)  # a colleague who was called
    floor.scheduler.carry_over("a", "call of q1", "c-2")
    floor.scheduler.carry_over("b", "c-1", "c-3")
    floor.scheduler.carry_over("b", "c-1", "c-9")  # not in that call any more
    floor.scheduler.talk_over("a", "q1", 13.0)
    floor.scheduler.release("b", "c-1", 13.0)
    floor.scheduler.depart("b", "c-9", 13.0)
    assert [floor.status(agent) for agent in "ab"] == [AgentStatus.TALKING] * 2, "the old calls' ends are not theirs"
    floor.scheduler.depart("a", "c-2", 20.0)
    floor.scheduler.depart("b", "c-3", 20.0)
    assert [floor.status(agent) for agent in "ab"] == [AgentStatus.WRAP_UP, AgentStatus.AVAILABLE]
    floor.scheduler.depart("a", "c-2", 21.0)  # a second time


def test_a_wrap_up_interrupted_by_a_direct_call_still_ends():
    floor = Floor(sales("a", wrap_up_s=30.0), ready="a")
    floor.enter("q1", 10.0)
    floor.answer("a", 11.0)
    floor.over("a", 20.0)
    floor.scheduler.reserve("a", "c-1", 21.0)
    assert floor.scheduler.next_deadline() is None
    floor.scheduler.release("a", "c-1", 40.0)
    assert floor.status("a") is AgentStatus.WRAP_UP
    floor.run_to(50.0)
    assert floor.status("a") is AgentStatus.AVAILABLE


def test_a_talk_is_over_once():
    floor = Floor(sales("a", wrap_up_s=5.0), ready="a")
    floor.enter("q1", 10.0)
    floor.answer("a", 11.0)
    floor.enter("q2", 12.0)
    floor.over("a", 20.0)
    floor.run_to(25.0)
    floor.answer("a", 26.0)
    floor.scheduler.talk_over("a", "q1", 27.0)
    assert floor.status("a") is AgentStatus.TALKING, "the end of the old leg is not the end of the new talk"


def test_what_is_unknown_is_a_mistake():
    floor = Floor(sales("a"))
    with pytest.raises(LocalProtocolError):
        floor.enter("q1", 1.0, "no such queue")
    with pytest.raises(LocalProtocolError):
        floor.do("nobody", AgentInput.READY, 1.0)
    floor.enter("q1", 1.0)
    with pytest.raises(LocalProtocolError):
        floor.enter("q1", 2.0)
    with pytest.raises(LocalProtocolError):
        floor.scheduler.leave("q1", QueueOutcome.ANSWERED, 2.0)
    with pytest.raises(LocalProtocolError):
        floor.scheduler.missed("o1", OfferResult.ACCEPTED, 2.0)


def test_the_board_shows_who_waits_and_who_rings():
    floor = Floor(sales("a", "b", title="销售"), ready="a")
    floor.enter("q1", 10.0)
    floor.enter("q2", 11.0)
    board = floor.scheduler.snapshot(12.0)
    (queue,) = board.queues
    assert [(w.entry, w.ahead, w.ringing) for w in queue.waiting] == [("q1", 0, "a"), ("q2", 1, "")]
    assert (queue.title, queue.agents, queue.on_duty, queue.available) == ("销售", 2, 1, 0)
    assert [(a.agent, a.status, a.entry, a.then) for a in board.agents] == [
        ("a", AgentStatus.RINGING, "q1", AgentStatus.AVAILABLE),
        ("b", AgentStatus.OFFLINE, "", AgentStatus.OFFLINE),
    ]


def test_rules_that_cannot_be_kept_are_all_named():
    bad = QueueRules(
        "sales",
        ("a", "a"),
        ring_timeout_s=0.0,
        wrap_up_s=-1.0,
        max_wait_s=-1.0,
        max_length=-1,
        exit_keys=frozenset({"x"}),
        announce_interval_s=1.0,
        retry_s=0.0,
        expected_handle_s=0.0,
    )
    with pytest.raises(ConfigError) as caught:
        Scheduler([bad, sales()], str, draw=random.random)
    assert len(caught.value.problems) == 10

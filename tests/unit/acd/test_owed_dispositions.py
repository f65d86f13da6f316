"""Queues that demand a disposition of each call: the wrap-up waits for it, but not for ever."""

import pytest

from acd.agents import AgentInput
from acd.facts import AgentStatus, CallUndisposed, WrapUpExtended
from acd.queues import Extension
from core.errors import LocalProtocolError
from tests.unit.acd.floor import Floor, sales

CALL = "call of q1"


def talking(**rules: object) -> Floor:
    """Agent a talks since 11; wrap-up is 30, 100 at the most, unless the rules say otherwise."""
    extension = Extension(by_s=10.0, times=3, most_s=100.0)
    usual = {"wrap_up_s": 30.0, "extension": extension, "needs_disposition": True}
    floor = Floor(sales("a", **{**usual, **rules}), ready="a")
    floor.enter("q1", 10.0)
    floor.answer("a", 11.0)
    return floor


def wrapping_up(**rules: object) -> Floor:
    """And has hung up at 20."""
    floor = talking(**rules)
    floor.over("a", 20.0)
    return floor


def give(floor: Floor, now: float, call: str = CALL) -> None:
    floor.scheduler.wrap_ups.disposed("a", call, now)
    floor.take()


def missing(floor: Floor) -> list[CallUndisposed]:
    return [fact for fact in floor.facts if isinstance(fact, CallUndisposed)]


def test_it_does_not_end_before_it_is_given():
    floor = wrapping_up()
    floor.enter("q2", 21.0)
    floor.run_to(60.0)
    assert floor.status("a") is AgentStatus.WRAP_UP
    assert WrapUpExtended("a", 120.0, 3) in floor.facts, "everybody sees until when it may last now"
    give(floor, 61.0)
    assert floor.ringing["a"].entry == "q2"
    assert missing(floor) == []


def test_after_the_longest_wrap_up_it_is_missing():
    floor = wrapping_up()
    floor.run_to(119.9)
    assert floor.status("a") is AgentStatus.WRAP_UP
    floor.run_to(120.0)
    assert floor.status("a") is AgentStatus.AVAILABLE
    assert missing(floor) == [CallUndisposed("a", "sales")]


@pytest.mark.parametrize("during_talk", [True, False])
def test_given_in_time_the_wrap_up_runs_to_its_plain_end(during_talk: bool):
    floor = talking()
    if during_talk:
        give(floor, 15.0)
    floor.over("a", 20.0)
    if not during_talk:
        give(floor, 25.0)
    floor.run_to(49.9)
    assert floor.status("a") is AgentStatus.WRAP_UP
    floor.run_to(50.0)
    assert floor.status("a") is AgentStatus.AVAILABLE
    assert missing(floor) == []


def test_the_disposition_of_another_call_is_not_this_one_s():
    floor = wrapping_up()
    give(floor, 25.0, "call of q0")
    with pytest.raises(LocalProtocolError, match="demands a disposition"):
        floor.scheduler.wrap_ups.finish("a", 26.0)
    give(floor, 27.0)
    floor.scheduler.wrap_ups.finish("a", 28.0)
    assert floor.status("a") is AgentStatus.AVAILABLE


@pytest.mark.parametrize(
    ("wish", "state"),
    [
        (AgentInput.READY, AgentStatus.AVAILABLE),
        (AgentInput.PAUSE, AgentStatus.PAUSED),
        (AgentInput.SIGN_OUT, AgentStatus.OFFLINE),
    ],
)
def test_who_wants_to_go_on_owes_it_first(wish: AgentInput, state: AgentStatus):
    floor = wrapping_up()
    floor.do("a", wish, 22.0, "tea")
    assert floor.status("a") is AgentStatus.WRAP_UP
    give(floor, 23.0)
    assert floor.status("a") is state


def test_a_queue_without_wrap_up_waits_for_it_all_the_same():
    floor = wrapping_up(wrap_up_s=0.0)
    assert floor.status("a") is AgentStatus.WRAP_UP
    give(floor, 21.0)
    assert floor.status("a") is AgentStatus.AVAILABLE


def test_a_direct_call_meanwhile_neither_forgives_nor_forgets():
    floor = wrapping_up()
    scheduler = floor.scheduler
    assert scheduler.reserve("a", "c-direct", 25.0)
    scheduler.engage("a", "c-direct", 26.0)
    floor.run_to(150.0)
    scheduler.release("a", "c-direct", 150.0)
    assert floor.status("a") is AgentStatus.WRAP_UP
    floor.run_to(150.0)
    assert missing(floor) == [CallUndisposed("a", "sales")]
    assert floor.status("a") is AgentStatus.AVAILABLE


def test_given_in_a_direct_call_meanwhile_it_is_over_after_that():
    floor = wrapping_up()
    scheduler = floor.scheduler
    floor.run_to(55.0)
    assert scheduler.reserve("a", "c-direct", 60.0)
    give(floor, 61.0)
    scheduler.release("a", "c-direct", 62.0)
    floor.take()
    assert floor.status("a") is AgentStatus.AVAILABLE
    assert missing(floor) == []


def test_a_queue_that_demands_none_notes_none():
    floor = wrapping_up(needs_disposition=False)
    floor.run_to(50.0)
    assert floor.status("a") is AgentStatus.AVAILABLE
    assert missing(floor) == []

"""Wrap-up on virtual time: whose length counts, and how it is lengthened and ended."""

import pytest

from acd.agents import AgentInput, Profile
from acd.facts import AgentStateChanged, AgentStatus, WrapUpExtended
from acd.queues import Extension, QueueRules
from core.errors import ConfigError, LocalProtocolError
from tests.unit.acd.floor import Floor, sales


def wrapping_up(**rules: object) -> Floor:
    """Agent a has talked until 20, with a wrap-up of 30 unless the rules say otherwise."""
    floor = Floor(sales("a", **{"wrap_up_s": 30.0, **rules}), ready="a")
    floor.enter("q1", 10.0)
    floor.answer("a", 11.0)
    floor.over("a", 20.0)
    return floor


@pytest.mark.parametrize(("own_s", "until"), [(None, 40.0), (5.0, 25.0), (90.0, 110.0)])
def test_an_agent_may_have_a_length_of_his_own(own_s: float | None, until: float):
    floor = Floor(sales("a", wrap_up_s=20.0), ready="a", profiles={"a": Profile(wrap_up_s=own_s)})
    floor.enter("q1", 10.0)
    floor.answer("a", 11.0)
    floor.over("a", 20.0)
    assert AgentStateChanged("a", "wrap_up", "", until) in floor.facts
    floor.run_to(until - 0.1)
    assert floor.status("a") is AgentStatus.WRAP_UP
    floor.run_to(until)
    assert floor.status("a") is AgentStatus.AVAILABLE


def test_his_own_length_of_none_is_no_wrap_up_at_all():
    floor = Floor(sales("a", wrap_up_s=20.0), ready="a", profiles={"a": Profile(wrap_up_s=0.0)})
    floor.enter("q1", 10.0)
    floor.answer("a", 11.0)
    floor.over("a", 20.0)
    assert floor.status("a") is AgentStatus.AVAILABLE
    assert "wrap_up" not in [fact.state for fact in floor.facts if isinstance(fact, AgentStateChanged)]


def test_it_is_lengthened_as_often_as_the_rules_say_and_the_old_end_is_none():
    floor = wrapping_up(extension=Extension(by_s=40.0, times=2, most_s=600.0))
    floor.scheduler.wrap_ups.extend("a", 45.0)
    floor.run_to(50.0)
    assert floor.status("a") is AgentStatus.WRAP_UP
    floor.scheduler.wrap_ups.extend("a", 80.0)
    floor.take()
    assert [fact for fact in floor.facts if isinstance(fact, WrapUpExtended)] == [
        WrapUpExtended("a", 90.0, 1), WrapUpExtended("a", 130.0, 0)
    ]  # fmt: skip
    with pytest.raises(LocalProtocolError, match="any more"):
        floor.scheduler.wrap_ups.extend("a", 85.0)
    floor.run_to(129.9)
    assert floor.status("a") is AgentStatus.WRAP_UP
    floor.run_to(130.0)
    assert floor.status("a") is AgentStatus.AVAILABLE


def test_in_all_it_lasts_no_longer_than_the_rules_say():
    floor = wrapping_up(extension=Extension(by_s=40.0, times=9, most_s=50.0))
    floor.scheduler.wrap_ups.extend("a", 21.0)
    with pytest.raises(LocalProtocolError, match="any more"):
        floor.scheduler.wrap_ups.extend("a", 22.0)
    floor.run_to(70.0)
    assert floor.status("a") is AgentStatus.AVAILABLE


def test_a_plain_length_beyond_that_stands_but_is_not_lengthened():
    floor = wrapping_up(extension=Extension(by_s=40.0, times=9, most_s=10.0))
    with pytest.raises(LocalProtocolError):
        floor.scheduler.wrap_ups.extend("a", 21.0)
    floor.run_to(49.9)
    assert floor.status("a") is AgentStatus.WRAP_UP


def test_who_has_done_his_notes_gets_the_next_caller_at_once():
    floor = wrapping_up()
    floor.enter("q2", 21.0)
    assert "a" not in floor.ringing
    floor.scheduler.wrap_ups.finish("a", 22.0)
    floor.take()
    assert floor.ringing["a"].entry == "q2"
    with pytest.raises(LocalProtocolError, match="in no wrap-up"):
        floor.scheduler.wrap_ups.finish("a", 23.0)
    with pytest.raises(LocalProtocolError, match="in no wrap-up"):
        floor.scheduler.wrap_ups.extend("a", 23.0)


def test_who_has_asked_for_a_pause_while_he_talked_pauses_when_his_notes_are_done():
    floor = Floor(sales("a", wrap_up_s=30.0), ready="a")
    floor.enter("q1", 10.0)
    floor.answer("a", 11.0)
    floor.do("a", AgentInput.PAUSE, 12.0, "tea")
    floor.over("a", 20.0)
    floor.scheduler.wrap_ups.finish("a", 22.0)
    floor.take()
    assert floor.status("a") is AgentStatus.PAUSED


def test_after_a_direct_call_it_is_the_old_wrap_up_of_the_old_call():
    floor = wrapping_up()
    scheduler = floor.scheduler
    assert scheduler.reserve("a", "c-direct", 25.0)
    scheduler.engage("a", "c-direct", 26.0)
    with pytest.raises(LocalProtocolError, match="in no wrap-up"):
        scheduler.wrap_ups.extend("a", 27.0)
    scheduler.release("a", "c-direct", 30.0)
    agent = scheduler.agents["a"]
    assert (agent.call_id, agent.queue, agent.wrap_up_until) == ("call of q1", "sales", 50.0)
    scheduler.wrap_ups.extend("a", 31.0)
    floor.run_to(110.0)
    assert floor.status("a") is AgentStatus.AVAILABLE
    assert agent.wrap_up is None


def test_rules_that_cannot_be_kept_are_refused():
    with pytest.raises(ConfigError, match="extension: must be 0 or more"):
        Floor(QueueRules("sales", ("a",), extension=Extension(times=-1)))

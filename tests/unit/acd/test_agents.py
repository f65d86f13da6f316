"""The agent's machine: the whole table, what is put off, and the idle clock."""

import itertools

import pytest

from acd.agents import IGNORED, TABLE, Agent, AgentInput, AgentState, Duty
from acd.facts import AgentStatus
from core.errors import LocalProtocolError


def test_every_pair_is_either_in_the_table_or_ignored_or_a_mistake():
    mistakes = {pair for pair in itertools.product(AgentState, AgentInput) if pair not in TABLE and pair not in IGNORED}
    assert not TABLE.keys() & IGNORED
    offers = {AgentInput.OFFER, AgentInput.OFFER_ENDED, AgentInput.ANSWER, AgentInput.WRAP_UP_OVER, AgentInput.RESERVE}
    assert {item for _, item in mistakes} == offers, "what people and phones do is never a mistake"


@pytest.mark.parametrize(
    ("state", "item"),
    [(s, AgentInput.OFFER) for s in AgentState if s is not AgentState.AVAILABLE]
    + [(s, AgentInput.RESERVE) for s in (AgentState.OFFERED, AgentState.TALKING, AgentState.RESERVED)],
)
def test_an_offer_or_reservation_to_a_busy_agent_is_refused(state: AgentState, item: AgentInput):
    with pytest.raises(LocalProtocolError):
        Agent("a", 0, state=state).step(item, 0.0)


def ready(now: float = 0.0) -> Agent:
    agent = Agent("a", 0)
    agent.step(AgentInput.PHONE_UP, now)
    agent.step(AgentInput.READY, now)
    return agent


def talk(agent: Agent, begin: float, end: float, wrap_up_s: float = 10.0) -> None:
    agent.step(AgentInput.OFFER, begin)
    agent.step(AgentInput.ANSWER, begin)
    agent.step(AgentInput.TALK_OVER, end)
    agent.wrap_up_until = end + wrap_up_s


def test_an_agent_needs_a_phone_and_the_wish():
    agent = Agent("a", 0)
    agent.step(AgentInput.READY, 0.0)
    assert (agent.status, agent.shown_reason) == (AgentStatus.OFFLINE, "no_phone")
    agent.step(AgentInput.PHONE_UP, 1.0)
    assert (agent.status, agent.since) == (AgentStatus.AVAILABLE, 1.0)
    agent.step(AgentInput.PHONE_LOST, 2.0)
    assert agent.status is AgentStatus.OFFLINE
    agent.step(AgentInput.PHONE_UP, 3.0)
    assert agent.status is AgentStatus.AVAILABLE


def test_a_pause_asked_while_talking_takes_effect_after_the_wrap_up():
    agent = ready()
    agent.step(AgentInput.OFFER, 1.0)
    agent.step(AgentInput.ANSWER, 2.0)
    agent.step(AgentInput.PAUSE, 3.0)
    assert agent.status is AgentStatus.TALKING
    agent.step(AgentInput.TALK_OVER, 4.0)
    assert agent.status is AgentStatus.WRAP_UP
    agent.step(AgentInput.WRAP_UP_OVER, 14.0)
    assert agent.status is AgentStatus.PAUSED


def test_a_phone_lost_while_talking_ends_neither_talk_nor_wrap_up():
    agent = ready()
    talk(agent, 1.0, 5.0)
    agent.step(AgentInput.PHONE_LOST, 6.0)
    assert agent.status is AgentStatus.WRAP_UP
    agent.step(AgentInput.WRAP_UP_OVER, 15.0)
    assert agent.status is AgentStatus.OFFLINE


def test_the_agent_ends_his_wrap_up_himself():
    agent = ready()
    talk(agent, 1.0, 5.0)
    agent.step(AgentInput.READY, 6.0)
    assert agent.status is AgentStatus.AVAILABLE
    assert agent.wrap_up_until is None


def test_a_direct_call_in_wrap_up_gives_the_rest_of_it_back():
    agent = ready()
    talk(agent, 1.0, 5.0, wrap_up_s=30.0)
    agent.step(AgentInput.RESERVE, 6.0)
    agent.step(AgentInput.ENGAGE, 7.0)
    assert agent.status is AgentStatus.TALKING
    agent.step(AgentInput.RELEASE, 20.0)
    assert agent.status is AgentStatus.WRAP_UP
    agent.step(AgentInput.WRAP_UP_OVER, 35.0)
    assert agent.status is AgentStatus.AVAILABLE


def test_the_idle_clock_runs_from_the_end_of_the_wrap_up():
    agent = ready()
    talk(agent, 100.0, 200.0)
    agent.step(AgentInput.WRAP_UP_OVER, 210.0)
    assert agent.idle_since == 210.0


def test_direct_calls_and_missed_offers_do_not_reset_the_idle_clock():
    """asterisk#607: an attended transfer reset it."""
    agent = ready()
    agent.step(AgentInput.OFFER, 50.0)
    agent.step(AgentInput.OFFER_ENDED, 70.0)
    agent.step(AgentInput.RESERVE, 80.0)
    agent.step(AgentInput.ENGAGE, 85.0)
    agent.step(AgentInput.RELEASE, 300.0)
    assert agent.status is AgentStatus.AVAILABLE
    assert agent.idle_since == 0.0


def test_the_idle_clock_stands_still_in_a_pause_and_starts_anew_after_signing_out():
    agent = ready()
    agent.step(AgentInput.PAUSE, 100.0)
    agent.step(AgentInput.READY, 1000.0)
    assert agent.idle_since == 900.0
    agent.step(AgentInput.PHONE_LOST, 1100.0)
    agent.step(AgentInput.PHONE_UP, 1200.0)
    assert agent.idle_since == 1000.0
    agent.step(AgentInput.SIGN_OUT, 1300.0)
    assert agent.duty is Duty.OUT
    agent.step(AgentInput.READY, 1400.0)
    assert agent.idle_since == 1400.0

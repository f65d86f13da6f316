"""Calls that have ended leave nothing to the cyclic collector, which would make the event loop stand still for them."""

import gc
from collections.abc import Iterator

import pytest

from telephony.sip.exchange import Exchange
from telephony.sip.session import Session
from telephony.sip.transactions import Transaction
from tests.scenario.sip_network import Network, Party
from tests.scenario.test_sip_calls import HOLD, answering, pair, without_update


@pytest.fixture
def no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def alive() -> int:
    return sum(isinstance(one, Session | Exchange | Transaction) for one in gc.get_objects())


def hang_up_after(party: Party, session: str, seconds: float) -> None:
    party.network.run(seconds)
    party.do(lambda endpoint, now: endpoint.hang_up(session, now))
    party.network.run(200)  # longer than any transaction is kept


def talk(caller: Party, line: Party) -> None:
    hang_up_after(caller, caller.call(line), 5)


def hold(caller: Party, line: Party) -> None:
    session = caller.call(line)
    caller.network.run(5)
    caller.do(lambda endpoint, now: endpoint.reoffer(session, now, HOLD))
    hang_up_after(caller, session, 5)


def hold_by_invite(caller: Party, line: Party) -> None:
    caller.network.alter = without_update
    hold(caller, line)


def give_up(caller: Party, line: Party) -> None:
    hang_up_after(caller, caller.call(line), 0.2)


def nobody_answers(caller: Party, line: Party) -> None:
    caller.network.drop = lambda message, to: True
    caller.call(line)
    caller.network.run(200)


def late_offer(caller: Party, line: Party) -> None:
    caller.call(line, sdp=None)
    caller.network.run(200)


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("story", [talk, hold, hold_by_invite, give_up, nobody_answers, late_offer])
def test_an_ended_call_frees_itself(story: object) -> None:
    assert callable(story)
    network = Network()
    caller, line = pair(network)
    line.react = caller.react = answering()
    before = alive()
    story(caller, line)
    assert alive() == before

"""Calls that agents make to the outside, as lists show them."""

from acd.phone_facts import CallPlaced
from store.rows import CallFilter
from store.store import Store
from telephony.facts import CallEnded, CallStarted, LegStarted
from tests.unit.store.conftest import Desk


async def test_a_call_of_an_agent_is_outbound_and_his_though_nobody_answered(desk: Desk, store: Store) -> None:
    for fact in (
        CallStarted("internal", "101", "13900139000"),
        LegStarted("l-1", "caller", "101"),
        CallPlaced("101", "phone", "4008001234", "+8613900139000", "carrier"),
        LegStarted("l-2", "customer"),
        CallEnded("no_answer", "system"),
    ):
        desk.clock.advance(1)
        store.log.post("c-1", fact)
    store.log.post("c-2", CallStarted("internal", "101", "102"))
    store.log.post("c-2", LegStarted("l-3", "caller", "101"))
    await store.log.flush()
    (call,) = (await store.calls.list(CallFilter(agent="101"))).calls
    assert (call.id, call.direction, call.ani, call.dnis) == ("c-1", "outbound", "4008001234", "+8613900139000")
    assert (call.trunk, call.agent, call.reason) == ("carrier", "101", "no_answer")
    assert [row.id for row in (await store.calls.list(CallFilter(direction="outbound"))).calls] == ["c-1"]
    assert (await store.calls.list(CallFilter(agent="102"))).calls == ()

"""Callers who gave up and who talked with them next, from facts."""

from acd.facts import QueueEntered, QueueLeft
from core.events import Fact
from store.store import Store
from telephony.facts import CallStarted, TalkEnded, TalkStarted
from tests.unit.store.conftest import Desk

T0 = 1_700_000_000.0


async def test_called_back_in_whatever_form_the_number_was_dialled(desk: Desk, store: Store) -> None:
    """qpanel#249: a list of callers who gave up was wanted, to call them back."""
    steps: list[tuple[float, str, Fact]] = [
        (0, "c-1", CallStarted("inbound", "+8613800138001", "4001", "carrier")),
        (0, "c-1", QueueEntered("q-1", "sales")),
        (30, "c-1", QueueLeft("q-1", "sales", "abandoned", 30.0)),
        (0, "c-2", CallStarted("inbound", "+8613800138002", "4001", "carrier")),
        (0, "c-2", QueueEntered("q-2", "parts")),
        (10, "c-2", QueueLeft("q-2", "parts", "interrupted", 10.0)),
        (0, "c-3", CallStarted("inbound", "+8613800138003", "4001", "carrier")),
        (0, "c-3", QueueEntered("q-3", "sales")),
        (5, "c-3", QueueLeft("q-3", "sales", "answered", 5.0, "amy")),
        (60, "c-4", CallStarted("internal", "101", "013800138001")),
        (9, "c-4", TalkStarted("amy")),
        (30, "c-4", TalkEnded("amy", 30.0, 0.0)),
        (0, "c-5", CallStarted("inbound", "+8613800138002", "4001", "carrier")),
        (40, "c-5", TalkStarted("bob", "parts")),
    ]
    for seconds, call, fact in steps:
        desk.clock.advance(seconds)
        store.log.post(call, fact)
    await store.log.flush()
    second, first = await store.abandoned.of(T0, T0 + 3600)
    assert (first.abandoned.number, first.abandoned.line, first.abandoned.wait_s) == ("+8613800138001", "4001", 30.0)
    assert first.contact is not None and second.contact is not None
    assert (first.contact.call_id, first.contact.agent, first.contact.by_us) == ("c-4", "amy", True)
    assert first.after_s == 10 + 5 + 60 + 9
    assert (second.contact.call_id, second.contact.agent, second.contact.by_us) == ("c-5", "bob", False)
    assert [it.abandoned.entry for it in await store.abandoned.of(T0, T0 + 3600, "sales")] == ["q-1"]
    assert await store.abandoned.of(T0 - 60, T0) == []

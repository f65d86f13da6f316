"""Promises to call back on disk: what is open, what a death in the middle means, and what a call's page shows."""

from acd.callback_facts import CallbackDialled, CallbackEnded, CallbackHastened, CallbackMissed, CallbackPromised
from acd.facts import QueueEntered, QueueLeft
from reports.model import Bucket, ReportQuery
from store.callback_rows import CallbackTryRow
from store.log import EventLog
from store.store import Store
from telephony.facts import CallEnded, CallStarted
from tests.unit.store.conftest import Desk

T0 = 1_700_000_000.0
NUMBER = "+8613800138000"
DIALLED = CallbackDialled("b-1", "sales", NUMBER, "amy", 1)


def promised(log: EventLog) -> None:
    log.post("c-1", CallStarted("inbound", NUMBER, "4008001234", "carrier"))
    log.post("c-1", QueueEntered("q-1", "sales"))
    log.post("c-1", QueueLeft("q-1", "sales", "called_back", 40.0))
    log.post("c-1", CallbackPromised("b-1", "sales", NUMBER, "q-1", T0 - 60, T0 + 3600, ("english:3",)))
    log.post("c-1", CallEnded("normal", "system"))


async def test_from_the_promise_to_its_end(desk: Desk, store: Store) -> None:
    promised(store.log)
    await store.log.flush()
    (one,) = await store.callbacks.open()
    assert (one.id, one.queue, one.number, one.call_id, one.skills) == ("b-1", "sales", NUMBER, "c-1", ("english:3",))
    assert (one.due_at, one.expires_at, one.tries, one.tried_at, one.state) == (T0 - 60, T0 + 3600, 0, None, "open")
    desk.clock.advance(100)
    store.log.post("c-2", CallStarted("outbound", "4008001234", NUMBER, "carrier"))
    store.log.post("c-2", DIALLED)
    store.log.post("c-2", CallbackMissed("b-1", "sales", "busy", 1, T0 + 700, 486))
    await store.log.flush()
    (one,) = await store.callbacks.open()
    assert (one.tries, one.tried_at, one.again_at, one.state) == (1, T0 + 100, T0 + 700, "open")
    store.log.post("c-1", CallbackHastened("b-1", "sales", "boss"))
    desk.clock.advance(100)
    store.log.post("c-3", CallStarted("outbound", "4008001234", NUMBER, "carrier"))
    store.log.post("c-3", CallbackDialled("b-1", "sales", NUMBER, "bob", 2))
    await store.log.flush()
    (one,) = await store.callbacks.open()
    assert (one.due_at, one.again_at, one.state) == (0.0, 0.0, "dialled")
    store.log.post("c-3", CallbackEnded("b-1", "sales", "reached", "bob"))
    store.log.post("c-3", CallbackEnded("b-1", "sales", "cancelled", by="boss"))
    await store.log.flush()
    assert await store.callbacks.open() == ()
    for call_id in ("c-1", "c-2", "c-3"):
        detail = await store.calls.get(call_id)
        assert detail is not None and detail.callback is not None
        found = detail.callback
        assert (found.outcome, found.agent, found.ended_at) == ("reached", "bob", T0 + 200), "the first end stands"
        assert found.made == (
            CallbackTryRow("c-2", "amy", T0 + 100, T0 + 100, "busy", 486),
            CallbackTryRow("c-3", "bob", T0 + 200, T0 + 200, "reached", 0),
        )


async def test_a_death_while_the_customer_was_called_is_a_try_that_failed(desk: Desk) -> None:
    opened = await desk.open()
    promised(opened.log)
    opened.log.post("c-2", CallStarted("outbound", "4008001234", NUMBER, "carrier"))
    await opened.log.commit("c-2", DIALLED)
    await opened.close()
    desk.clock.advance(3600)
    desk.heard.clear()
    async with await desk.open() as store:
        recovered = await store.recover()
        assert recovered.callbacks == 1
        assert [(event.call_id, event.fact, event.at) for event in desk.heard] == [
            ("c-2", CallbackMissed("b-1", "sales", "interrupted", 1, T0), T0),
            ("c-2", CallEnded("interrupted", "system"), T0),
        ]
        (one,) = await store.callbacks.open()
        assert (one.state, one.tries, one.tried_at) == ("open", 1, T0)
        assert (await store.recover()).callbacks == 0


async def test_who_is_called_back_is_offered_once_and_the_identity_holds(desk: Desk, store: Store) -> None:
    promised(store.log)
    store.log.post("c-2", CallStarted("outbound", "4008001234", NUMBER, "carrier"))
    store.log.post("c-2", DIALLED)
    store.log.post("c-2", CallbackEnded("b-1", "sales", "reached", "amy"))
    await store.log.flush()
    counts = (await store.reports.queues(ReportQuery(T0 - 1, T0 + 100, Bucket.TOTAL))).total.counts
    assert (counts.offered, counts.called_back, counts.answered, counts.waiting) == (1, 1, 0, 0)

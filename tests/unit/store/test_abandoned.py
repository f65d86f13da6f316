"""Callers who gave up and who talked with them next, from facts."""

from dataclasses import replace

from acd.facts import QueueEntered, QueueLeft
from campaigns.probe_facts import ProbeBegun, ProbeCame
from core.events import Fact
from reports.model import Bucket, ReportQuery
from store.rows import CallFilter, Figure
from store.store import Store
from telephony.facts import CallEnded, CallStarted, TalkEnded, TalkStarted
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


async def test_a_test_call_is_no_lost_customer_and_repeats_nobody(desk: Desk, store: Store) -> None:
    """Six callers who "came back" were all the probe."""
    steps: list[tuple[float, str, Fact]] = []
    for run in ("1", "2"):
        steps += [
            (60, f"o-{run}", ProbeBegun(f"b-{run}", "hotline", "carrier")),
            (1, f"p-{run}", CallStarted("inbound", "+8613800138009", "4001", "carrier")),
            (1, f"p-{run}", ProbeCame(f"b-{run}", "hotline")),
            (0, f"p-{run}", QueueEntered(f"q-{run}", "sales")),
            (20, f"p-{run}", QueueLeft(f"q-{run}", "sales", "abandoned", 20.0)),
            (0, f"p-{run}", TalkStarted("amy", "sales")),
            (9, f"p-{run}", CallEnded("normal", "caller")),
        ]
    steps += [
        (9, "c-1", CallStarted("inbound", "+8613800138001", "4001", "carrier")),
        (0, "c-1", QueueEntered("q-c", "sales")),
        (20, "c-1", QueueLeft("q-c", "sales", "abandoned", 20.0)),
    ]
    for seconds, call, fact in steps:
        desk.clock.advance(seconds)
        store.log.post(call, fact)
    await store.log.flush()
    desk.clock.advance(8 * 86_400)
    assert [it.abandoned.entry for it in await store.abandoned.of(T0, T0 + 3600)] == ["q-c"]
    calls, _ = await store.inbound.of(T0, T0 + 3600, 7)
    assert [(it.id, it.settled, it.again) for it in calls if it.id != "c-1"] == [
        ("p-2", False, False), ("p-1", False, False),
    ]  # fmt: skip


async def test_one_call_in_two_queues_is_two_entries_and_one_wait(desk: Desk, store: Store) -> None:
    steps: list[tuple[float, str, Fact]] = [
        (0, "c-1", CallStarted("inbound", "+8613800138001", "4001", "carrier")),
        (0, "c-1", QueueEntered("q-1", "sales")),
        (25, "c-1", QueueLeft("q-1", "sales", "overflowed", 25.0)),
        (0, "c-1", QueueEntered("q-2", "parts")),
        (20, "c-1", QueueLeft("q-2", "parts", "answered", 20.0, "amy")),
        (0, "c-2", CallStarted("inbound", "+8613800138002", "4001", "carrier")),
        (0, "c-2", QueueEntered("q-3", "sales")),
    ]
    for seconds, call, fact in steps:
        desk.clock.advance(seconds)
        store.log.post(call, fact)
    await store.log.flush()
    offered = Figure("offered", ReportQuery(T0, T0 + 3600, Bucket.TOTAL, zone="UTC"))
    page = await store.calls.list(CallFilter(behind=offered))
    assert (page.total, page.entries) == (2, 3)
    assert [call.wait_s for call in page.calls] == [None, 45.0]
    by_line = replace(offered, query=replace(offered.query, line="4001", queue="sales"))
    assert (await store.calls.list(CallFilter(behind=by_line))).entries == 2
    assert (await store.calls.list(CallFilter(behind=offered, number="8002"))).entries == 1
    assert (await store.calls.list()).entries is None

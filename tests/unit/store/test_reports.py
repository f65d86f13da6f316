"""Reports from facts to figures."""

import pytest

from acd.facts import AgentStateChanged, OfferEnded, OfferMade, QueueEntered, QueueLeft
from core.errors import ParseError
from reports.model import Bucket, ReportQuery
from reports.rows import StateSpan
from store.rows import AgentWork, CallFilter
from store.store import Store
from telephony.facts import CallStarted, TalkEnded, TalkHeld, TalkStarted
from tests.unit.store.conftest import Desk

T0 = 1_700_000_000.0


async def test_figures_come_from_facts(desk: Desk, store: Store) -> None:
    for number, (outcome, wait_s) in enumerate((("answered", 5.0), ("answered", 30.0), ("abandoned", 3.0), ("", None))):
        call, entry = f"c-{number}", f"q-{number}"
        store.log.post(call, CallStarted("inbound", "", ""))
        store.log.post(call, QueueEntered(entry, "sales"))
        if wait_s is not None:
            store.log.post(call, QueueLeft(entry, "sales", outcome, wait_s, "amy" if outcome == "answered" else ""))
    await store.log.flush()
    report = await store.reports.queues(ReportQuery(T0, T0 + 60, Bucket.TOTAL))
    counts = report.total.counts
    assert (counts.offered, counts.answered, counts.abandoned, counts.short_abandons, counts.waiting) == (4, 2, 1, 1, 1)
    assert report.total.rates.service_level_b == 1 / 4
    assert report.total.asa_s == 17.5
    assert (await store.reports.queues(ReportQuery(T0, T0 + 60, queue="other"))).total.counts.offered == 0
    assert (await store.reports.queues(ReportQuery(T0 - 60, T0))).total.counts.offered == 0


async def test_agents_work_from_facts(desk: Desk, store: Store) -> None:
    steps = [
        (0, AgentStateChanged("amy", "available")),
        (100, OfferMade("o-1", "q-1", "sales", "amy")),
        (5, OfferEnded("o-1", "q-1", "sales", "amy", "accepted", 5.0)),
        (0, AgentStateChanged("amy", "talking")),
        (0, TalkStarted("amy", "sales")),
        (60, TalkEnded("amy", 60.0, 0.0, "sales")),
        (0, AgentStateChanged("amy", "wrap_up")),
        (15, AgentStateChanged("amy", "available")),
        (20, AgentStateChanged("amy", "talking")),
        (0, TalkStarted("amy", "sales")),
        (10, TalkHeld("amy")),
    ]
    for seconds, fact in steps:
        desk.clock.advance(seconds)
        store.log.post("c-1", fact)
    await store.log.flush()
    desk.clock.advance(4)  # now is T0 + 214, the second talk goes on, 4 s on hold
    (amy,) = (await store.reports.agents(T0, T0 + 3600)).agents
    assert (amy.calls, amy.talk_s, amy.hold_s, amy.wrap_up_s) == (2, 70.0, 4.0, 15.0)
    assert (amy.rung, amy.answered, amy.available_s, amy.talking_s) == (1, 1, 125.0, 74.0)
    assert amy.occupancy == (74 + 15) / (74 + 15 + 125)


async def test_an_offer_that_was_withdrawn_is_no_missed_one_and_each_figure_opens_its_calls(
    desk: Desk, store: Store
) -> None:
    results = {"amy": ["accepted", "withdrawn", "timed_out"], "bob": ["withdrawn", "accepted", "withdrawn"]}
    for number in range(3):
        for agent, ends in results.items():
            offer = (f"o-{agent}-{number}", f"q-{number}", "sales", agent)
            store.log.post(f"c-{number}", OfferMade(*offer))
            store.log.post(f"c-{number}", OfferEnded(*offer, ends[number], 5.0))
            if ends[number] == "accepted":
                store.log.post(f"c-{number}", TalkStarted(agent, "sales"))
        store.log.post(f"c-{number}", CallStarted("inbound", "", ""))
    await store.log.flush()
    amy, bob = (await store.reports.agents(T0, T0 + 60)).agents
    assert (amy.rung, amy.answered, amy.withdrawn, amy.answer_rate) == (2, 1, 1, 0.5)
    assert (bob.rung, bob.answered, bob.withdrawn, bob.answer_rate) == (1, 1, 2, 1.0)

    async def opened(key: str, agent: str, since: float = T0) -> list[str]:
        page = await store.calls.list(CallFilter(worked=AgentWork(key, agent, since, T0 + 60)))
        return sorted(call.id for call in page.calls)

    assert await opened("rung", "amy") == ["c-0", "c-2"]
    assert await opened("answered", "bob") == await opened("calls", "bob") == ["c-1"]
    assert await opened("withdrawn", "bob") == ["c-0", "c-2"]
    assert await opened("rung", "amy", T0 + 1) == []
    with pytest.raises(ParseError):
        await opened("luck", "amy")


async def test_states_are_cut_to_the_period(desk: Desk, store: Store) -> None:
    for agent, state, seconds in (("amy", "available", 10), ("bob", "paused", 10), ("amy", "offline", 10)):
        store.log.post("", AgentStateChanged(agent, state))
        await store.log.flush()
        desk.clock.advance(seconds)
    assert await store.reports.state_spans(T0 + 5, T0 + 25) == [
        StateSpan("amy", "available", T0 + 5, T0 + 20),
        StateSpan("bob", "paused", T0 + 10, T0 + 25),
    ]
    assert await store.reports.state_spans(T0 + 30, T0 + 40) == [StateSpan("bob", "paused", T0 + 30, T0 + 40)]

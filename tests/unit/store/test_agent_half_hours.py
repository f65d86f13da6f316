"""What agents did by counted half hours is what their talks, rings and states say, whatever comes late."""

import random
from dataclasses import astuple

import pytest
from sqlalchemy import update

from acd.facts import AgentStateChanged, OfferEnded, OfferMade, QueueEntered, QueueLeft
from core.events import Fact
from reports.model import AgentLine, AgentReport, Bucket
from store.schema_half_hours import half_hours
from store.store import Store
from store.writer import Transaction
from telephony.facts import TalkEnded, TalkStarted
from tests.unit.store.conftest import Desk
from tests.unit.store.test_half_hours import DAY_S, HALF_S, T0

END = T0 + DAY_S
ASKED = [
    *((T0, END, "Asia/Shanghai", bucket) for bucket in (Bucket.TOTAL, Bucket.HALF_HOUR, Bucket.DAY)),
    (T0 + 4321.5, END - 77.0, "Asia/Shanghai", Bucket.HOUR),
    (T0 + 4321.5, END - 77.0, "Asia/Kathmandu", Bucket.HALF_HOUR),  # its half hours are not ours
    (T0 + 4321.5, END + DAY_S, "Asia/Kathmandu", Bucket.TOTAL),
]


def steps_of(agent: str, chance: random.Random) -> list[tuple[float, str, Fact]]:
    """A day of one agent, who goes home now and then."""
    at, number, steps = chance.uniform(0, 3 * HALF_S), 0, list[tuple[float, str, Fact]]()
    while at < DAY_S - HALF_S:
        call, offer, number = f"c-{agent}-{number}", f"o-{agent}-{number}", number + 1
        steps.append((at, "", AgentStateChanged(agent, "available")))
        at += chance.expovariate(1 / 900)
        steps.append((at, call, OfferMade(offer, f"q-{offer}", "sales", agent)))
        steps.append((at, "", AgentStateChanged(agent, "ringing")))
        at += 4.0
        result = chance.choices(["accepted", "timed_out", "withdrawn"], [8, 1, 1])[0]
        steps.append((at, call, OfferEnded(offer, f"q-{offer}", "sales", agent, result, 4.0)))
        if result == "accepted":
            steps.append((at, "", AgentStateChanged(agent, "talking")))
            steps.append((at, call, TalkStarted(agent, "sales")))
            talk_s = chance.expovariate(1 / 600)
            at += talk_s
            if at < DAY_S - HALF_S:
                steps.append((at, call, TalkEnded(agent, talk_s - 1.0, 1.0, "sales")))
                steps.append((at, "", AgentStateChanged(agent, "wrap_up")))
                at += 30.0
        if number % 7 == 0:
            state = chance.choice(["paused", "offline"])
            steps.append((at, "", AgentStateChanged(agent, state)))
            at += chance.expovariate(1 / (4 * HALF_S))
    return [step for step in steps if step[0] < DAY_S - HALF_S]


async def live_through_a_day(desk: Desk, store: Store, seed: int) -> None:
    """Three agents; what is due is counted now and then. Queues' half hours begin with the first caller."""
    chance = random.Random(seed)
    steps = [step for agent in ("amy", "bob", "cid") for step in steps_of(agent, chance)]
    steps.append((DAY_S - 1.5 * HALF_S, "c-last", TalkStarted("amy", "sales")))
    store.log.post("c-0", QueueEntered("q-0", "sales"))
    store.log.post("c-0", QueueLeft("q-0", "sales", "abandoned", 3.0))
    for place, (at, call, fact) in enumerate(sorted(steps, key=lambda step: step[0])):
        desk.clock.advance(T0 + at - desk.clock.now())
        store.log.post(call, fact)
        if place % 200 == 199:
            await store.half_hours.keep_due()
    desk.clock.advance(END - desk.clock.now())
    await store.log.flush()
    while await store.half_hours.keep_due():
        pass


async def reports(store: Store) -> list[AgentReport]:
    return [await store.reports.agents(*asked) for asked in ASKED]


def alike(one: AgentReport, other: AgentReport) -> None:
    assert [bucket.since for bucket in one.buckets] == [bucket.since for bucket in other.buckets]
    pairs = [
        (one.agents, other.agents),
        *((a.agents, b.agents) for a, b in zip(one.buckets, other.buckets, strict=True)),
    ]
    for mine, theirs in pairs:
        assert [line.agent for line in mine] == [line.agent for line in theirs]
        for line, same in zip(mine, theirs, strict=True):
            assert _figures(line) == pytest.approx(_figures(same), abs=1e-6)


def _figures(line: AgentLine) -> list[float]:
    return [-1.0 if value is None else value for value in astuple(line)[1:]]


async def all_alike_once_they_are_forgotten(store: Store) -> None:
    counted = await reports(store)
    await store.half_hours.forget()
    for one, plain in zip(counted, await reports(store), strict=True):
        alike(one, plain)
    while await store.half_hours.keep_due():
        pass
    for one, again in zip(counted, await reports(store), strict=True):
        alike(one, again)


@pytest.mark.parametrize("seed", [1])
async def test_what_is_counted_is_what_talks_rings_and_states_say(desk: Desk, store: Store, seed: int) -> None:
    await live_through_a_day(desk, store, seed)
    assert 0 < await store.half_hours.backlog() <= 3, "amy still talks"
    whole = (await store.reports.agents(T0, END)).agents
    assert [line.agent for line in whole] == ["amy", "bob", "cid"] and min(line.calls for line in whole) > 10
    await all_alike_once_they_are_forgotten(store)


async def test_half_hours_are_read_once_they_are_counted(desk: Desk, store: Store) -> None:
    await live_through_a_day(desk, store, 3)
    calls = [line.calls for line in (await store.reports.agents(T0, END)).agents]

    def spoil(transaction: Transaction) -> None:
        transaction.connection.execute(update(half_hours).values(work=b""))

    await store.log.write(spoil)
    spoilt = [line.calls for line in (await store.reports.agents(T0, END)).agents]
    assert sum(spoilt) < sum(calls) / 10


async def test_what_comes_late_is_counted(desk: Desk, store: Store) -> None:
    await live_through_a_day(desk, store, 4)
    before, at = await store.half_hours.backlog(), T0 + DAY_S / 4
    offer = ("o-x", "q-x", "sales", "cid")
    for facts in (
        [AgentStateChanged("amy", "paused")],
        [TalkStarted("bob", "sales"), TalkEnded("bob", 33.0, 0.0, "sales")],
        [OfferMade(*offer), OfferEnded(*offer, "timed_out", 33.0)],
    ):

        def late(transaction: Transaction, facts: list[Fact] = facts) -> None:
            for fact in facts:
                transaction.say("c-late", fact, at=at)

        await store.log.write(late)
        assert await store.half_hours.backlog() > before + 30, "of that moment and all later ones"
        await all_alike_once_they_are_forgotten(store)

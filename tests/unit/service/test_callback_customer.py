"""Customers who are called before their agents: when their turn is near, at their place, and never in vain for long."""

import asyncio

from acd.callback_facts import CallbackDialled, CallbackEnded, CallbackMissed
from acd.callbacks import CallbackRules
from acd.queues import QueueRules
from acd.served import Connected
from service.config_callback import CallbackTerms
from telephony.facts import CallEnded, CallStarted
from tests.unit.acd.doubles import FakeLeg
from tests.unit.service.callback_doubles import BUSY, LI, WANG, House
from tests.unit.service.test_callbacks import at_once, in_turn

RULES = CallbackRules(tries=3, retry_s=600.0, holds_s=3600.0)
TERMS = CallbackTerms(RULES, "carrier", "4008001234", customer_first=frozenset({"sales"}))


def queue(*agents: str, **rules: object) -> QueueRules:
    return QueueRules("sales", agents, wrap_up_s=0.0, **rules)  # type: ignore[arg-type]


@at_once
async def test_he_is_called_when_an_agent_is_free_and_then_the_agent_is_rung() -> None:
    house = House(queue("a"), terms=TERMS)
    await house.promise()
    await asyncio.sleep(100.0)
    assert house.dialled == [] and house.facts(CallStarted) == []
    house.ready("a")
    await asyncio.sleep(4.0)
    assert house.dialled == [(100.0, LI, "")]
    assert house.phones.rung == [], "nobody waits for his phone to be picked up"
    await asyncio.sleep(4.0)
    assert [agent for _, agent, _ in house.phones.rung] == ["a"]
    (ended,) = house.facts(CallbackEnded)
    assert isinstance(ended, CallbackEnded)
    assert (ended.outcome, ended.agent) == ("reached", "a")
    assert len(house.facts(CallStarted)) == 1
    await house.close()


@at_once
async def test_he_is_called_a_little_before_his_turn() -> None:
    """Twenty agents whose calls take two minutes: somebody is free every six seconds."""
    names = tuple(f"agent {place}" for place in range(20))
    house = House(queue(*names, callback_lead_s=10.0, expected_handle_s=120.0), terms=TERMS)
    house.ready(*names)
    talks = [
        await house.distributor.serve(FakeLeg(f"caller {place}"), "sales", number=WANG) for place in range(len(names))
    ]
    before = [
        asyncio.create_task(house.distributor.serve(FakeLeg(f"before {place}"), "sales", number=WANG))
        for place in range(4)
    ]
    await asyncio.sleep(1.0)
    await house.promise()
    await asyncio.sleep(1.0)
    assert house.dialled == [], "four callers are served before him"
    for talk in talks[:4]:
        assert isinstance(talk, Connected)
        house.distributor.talk_over(talk.agent, talk.entry)
        await asyncio.sleep(1.0)
    assert len(house.dialled) == 1, "he is next, with all agents busy"
    assert all(isinstance(one, Connected) for one in await asyncio.gather(*before))
    await house.close()


@at_once
async def test_who_stands_behind_counts_him_and_is_served_while_he_is_called() -> None:
    house = House(queue("a"), takes=lambda number: (None, 20.0), terms=TERMS)
    await house.promise(ago_s=60.0)
    await asyncio.sleep(1.0)
    behind = asyncio.create_task(house.distributor.serve(FakeLeg("behind"), "sales", number=WANG))
    await asyncio.sleep(1.0)
    (view,) = house.distributor.snapshot().queues
    assert view.callbacks == 1 and view.waiting[0].ahead == 1
    house.ready("a")
    served = await behind
    assert isinstance(served, Connected), "an agent is never idle while somebody is on the line"
    later = asyncio.create_task(house.distributor.serve(FakeLeg("later"), "sales", number=WANG))
    await asyncio.sleep(30.0)
    assert len(house.dialled) == 1 and house.ends() == []
    await served.leg.hang_up()
    await asyncio.sleep(5.0)
    assert house.ends() == ["reached"] and not later.done(), "he has kept his place before who came later"
    later.cancel()
    await house.close()


@at_once
async def test_one_agent_is_not_promised_to_two_customers() -> None:
    house = House(queue("a"), takes=lambda number: (None, 20.0), terms=TERMS)
    await house.promise(LI)
    await house.promise(WANG)
    house.ready("a")
    await asyncio.sleep(15.0)
    assert [number for _, number, _ in house.dialled] == [LI]
    await asyncio.sleep(200.0)
    assert house.ends() == ["reached", "reached"]
    await house.close()


@at_once
async def test_who_is_not_reached_keeps_his_place_and_costs_no_agent_anything() -> None:
    house = House(queue("a"), takes=in_turn((BUSY, 1.0), (None, 5.0)), terms=TERMS)
    house.ready("a")
    await house.promise()
    await asyncio.sleep(100.0)
    assert house.phones.rung == []
    assert [fact.result for fact in house.facts(CallbackMissed) if isinstance(fact, CallbackMissed)] == ["busy"]
    (view,) = house.distributor.snapshot().queues
    assert view.callbacks == 0
    await asyncio.sleep(600.0)
    assert house.ends() == ["reached"]
    tries = [fact.tries for fact in house.facts(CallbackDialled) if isinstance(fact, CallbackDialled)]
    assert tries == [1, 2]
    await house.close()


@at_once
async def test_a_customer_who_hangs_up_before_his_agent_comes_is_called_again() -> None:
    house = House(queue("a"), takes=lambda number: (None, 5.0), terms=TERMS, behave=lambda agent: ("answer", 15.0))
    house.patience_s = 5.0
    house.ready("a")
    await house.promise()
    await asyncio.sleep(15.0)
    assert [fact.result for fact in house.facts(CallbackMissed) if isinstance(fact, CallbackMissed)] == ["hung_up"]
    assert house.phones.ringing == set()
    (view,) = house.distributor.snapshot().queues
    assert (view.tally.offered, view.tally.abandoned, view.callbacks) == (0, 0, 0), "he was counted when he left"
    assert len(house.facts(CallEnded)) == 1
    house.patience_s = 60.0
    await asyncio.sleep(700.0)
    assert house.ends() == ["reached"]
    await house.close()


@at_once
async def test_a_supervisor_cancels_while_he_waits_for_his_turn() -> None:
    house = House(queue("a"), terms=TERMS)
    await house.promise()
    (one,) = house.callbacks.all()
    await asyncio.sleep(1.0)
    assert house.callbacks.cancel(one.id, "boss")
    house.ready("a")
    await asyncio.sleep(100.0)
    assert house.dialled == [] and house.ends() == ["cancelled"]
    (view,) = house.distributor.snapshot().queues
    assert view.callbacks == 0
    await house.close()


@at_once
async def test_a_queue_that_is_gone_calls_nobody() -> None:
    house = House(queue("a"), QueueRules("service", ("b",)), terms=TERMS)
    await house.promise()
    await asyncio.sleep(10.0)
    house.distributor.change([QueueRules("service", ("b",))], ("b",))
    await asyncio.sleep(10.0)
    assert house.ends() == ["cancelled"] and house.dialled == []
    await house.close()

"""Promises to call back, kept: in their turn, tried again, over in time, never twice at once."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from acd.callback_facts import CallbackDialled, CallbackEnded, CallbackHastened, CallbackMissed, CallbackPromised
from acd.callbacks import MOST_OPEN, CallbackRules
from acd.queues import QueueRules
from acd.served import Connected
from acd.urgency import CallerTerms
from campaigns.attempt import Result
from core.errors import LocalProtocolError
from ivr.hours_text import parse_hours
from service.callback_hours import closes_at
from service.callback_stand import Missed
from service.config_callback import CallbackTerms
from store.callback_rows import CallbackRow
from telephony.facts import CallEnded, CallStarted
from tests.unit.acd.doubles import FakeLeg
from tests.unit.service.callback_doubles import BUSY, LI, WANG, Customer, House
from tests.virtual_loop import EPOCH, run

RULES = CallbackRules(tries=3, retry_s=600.0, holds_s=3600.0)
TERMS = CallbackTerms(RULES, "carrier", "4008001234")
QUEUE = QueueRules("sales", ("a",), wrap_up_s=0.0)
Test = Callable[[], Coroutine[Any, Any, None]]


def at_once(test: Test) -> Callable[[], None]:
    """Run it on virtual time."""

    def whole() -> None:
        run(test())

    whole.__name__, whole.__doc__ = test.__name__, test.__doc__
    return whole


def now() -> float:
    return round(asyncio.get_running_loop().time())


def in_turn(*takes: Customer) -> Callable[[str], Customer]:
    """The first call is taken so, the next so…"""
    left = list(takes)
    return lambda number: left.pop(0)


@at_once
async def test_the_next_free_agent_has_him() -> None:
    house = House(QUEUE, terms=TERMS)
    await house.promise()
    (promised,) = house.facts(CallbackPromised)
    assert isinstance(promised, CallbackPromised)
    assert (promised.number, promised.due_at, promised.expires_at) == (LI, EPOCH, EPOCH + 3600)
    await asyncio.sleep(100.0)
    assert house.facts(CallStarted) == [], "no call before somebody is there for it"
    house.ready("a")
    await asyncio.sleep(10.0)
    assert house.dialled == [(102.0, LI, "a")]
    assert house.facts(CallStarted) == [CallStarted("outbound", "4008001234", LI, "carrier")]
    assert house.facts(CallbackEnded) == [CallbackEnded(promised.callback, "sales", "reached", "a")]
    assert house.callbacks.all() == []
    await house.close()


@at_once
async def test_he_is_served_before_who_came_later_and_after_who_came_sooner() -> None:
    house = House(QUEUE, terms=TERMS)
    sooner = asyncio.create_task(house.distributor.serve(FakeLeg("sooner"), "sales", number=WANG))
    await asyncio.sleep(10.0)
    place = house.clock.now()
    await asyncio.sleep(10.0)
    later = asyncio.create_task(house.distributor.serve(FakeLeg("later"), "sales", number=WANG))
    await asyncio.sleep(10.0)
    await house.promise(ago_s=house.clock.now() - place)
    house.ready("a")
    first = await sooner
    assert isinstance(first, Connected) and house.dialled == []
    await first.leg.hang_up()
    await asyncio.sleep(20.0)
    assert len(house.dialled) == 1 and not later.done()
    assert isinstance(await later, Connected)
    await house.close()


@at_once
async def test_who_is_not_reached_is_tried_again_and_not_for_ever() -> None:
    house = House(QUEUE, takes=in_turn((BUSY, 1.0), (Missed(Result.NO_ANSWER), 40.0), (BUSY, 1.0)), terms=TERMS)
    house.ready("a")
    await house.promise()
    await asyncio.sleep(3000.0)
    assert [round(at) for at, _, _ in house.dialled] == [2, 605, 1247]
    missed = [(fact.result, fact.tries) for fact in house.facts(CallbackMissed) if isinstance(fact, CallbackMissed)]
    assert missed == [("busy", 1), ("no_answer", 2), ("busy", 3)]
    assert house.ends() == ["unreached"]
    assert len(house.facts(CallStarted)) == len(house.facts(CallEnded)) == 3
    await house.close()


@at_once
async def test_a_trunk_that_fails_uses_up_no_try() -> None:
    dead = Missed(Result.FAILED, counts=False)
    house = House(QUEUE, takes=in_turn((dead, 0.0), (dead, 0.0), (dead, 0.0), (None, 5.0)), terms=TERMS)
    house.ready("a")
    await house.promise()
    await asyncio.sleep(2000.0)
    assert len(house.dialled) == 4
    assert house.ends() == ["reached"]
    await house.close()


@at_once
async def test_a_promise_that_nobody_had_time_for_is_over_in_the_end() -> None:
    house = House(QUEUE, terms=TERMS)
    await house.promise()
    await asyncio.sleep(3599.0)
    assert house.ends() == []
    await asyncio.sleep(2.0)
    assert house.ends() == ["expired"]
    house.ready("a")
    await asyncio.sleep(100.0)
    assert house.dialled == [] and house.phones.rung == []
    await house.close()


@at_once
async def test_nobody_is_called_while_the_centre_is_closed() -> None:
    """It opens for an hour, with nobody there when the second try is due."""
    hours = parse_hours(["daily 23:00-24:00"], zone="Asia/Shanghai", holidays="")
    opens = hours.next_open(EPOCH)
    assert opens is not None
    rules = CallbackRules(holds_s=2 * 86400.0)
    house = House(QUEUE, takes=in_turn((BUSY, 1.0), (None, 5.0)), terms=CallbackTerms(rules, "carrier", hours=hours))
    house.ready("a")
    await house.promise()
    await asyncio.sleep(opens - EPOCH - 1.0)
    assert house.phones.rung == []
    await asyncio.sleep(10.0)
    assert [round(at) for at, _, _ in house.dialled] == [round(opens - EPOCH) + 2]
    house.distributor.pause("a", "tea")
    await asyncio.sleep(3600.0)
    house.ready("a")
    await asyncio.sleep(60.0)
    assert len(house.dialled) == 1, "it stood in the line until closing time, and no longer"
    await asyncio.sleep(86400.0)
    assert house.ends() == ["reached"]
    await house.close()


@at_once
async def test_what_is_promised_out_of_hours_holds_from_the_opening_on() -> None:
    """Otherwise it would be over before anybody could keep it."""
    hours = parse_hours(["daily 23:00-24:00"], zone="Asia/Shanghai", holidays="")
    opens = hours.next_open(EPOCH)
    assert opens is not None and opens > EPOCH + RULES.holds_s
    house = House(QUEUE, terms=CallbackTerms(RULES, "carrier", hours=hours))
    house.ready("a")
    await house.promise()
    (one,) = house.callbacks.all()
    assert one.expires_at == opens + RULES.holds_s
    await asyncio.sleep(opens - EPOCH + 60.0)
    assert [round(at) for at, _, _ in house.dialled] == [round(opens - EPOCH) + 2]
    assert house.ends() == ["reached"]
    await house.close()


def test_when_opening_hours_end() -> None:
    hours = parse_hours(["daily 08:00-12:00 13:00-24:00", "sat 00:00-02:00"], zone="Asia/Shanghai", holidays="")
    assert closes_at(parse_hours(["daily 00:00-24:00"], holidays=""), EPOCH) is None
    at = hours.next_open(EPOCH)
    assert at is not None
    closes = closes_at(hours, at)
    assert closes is not None
    assert not hours.is_open(closes) and hours.is_open(closes - 60)


@at_once
async def test_who_calls_again_has_his_place_and_the_promise_is_over() -> None:
    house = House(QUEUE, terms=TERMS)
    await house.promise(ago_s=300.0)
    await asyncio.sleep(10.0)
    assert house.callbacks.claim_place(WANG, "sales", "c-2") is None
    assert house.callbacks.claim_place(LI, "service", "c-2") is None
    assert house.callbacks.claim_place("138 0013 8000", "sales", "c-2") == EPOCH - 300.0, "in any spelling"
    assert house.callbacks.claim_place(LI, "sales", "c-2") is None
    await asyncio.sleep(1.0)
    (ended,) = [event for event in house.log.events if isinstance(event.fact, CallbackEnded)]
    assert isinstance(ended.fact, CallbackEnded)
    assert (ended.call_id, ended.fact.outcome, ended.fact.by) == ("c-2", "merged", "caller")
    house.ready("a")
    await asyncio.sleep(100.0)
    assert house.phones.rung == []
    await house.close()


@at_once
async def test_who_calls_again_while_he_is_being_called() -> None:
    house = House(QUEUE, takes=in_turn((BUSY, 20.0)), terms=TERMS)
    house.ready("a")
    await house.promise()
    await asyncio.sleep(10.0)
    assert house.callbacks.claim_place(LI, "sales", "c-2") == EPOCH
    assert house.ends() == []
    await asyncio.sleep(2000.0)
    assert house.ends() == ["merged"] and len(house.dialled) == 1
    await house.close()


@at_once
async def test_a_second_wish_of_the_same_number_is_the_same_promise() -> None:
    house = House(QUEUE, terms=TERMS)
    await house.promise(ago_s=60.0)
    await house.promise()
    (one,) = house.callbacks.all()
    assert one.due == EPOCH - 60.0
    await house.close()


@at_once
async def test_one_number_is_never_called_twice_at_once() -> None:
    """Promised by two queues, each with a free agent."""
    service = QueueRules("service", ("b",), wrap_up_s=0.0)
    house = House(QUEUE, service, takes=lambda number: (None, 30.0), terms=TERMS)
    house.ready("a", "b")
    await house.promise()
    await house.promise(queue="service")
    await asyncio.sleep(40.0)
    assert len(house.phones.rung) == 1
    await asyncio.sleep(200.0)
    assert sorted(agent for _, _, agent in house.dialled) == ["a", "b"]
    assert house.ends() == ["reached", "reached"]
    await house.close()


@at_once
async def test_a_supervisor_cancels() -> None:
    house = House(QUEUE, takes=in_turn((BUSY, 1.0)), terms=TERMS)
    await house.promise()
    (one,) = house.callbacks.all()
    await asyncio.sleep(1.0)
    house.ready("a")
    await asyncio.sleep(1.0)
    assert house.phones.ringing == {"a"}
    assert house.callbacks.cancel(one.id, "boss")
    await asyncio.sleep(1.0)
    assert house.phones.ringing == set(), "the agent's phone is silent again"
    assert house.facts(CallbackEnded) == [CallbackEnded(one.id, "sales", "cancelled", by="boss")]
    assert not house.callbacks.cancel(one.id, "boss")
    assert [fact.reason for fact in house.facts(CallEnded) if isinstance(fact, CallEnded)] == ["cancelled"]
    assert house.dialled == []
    await house.close()


@at_once
async def test_a_supervisor_wants_him_called_now() -> None:
    house = House(QUEUE, takes=in_turn((BUSY, 1.0), (None, 5.0)), terms=TERMS)
    house.ready("a")
    await house.promise()
    await asyncio.sleep(2.5)
    (one,) = house.callbacks.all()
    with pytest.raises(LocalProtocolError):
        house.callbacks.hasten(one.id, "boss")
    await asyncio.sleep(1.0)
    busy = await house.distributor.serve(FakeLeg("before"), "sales", number=WANG)
    assert isinstance(busy, Connected)
    second = asyncio.create_task(
        house.distributor.serve(FakeLeg("vip"), "sales", number=WANG, terms=CallerTerms(ahead_s=1800.0))
    )
    await asyncio.sleep(1.0)
    assert house.callbacks.hasten(one.id, "boss")
    assert not house.callbacks.hasten("b-none", "boss")
    await asyncio.sleep(1.0)
    await busy.leg.hang_up()
    await asyncio.sleep(5.0)
    assert len(house.dialled) == 2, "before everybody, and without the pause between tries"
    assert house.facts(CallbackHastened) == [CallbackHastened(one.id, "sales", "boss")]
    assert isinstance(await second, Connected)
    assert house.ends() == ["reached"]
    await house.close()


@at_once
async def test_agents_who_do_not_answer_cost_no_try() -> None:
    rules = QueueRules("sales", ("a", "b"), wrap_up_s=0.0, misses_until_pause=0)
    house = House(rules, terms=TERMS, behave=lambda agent: ("refuse" if agent == "a" else "answer", 2.0))
    await house.promise()
    house.ready("a")
    await asyncio.sleep(100.0)
    (one,) = house.callbacks.all()
    assert one.tries == 0 and house.dialled == []
    house.ready("b")
    await asyncio.sleep(60.0)
    assert house.ends() == ["reached"]
    assert len(house.facts(CallStarted)) == 1, "all of that is one call"
    await house.close()


@at_once
async def test_a_queue_that_is_gone_promises_nothing_more() -> None:
    house = House(QUEUE, QueueRules("service", ("b",)), terms=TERMS)
    await house.promise()
    await asyncio.sleep(10.0)
    house.distributor.change([QueueRules("service", ("b",))], ("b",))
    await asyncio.sleep(10.0)
    assert house.ends() == ["cancelled"]
    await house.close()


@at_once
async def test_a_restart_goes_on_with_what_was_promised() -> None:
    """Who was being called when the process died is not called at once: his phone may have rung."""
    house = House(QUEUE, terms=TERMS)

    def row(name: str, number: str, tries: int, tried_at: float | None) -> CallbackRow:
        return CallbackRow(
            name, "sales", number, "c-1", EPOCH - 500, EPOCH - 600, EPOCH + 3100, ("english:3",), tries, 0.0, tried_at,
            "open", "", "", "", None,
        )  # fmt: skip

    rules = QueueRules("sales", ("a",), wrap_up_s=0.0)
    house.distributor.change([rules], ("a",))
    none = [row("b-1", LI, 1, EPOCH - 10.0), row("b-2", WANG, 0, None), row("b-3", "+8613700137000", 3, EPOCH - 900.0)]
    house.callbacks.open(house.distributor, house.story, none)
    house.ready("a")
    await asyncio.sleep(400.0)
    assert house.dialled == [], "nobody speaks English"
    for one in house.callbacks.all():
        one.skills = ()
        house.callbacks._kept[one.id].wake.set()
    await asyncio.sleep(100.0)
    assert [number for _, number, _ in house.dialled] == [WANG]
    await asyncio.sleep(300.0)
    assert [(round(at), number) for at, number, _ in house.dialled][1:] == [(592, LI)]
    assert sorted(house.ends()) == ["reached", "reached", "unreached"]
    dialled = [fact.tries for fact in house.facts(CallbackDialled) if isinstance(fact, CallbackDialled)]
    assert dialled == [1, 2]
    await house.close()


@at_once
async def test_when_the_house_stops_promises_are_left_for_the_next_start() -> None:
    house = House(QUEUE, QueueRules("service", ("b",)), takes=lambda number: (None, 50.0), terms=TERMS)
    await house.promise(WANG, "service")
    house.ready("a")
    await house.promise()
    await asyncio.sleep(10.0)
    assert len(house.dialled) == 1
    house.callbacks.hold()
    house.ready("b")
    assert not house.callbacks.takes()
    await asyncio.sleep(100.0)
    assert len(house.dialled) == 1, "nobody new is called"
    assert house.ends() == ["reached"], "and what goes on goes on"
    assert not house.tasks._tasks
    await house.close()


@at_once
async def test_which_numbers_may_be_called() -> None:
    house = House(QUEUE, terms=TERMS)
    assert house.callbacks.dialable("138 0013 8000") == LI
    assert house.callbacks.dialable("021-62345678") == "+862162345678"
    for text in ("", "anonymous", "110", "120", "4008001234", "95555", "12345", "1680000001", "+14155550100", "999"):
        assert house.callbacks.dialable(text) == "", text
    await house.close()


@at_once
async def test_so_many_promises_and_no_more() -> None:
    house = House(QUEUE, terms=TERMS)
    assert house.callbacks.takes()
    for place in range(MOST_OPEN):
        await house.promise(f"+86138{place:08}")
    assert not house.callbacks.takes()
    await house.close()

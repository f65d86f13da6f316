"""Agents call outside: by dialling, and from the page; what their phones hear, and what the log says."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from acd.phone_facts import CallPlaced, RefusalOverruled
from core.channels import Channel
from core.errors import CallRejected, LocalProtocolError, NotAllowed, TransactionTimeout, Unavailable
from service.config_phones import DiallingSettings
from service.journeys import seats
from service.journeys.placed import dialled
from service.placing import Placing
from service.reception import Reception
from telephony.facts import CallAnswered, CallEnded, CallStarted, RecordingStarted, TalkStarted
from telephony.media.commands import Play
from telephony.ports import EndReason
from telephony.security_facts import OutsideCallRefused
from telephony.switchboard import Arrival
from telephony.tolls import Tolls
from tests.unit.service.journeys.doubles import Desk, gives_up, hangs_up, turn
from tests.unit.service.journeys.feature_doubles import features

WANG, WHOLE, LINE = "13900139000", "+8613900139000", "4008001234"


@pytest.fixture
async def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    desk.house = replace(desk.house, dialling=DiallingSettings(trunk="carrier", caller_id=LINE))
    desk.house.targets.change(desk.house.routes, ["101", "102"], abroad=True, dials=True)
    return desk


def by_phone(desk: Desk, number: str = WANG) -> Arrival:
    """The phone of agent 101 calls ``number``; its leg is "out"."""
    return replace(desk.arrive(number), ani="101", trunk="", agent="101")


def ended(desk: Desk) -> tuple[str, str, int]:
    (fact,) = desk.facts(CallEnded)
    assert isinstance(fact, CallEnded)
    return fact.reason, fact.by, fact.status


async def test_he_dials_and_is_joined_once_the_other_answers(desk: Desk) -> None:
    customer, arrival = await desk.agent(WHOLE, "customer"), by_phone(desk)
    calling = asyncio.create_task(dialled(arrival, desk.house))
    await turn()
    assert desk.queue.said == [("reserve", "101"), ("engage", "101"), ("dial", WHOLE, "carrier")]
    assert desk.facts(CallPlaced) == [CallPlaced("101", "phone", LINE, WHOLE, "carrier")]
    assert desk.stack.names() == [], "nothing rings yet"
    await desk.rings()
    assert desk.stack.done == [("progress", "s0", 180)]
    assert desk.facts(CallAnswered) == [], "his phone rings on"
    desk.abroad.set_result(customer)
    await desk.until(TalkStarted)
    assert desk.facts(TalkStarted) == [TalkStarted("101", "")]
    assert desk.media.legs["customer"].partner == "out"
    assert len(desk.facts(RecordingStarted)) == len(desk.facts(CallAnswered)) == 1
    hangs_up(customer)
    await calling
    await desk.settled()
    assert desk.queue.said[3:] == [("release", "101")]
    assert arrival.leg.end is not None and arrival.leg.end.by_us
    assert ended(desk) == ("normal", "caller", 0)


async def test_the_network_is_heard_at_his_phone_before_anybody_answers(desk: Desk) -> None:
    customer, arrival = await desk.agent(WHOLE, "customer"), by_phone(desk)
    calling = asyncio.create_task(dialled(arrival, desk.house))
    await turn()
    assert desk.early is not None
    desk.early(customer)
    await turn()
    assert ("progress", "s0", 183) in [command[:3] for command in desk.stack.done]
    assert (desk.media.legs["customer"].partner, desk.media.legs["out"].partner) == ("out", "customer")
    assert desk.facts(CallAnswered) == desk.facts(TalkStarted) == []
    desk.abroad.set_result(customer)
    await desk.until(TalkStarted)
    assert desk.media.legs["customer"].partner == "out"
    hangs_up(customer)
    await calling
    await desk.settled()
    assert ended(desk) == ("normal", "caller", 0)


async def test_the_agent_hangs_up_and_the_customer_is_hung_up(desk: Desk) -> None:
    customer, arrival = await desk.agent(WHOLE, "customer"), by_phone(desk)
    desk.house = replace(desk.house, dialling=replace(desk.house.dialling, record=False))
    desk.abroad.set_result(customer)
    calling = asyncio.create_task(dialled(arrival, desk.house))
    await desk.until(TalkStarted)
    hangs_up(arrival.leg)
    await calling
    await desk.settled()
    assert customer.end is not None and customer.end.by_us
    assert ended(desk) == ("normal", "agent", 0)
    assert desk.facts(RecordingStarted) == []


@pytest.mark.parametrize(
    ("fault", "verdict"),
    [
        (CallRejected(486), ("busy", "system", 486)),
        (TransactionTimeout("rang out"), ("no_answer", "system", 0)),
        (NotAllowed("it is abroad"), ("rejected", "system", 403)),
        (Unavailable("no trunk"), ("unavailable", "system", 0)),
    ],
)
async def test_nobody_is_reached_and_his_phone_is_refused_for_that(
    desk: Desk, fault: Exception, verdict: tuple[str, str, int]
) -> None:
    arrival = by_phone(desk)
    desk.abroad.set_exception(fault)
    await dialled(arrival, desk.house)
    assert ended(desk) == verdict
    assert arrival.leg.end is not None and arrival.leg.end.reason == EndReason(verdict[0])
    assert desk.queue.said[-1] == ("release", "101")


@pytest.mark.parametrize(
    ("refusal", "reason", "told", "cause"),
    [
        (CallRejected(480), "no_answer", 480, 18),
        (CallRejected(403), "rejected", 403, 21),
        (CallRejected(488), "unavailable", 488, 88),
        (CallRejected(302), "unavailable", 480, 31),
        (CallRejected(404, cause=1), "not_found", 404, 1),
        (CallRejected(480, cause=17), "busy", 486, 17),
        (CallRejected(480, cause=20), "unavailable", 480, 20),
        (CallRejected(503, cause=34), "unavailable", 500, 34),
        (CallRejected(603), "rejected", 603, 21),
    ],
)
async def test_what_the_carrier_says_reaches_his_phone(
    desk: Desk, refusal: CallRejected, reason: str, told: int, cause: int
) -> None:
    desk.abroad.set_exception(refusal)
    await dialled(by_phone(desk), desk.house)
    assert desk.stack.done == [("reject", "s0", told)], "nothing has rung"
    assert desk.alerted is None
    assert desk.stack.causes["s0"].startswith(f"Q.850;cause={cause};")
    assert ended(desk) == (reason, "system", refusal.status)


async def test_a_number_that_may_not_be_called_is_refused_before_anything_rings(desk: Desk) -> None:
    async with asyncio.timeout(5):  # where it is dialled nobody would ever answer
        await dialled(by_phone(desk, "0014155550100"), desk.house)
    assert desk.stack.done == [("reject", "s0", 403)]
    assert ("dial", "+14155550100", "carrier") not in desk.queue.said
    assert ended(desk) == ("rejected", "system", 403)
    assert [fact.why for fact in desk.facts(OutsideCallRefused)] == ["abroad"]  # type: ignore[attr-defined]
    assert desk.queue.said[-1] == ("release", "101")


async def test_he_gives_up_and_it_rings_no_more(desk: Desk) -> None:
    arrival = by_phone(desk)
    calling = asyncio.create_task(dialled(arrival, desk.house))
    await turn()
    gives_up(arrival.leg)
    await calling
    assert desk.abroad.cancelled()
    assert ended(desk) == ("cancelled", "agent", 0)


async def test_who_consults_while_he_talks_has_a_seat_when_that_talk_is_over(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seats, "SEAT_AGAIN_S", 0.0)
    customer, arrival = await desk.agent(WHOLE, "customer"), by_phone(desk)
    desk.abroad.set_result(customer)
    desk.queue.free = False
    calling = asyncio.create_task(dialled(arrival, desk.house))
    await desk.until(TalkStarted)
    assert ("engage", "101") not in desk.queue.said
    desk.queue.free = True
    await turn()
    assert desk.queue.said[-2:] == [("reserve", "101"), ("engage", "101")]
    hangs_up(customer)
    await calling
    await desk.settled()
    assert desk.queue.said[-1] == ("release", "101")


async def test_what_is_dialled_outside_is_told_from_what_is_ours(desk: Desk) -> None:
    reception = Reception(desk.house, features(desk))
    reception.welcome(by_phone(desk))
    await turn()
    assert len(desk.facts(CallPlaced)) == 1
    desk.abroad.set_exception(CallRejected(486))
    await desk.settled()
    desk.queue.free = False
    reception.welcome(by_phone(desk, "102"))
    reception.welcome(desk.arrive(WANG))  # from a carrier
    await desk.settled()
    assert len(desk.facts(CallPlaced)) == 1


# From the page


def placing(desk: Desk) -> Placing:
    return Placing(lambda: desk.house, Tolls(desk.clock.now, post=desk.log.post))


async def test_his_own_phone_rings_first_and_shows_whom_he_calls(desk: Desk) -> None:
    own, customer = await desk.agent(), await desk.agent(WHOLE, "customer")
    call_id = placing(desk).place("101", WANG)
    await turn()
    assert desk.queue.said == [("reserve", "101"), ("ring", "101", WHOLE)]
    assert desk.facts(CallStarted) == [CallStarted("outbound", LINE, WHOLE, "carrier")]
    assert desk.facts(CallPlaced) == [CallPlaced("101", "page", LINE, WHOLE, "carrier")]
    desk.ringing.set_result(own)
    await turn()
    assert desk.queue.said[2:] == [("engage", "101"), ("dial", WHOLE, "carrier")]
    assert desk.media.of(Play)[0].sounds == ("tone:ringback",)
    desk.abroad.set_result(customer)
    await desk.until(TalkStarted)
    assert desk.media.legs["customer"].partner == "in"
    hangs_up(customer)
    await desk.settled()
    assert desk.queue.said[-1] == ("release", "101")
    assert own.end is not None and own.end.by_us
    assert ended(desk) == ("normal", "caller", 0)
    assert [event.call_id for event in desk.log.events if isinstance(event.fact, CallEnded)] == [call_id]


async def test_why_somebody_is_called_who_wants_no_calls_is_kept(desk: Desk) -> None:
    await desk.agent()
    call_id = placing(desk).place("101", WANG, "他要求回电")
    assert [(event.call_id, event.fact) for event in desk.log.events if isinstance(event.fact, RefusalOverruled)] == [
        (call_id, RefusalOverruled("101", "他要求回电"))
    ]


async def test_the_network_takes_the_place_of_the_ringing_and_the_next_trunk_of_the_first(desk: Desk) -> None:
    desk.media.finish_plays = True
    own, first, second = await desk.agent(), await desk.agent(WHOLE, "first"), await desk.agent(WHOLE, "second")
    desk.ringing.set_result(own)
    placing(desk).place("101", WANG)
    await turn()
    ringing = desk.media.legs["in"].playing
    assert ringing is not None and ringing.sounds == ("tone:ringback",)
    assert desk.early is not None
    for leg in (first, second):
        desk.early(leg)
        await turn()
        assert (desk.media.legs["in"].playing, desk.media.legs["in"].partner) == (None, leg.id)
    hangs_up(second)
    desk.abroad.set_exception(CallRejected(404))
    await desk.settled()
    assert ended(desk) == ("not_found", "system", 404)


async def test_he_hears_that_the_other_is_busy(desk: Desk) -> None:
    desk.media.finish_plays = True
    own = await desk.agent()
    desk.ringing.set_result(own)
    desk.abroad.set_exception(CallRejected(486))
    placing(desk).place("101", WANG)
    await desk.settled()
    assert Path(str(desk.media.of(Play)[-1].sounds[0])).stem == "busy"
    assert own.end is not None and own.end.by_us
    assert ended(desk) == ("busy", "system", 486)


@pytest.mark.parametrize(
    ("refusal", "verdict"),
    [(486, ("busy", "agent", 486)), (603, ("rejected", "agent", 603)), (503, ("unavailable", "system", 503))],
)
async def test_his_own_phone_refuses(desk: Desk, refusal: int, verdict: tuple[str, str, int]) -> None:
    desk.ringing.set_exception(CallRejected(refusal))
    placing(desk).place("101", WANG)
    await desk.settled()
    assert ended(desk) == verdict


async def test_who_calls_nobody_outside_is_refused_on_his_page_and_on_his_phone(desk: Desk) -> None:
    desk.queue.barred = {Channel.OUTSIDE}
    with pytest.raises(NotAllowed, match="calls no numbers outside"):
        placing(desk).place("101", WANG)
    await dialled(by_phone(desk), desk.house)
    await desk.settled()
    assert ended(desk) == ("rejected", "system", 403)
    assert not [said for said in desk.queue.said if said[0] == "dial"]


async def test_he_does_not_answer_his_own_phone(desk: Desk) -> None:
    desk.ringing.set_exception(TransactionTimeout("rang in vain"))
    placing(desk).place("101", WANG)
    await desk.settled()
    assert desk.queue.said == [("reserve", "101"), ("ring", "101", WHOLE), ("release", "101")]
    assert ended(desk) == ("no_answer", "system", 0)


async def test_what_cannot_be(desk: Desk) -> None:
    desk.queue.free = False
    with pytest.raises(LocalProtocolError, match="phone of 101 is busy"):
        placing(desk).place("101", WANG)
    desk.queue.phone = False
    with pytest.raises(LocalProtocolError, match="not registered"):
        placing(desk).place("101", WANG)
    with pytest.raises(LocalProtocolError, match="a number of this house"):
        placing(desk).place("101", "102")
    with pytest.raises(NotAllowed):
        placing(desk).place("101", "0014155550100")
    stopping = placing(desk)
    stopping.hold()
    with pytest.raises(LocalProtocolError, match=r"\[dialling\] trunk"):
        stopping.place("101", WANG)
    desk.house = replace(desk.house, dialling=DiallingSettings())
    assert not placing(desk).possible()
    with pytest.raises(LocalProtocolError, match=r"\[dialling\] trunk"):
        placing(desk).place("101", WANG)
    assert desk.facts(CallStarted) == []

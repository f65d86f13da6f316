"""Callers who are parked: taken from the page or by dialling the slot, brought back, back in their queue, or gone."""

from pathlib import Path

import pytest

from acd.phone_facts import CallParked, FeatureUsed, ParkEnded
from acd.served import Connected, Served
from core.errors import LocalProtocolError, TransactionTimeout
from service.config_phones import FeatureSettings
from service.park import Lot, Parking, Taker
from service.parking import ParkDesk
from service.reception import Reception
from telephony.facts import TalkEnded
from telephony.media.commands import Play
from telephony.ports import Leg
from tests.unit.service.journeys.doubles import Desk, Talked, hangs_up, turn
from tests.unit.service.journeys.feature_doubles import features
from tests.unit.service.journeys.test_feature import from_phone

SOON_S = 0.05
WAITED_S = 20.0


class Call(Talked):
    """A caller who has waited in the queue and talks with agent 101."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.office = ParkDesk(desk.house.lot, desk.house.transfers, desk.house.distributor)

    def served(self) -> None:
        inside = self.inside

        async def outcome(_call: Leg, queue: str) -> Served:
            self.desk.clock.advance(WAITED_S)
            return Connected("101", inside, "q1", queue)

        self.desk.queue.outcome = outcome

    async def parked(self, slot: str = "") -> None:
        self.office.park("c1", slot, "boss")
        await self.desk.until(CallParked)

    async def over(self, recordings: int | None = 1) -> tuple[str, str]:
        ended = await super().over(recordings)
        assert self.desk.house.lot.at("") is None, "the slot is free again"
        return ended

    def how(self) -> tuple[str, str]:
        (fact,) = self.desk.facts(ParkEnded)
        assert isinstance(fact, ParkEnded)
        return fact.how, fact.agent


@pytest.fixture
async def call(tmp_path: Path) -> Call:
    call = Call(Desk(tmp_path))
    await call.begin()
    return call


async def test_he_hears_music_until_somebody_takes_him_from_the_page(call: Call) -> None:
    desk = call.desk
    await call.parked()
    assert desk.facts(CallParked) == [CallParked("1", "101")]
    assert call.inside.end is not None and call.inside.end.by_us, "who has parked him is hung up"
    assert Path(str(desk.media.of(Play)[-1].sounds[0])).stem == "hold_music"
    other = await desk.agent("102", "other")
    desk.ringing.set_result(other)
    call.office.take("c1", "102")
    await desk.until(ParkEnded)
    assert call.how() == ("taken", "102")
    assert desk.media.legs["out"].partner == "other"
    assert ("ring", "102", "13800138000") in desk.queue.said
    hangs_up(other)
    assert await call.over() == ("normal", "agent")
    assert ("release", "102") in desk.queue.said
    assert [(fact.agent, fact.queue) for fact in desk.facts(TalkEnded)] == [("101", "sales"), ("102", "sales")]  # type: ignore[attr-defined]


async def test_he_is_taken_by_the_phone_that_dials_the_slot(call: Call) -> None:
    desk = call.desk
    await call.parked("3")
    other = await desk.agent("102", "other")
    arrival = from_phone(desk, "*573", "102")
    Reception(desk.house, features(desk)).welcome(arrival)
    await turn()
    assert desk.moving.moved == [("code", "c1")]
    desk.moving.outcome.set_result(other)
    await arrival.leg.hang_up()  # the switchboard's mover ends the old leg so
    await desk.until(ParkEnded)
    assert call.how() == ("taken", "102")
    assert desk.media.legs["out"].partner == "other"
    assert desk.facts(FeatureUsed) == [FeatureUsed("102", "park", "done", "3")]
    assert desk.queue.said[-2:] == [("reserve", "102"), ("engage", "102")]
    hangs_up(other)
    await call.journey
    await desk.settled()
    assert ("release", "102") in desk.queue.said


async def test_nobody_stands_in_that_slot(call: Call) -> None:
    call.desk.media.finish_plays = True
    await call.parked("3")
    Reception(call.desk.house, features(call.desk)).welcome(from_phone(call.desk, "*574", "102"))
    await call.desk.until(FeatureUsed)
    assert call.desk.facts(FeatureUsed) == [FeatureUsed("102", "park", "wrong", "4")]
    hangs_up(call.arrival.leg)
    await call.journey
    await call.desk.settled()


async def test_who_takes_him_does_not_answer_and_he_stays_parked(call: Call) -> None:
    desk = call.desk
    await call.parked()
    desk.ringing.set_exception(TransactionTimeout("rang in vain"))
    call.office.take("c1", "102")
    await turn()
    assert desk.queue.said[-1] == ("release", "102")
    assert desk.facts(ParkEnded) == []
    hangs_up(call.arrival.leg)
    assert await call.over() == ("normal", "caller")


async def test_after_a_while_he_is_back_with_who_parked_him(call: Call) -> None:
    desk = call.desk
    desk.house.lot.settings = FeatureSettings(park_timeout_s=SOON_S)
    back = await desk.agent("101", "back")
    desk.ringing.set_result(back)
    await call.parked()
    await desk.until(ParkEnded)
    assert call.how() == ("returned", "101")
    assert desk.media.legs["out"].partner == "back"
    hangs_up(back)
    assert await call.over() == ("normal", "agent")


async def test_and_else_in_his_queue_with_the_wait_that_he_has_behind_him(call: Call) -> None:
    desk = call.desk
    desk.house.lot.settings = FeatureSettings(park_timeout_s=SOON_S)
    served = desk.waits()
    desk.ringing.set_exception(TransactionTimeout("rang in vain"))
    await call.parked()
    desk.clock.advance(30.0)
    await desk.until(ParkEnded)
    assert call.how() == ("nobody", "")
    assert desk.queue.said[-1] == ("serve", "sales", "13800138000")
    assert desk.queue.terms.waited_s == WAITED_S + 30.0
    again = await desk.agent("102", "again")
    served.set_result(Connected("102", again, "q2", "sales"))
    await turn()
    assert desk.media.legs["out"].partner == "again"
    hangs_up(call.arrival.leg)
    assert await call.over() == ("normal", "caller")


async def test_he_hangs_up_and_who_is_about_to_take_him_is_hung_up(call: Call) -> None:
    desk = call.desk
    await call.parked()
    parked = desk.house.lot.of_call("c1")
    assert parked is not None
    first, second = from_phone(desk, "*571", "102").leg, from_phone(desk, "*571", "102").leg
    parked.wanted_by(Taker("102", first))
    parked.wanted_by(Taker("102", second))
    await turn()
    assert desk.moving.moved == [("code", "c1")], "one at a time"
    hangs_up(call.arrival.leg)
    assert await call.over() == ("normal", "caller")
    assert call.how() == ("abandoned", "")
    assert first.end is not None and second.end is not None
    assert ("release", "102") in desk.queue.said


async def test_what_cannot_be(call: Call) -> None:
    desk = call.desk
    with pytest.raises(LocalProtocolError, match="is not parked"):
        call.office.take("c1", "102")
    assert desk.house.lot.enter(Parking("2", "101"), "c0") is not None
    with pytest.raises(LocalProtocolError, match="another call is parked there"):
        call.office.park("c1", "2", "boss")
    with pytest.raises(LocalProtocolError, match="nobody has the number"):
        call.office.park("c1", "77", "boss")
    desk.house.lot.settings = FeatureSettings(park="")
    with pytest.raises(LocalProtocolError, match=r"\[features\] park"):
        call.office.park("c1", "", "boss")
    assert desk.house.lot.asked("*57", "101") is None
    hangs_up(call.arrival.leg)
    await call.journey
    await desk.settled()


def test_slots() -> None:
    lot = Lot(FeatureSettings(park_slots=2))
    assert lot.asked("*57", "101") == Parking("", "101")
    assert lot.asked("*572", "101") == Parking("2", "101")
    assert lot.asked("*573", "101") is lot.asked("*5", "101") is lot.asked("8000", "101") is None
    first, second = lot.enter(Parking("2", "101"), "c1"), lot.enter(Parking("2", "102"), "c2")
    assert first is not None and second is not None
    assert (first.slot, second.slot) == ("2", "1"), "somebody was faster"
    assert not lot.has_room("") and lot.enter(Parking("", "101"), "c3") is None
    assert lot.at("") is first and lot.at("1") is second and lot.of_call("c2") is second
    lot.leave(first)
    assert lot.has_room("2") and lot.has_room("") and not lot.has_room("1")
    for _ in range(4):
        second.wanted_by(Taker("103"))
    with pytest.raises(LocalProtocolError, match="others are about to take"):
        second.wanted_by(Taker("103"))

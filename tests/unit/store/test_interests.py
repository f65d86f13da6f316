"""What owners said: kept with its history, of a person under whichever number, and over a car that gets its VIN."""

from datetime import date

import pytest

from campaigns.facts import AttemptEnded, AttemptStarted
from campaigns.ports import NewContact
from core.errors import ParseError
from desk.interest import Interest
from desk.records import Ownership, Vehicle
from store.interests import Said, Which
from store.store import Store
from tests.unit.store.conftest import Desk

MINE, HOME = "+8613800138000", "+862158880000"
OWNED = Ownership(Vehicle("", "沪A12345", "轩逸"), HOME, "王先生", "2020-03-05")
VIN = "LSVAA49J132012345"
TODAY = date(2026, 11, 22)


async def test_the_last_word_on_a_car_stands_and_all_are_kept(store: Store) -> None:
    await store.records.take([OWNED])
    await store.contacts.add("回访", [[NewContact(MINE, "王先生", 1, others=(HOME,))]])
    await store.interests.say(
        "c-1", HOME, Said(Interest.COOL, "沪A12345", "明年再看", "101", "wang"), date(2026, 10, 1)
    )
    await store.interests.say("c-2", MINE, Said(Interest.LATER, agent="102", by="li"), date(2026, 10, 2))
    await store.interests.say("c-3", MINE, Said(Interest.WARM, "沪A12345", agent="101", by="wang"), TODAY)
    for number in (MINE, HOME):
        said = await store.interests.of_number(number)
        assert [(one.level, one.vehicle, one.agent, one.stands) for one in said] == [
            ("warm", "沪A12345", "101", True),
            ("later", "", "102", True),
            ("cool", "沪A12345", "101", False),
        ]
    assert said[2].note == "明年再看" and said[0].call_id == "c-3"
    assert await store.interests.levels([MINE, HOME]) == {
        (number, vehicle): level
        for number in (MINE, HOME)
        for vehicle, level in (("沪A12345", Interest.WARM), ("", Interest.LATER))
    }
    await store.records.take([Ownership(Vehicle(VIN, "沪A12345", "轩逸"), HOME, "王先生", "2020-03-05")])
    assert {one.vehicle for one in await store.interests.of_number(MINE)} == {VIN, ""}, "the car has its VIN now"


async def test_only_of_a_car_that_he_has(store: Store) -> None:
    await store.records.take([OWNED])
    for number, vehicle in ((MINE, "沪A12345"), (HOME, "沪B1")):
        with pytest.raises(ParseError, match="no such car"):
            await store.interests.say("c-1", number, Said(Interest.HOT, vehicle), TODAY)
    assert await store.interests.of_number(HOME) == ()
    await store.interests.say("c-1", MINE, Said(Interest.HOT), TODAY)
    assert [one.level for one in await store.interests.of_number(MINE)] == ["hot"], "he has no car on record"


async def test_listed_by_level_day_and_when_it_is_time(desk: Desk, store: Store) -> None:
    await store.records.take([OWNED])
    await store.interests.say("c-1", HOME, Said(Interest.HOT, "沪A12345", agent="101"), date(2026, 11, 14))
    await store.interests.say("c-2", MINE, Said(Interest.WARM, agent="102"), date(2026, 11, 14))

    async def names(which: Which, today: date = TODAY) -> list[str]:
        found, total = await store.interests.page(which, today, limit=10)
        assert total == len(found)
        return [f"{one.name} {one.word.level} {one.plate}".strip() for one in found]

    assert await names(Which()) == ["warm", "王先生 hot 沪A12345"]
    assert await names(Which((Interest.WARM, Interest.COOL))) == ["warm"]
    assert await names(Which(agent="101")) == ["王先生 hot 沪A12345"]
    assert await names(Which(since=date(2026, 11, 15))) == await names(Which(until=date(2026, 11, 13))) == []
    assert await names(Which(due=True)) == ["王先生 hot 沪A12345"]
    assert await names(Which(due=True), date(2026, 11, 20)) == []
    await store.contacts.add("跟进", [[NewContact(HOME, "王先生", 1)]])
    [listed] = await store.campaigns.results("跟进", limit=1)
    await store.log.commit("c-9", AttemptStarted("a-9", "跟进", listed.contact))
    await store.log.commit("c-9", AttemptEnded("a-9", "跟进", listed.contact, "talked"))
    assert await names(Which(due=True)) == [], "one has just talked with him"
    [said] = await store.interests.of_number(HOME)
    assert said.talked_at == pytest.approx(desk.clock.now(), abs=60)

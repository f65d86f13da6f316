"""Selections: the query means what the records say, counts are those of the people, what is kept is there again."""

import random
from dataclasses import replace
from datetime import date

import pytest

from campaigns.facts import AttemptEnded, AttemptStarted
from campaigns.ports import NewContact
from campaigns.rule_facts import NumberBarred
from core.errors import LocalProtocolError, ParseError
from desk.records import Complaint, Ownership, Sale, Vehicle, Visit
from desk.selection import Condition, Moment, Reason
from store.interests import Said
from store.selections import OutlookRow
from store.store import Store
from telephony.facts import LegStarted
from tests.unit.store.conftest import Desk
from tests.unit.store.selection_oracle import MOMENT, NOW, World, a_condition, a_world, funnel

MINE, HOME, HERS = "+8613800138000", "+862158880000", "+8613900139000"
CAR = Vehicle("LSVAA49J132012345", "沪A12345", "轩逸", "紧凑型", "2019-03-05")
OWNED = Ownership(CAR, HOME, "王先生", "2020-03-05", km_since=12000)
AT = Moment(date(2026, 11, 22), NOW)


async def fill(desk: Desk, store: Store, world: World, chance: random.Random) -> None:
    """All of ``world`` into the store."""
    rows = [NewContact(one.numbers[0], f"客户{at}", at, others=one.numbers[1:]) for at, one in enumerate(world.people)]
    await store.contacts.add("全部", [rows])
    for one in world.people:
        one.campaigns.add("全部")
    for name in ("回访", "置换"):
        picked = [row for row in rows if chance.random() < 0.3]
        await store.contacts.add(name, [picked])
        for row in picked:
            world.people[row.line].campaigns.add(name)
        for result in await store.campaigns.results(name, limit=500):
            if chance.random() < 0.5:
                desk.clock.advance(chance.random() * 86400)
                started = AttemptStarted(f"{name}{result.contact}", name, result.contact)
                call = f"c-{name}{result.contact}"
                event = await store.log.commit(call, started)
                await store.log.commit(call, LegStarted(f"leg-{call}", "customer"))
                at = next(row.line for row in picked if row.number == result.number)
                world.people[at].called.append(event.at)
                if chance.random() < 0.4:
                    ended = AttemptEnded(started.attempt, name, result.contact, "talked")
                    await store.log.commit(event.call_id, ended)
                    world.people[at].talked.append(event.at)
    await store.records.take([owned for one in world.people for owned in one.owned])
    await store.records.take([each for visits in world.visits.values() for each in visits])
    await store.records.take([each for one in world.people for each in (*one.sales, *one.complaints)])
    await store.selections.keep_outlooks([OutlookRow(*key, chances) for key, chances in world.chances.items()])
    for one in world.people:
        for vehicle, level, on in one.said:
            await store.interests.say("c-1", chance.choice(one.numbers), Said(level, vehicle), on)
        if one.barred:
            await store.log.commit("", NumberBarred(one.numbers[-1], "refused", "person", "test"))


async def test_the_query_means_what_the_records_say(desk: Desk, store: Store) -> None:
    chance = random.Random(20261122)
    world = a_world(chance, 120)
    await fill(desk, store, world, chance)
    moment = replace(MOMENT, now=desk.clock.now() + 86400 * 3.5)
    for one in world.people:  # the oracle counts from NOW
        one.called = [NOW - (moment.now - at) for at in one.called]
        one.talked = [NOW - (moment.now - at) for at in one.talked]
    numbers = [one.numbers[0] for one in world.people]
    somebody = 0
    for _ in range(120):
        conditions = [a_condition(chance) for _ in range(chance.choice((1, 1, 2, 2, 3, 4)))]
        wanted = list(funnel(world, conditions))
        found = await store.selections.preview(conditions, moment)
        assert [found.left[place] for place in found.order] == [len(left) for left in wanted], conditions
        assert found.matching == len(wanted[-1])
        assert found.callable == sum(not world.people[at].barred for at in wanted[-1])
        matching = await store.selections.matching(conditions, moment)
        chosen = await store.selections.chosen(matching)
        assert {one.numbers[0] for one in chosen} == {numbers[at] for at in wanted[-1]}, conditions
        assert len(chosen) == len(wanted[-1]) and chosen[:20] == found.first
        somebody += bool(chosen)
    assert somebody > 30, "most conditions meet nobody: the test says little"


async def test_a_second_number_finds_the_cars_and_the_complaints(store: Store) -> None:
    await store.records.take(
        [OWNED, Sale(CAR.vin, MINE, "2020-03-05", 90000, "李"), Complaint(MINE, "2026-11-02", "异响")]
    )
    by_line = await store.records.of_number(MINE)
    assert (by_line.cars, len(by_line.complaints)) == ((), 1), "not known yet to be the same person"
    await store.contacts.add("回访", [[NewContact("+8613700137000", "王先生", 1, others=(HOME,))]])
    known = await store.people.by_number(HOME)
    assert known is not None and known.numbers == (HOME, "+8613700137000"), "the name is the same, and so is the line"
    for number in ("+8613700137000", HOME):
        found = await store.records.of_number(number)
        assert [car.ownership.vehicle for car in found.cars] == [CAR]
    mobile = [Condition(Reason.MODEL, names=("轩逸",)), Condition(Reason.NUMBER, names=("mobile",))]
    [one] = (await store.selections.preview(mobile, AT)).first
    assert (one.name, one.vehicle, one.since) == ("王先生", CAR, "2020-03-05")


async def test_names_on_no_record_are_told_and_campaigns_that_are_not_there_refused(store: Store) -> None:
    await store.records.take([OWNED])
    await store.contacts.add("回访", [[NewContact("+8613700137000", "王先生", 1)]])
    await store.campaign_plans.make("春季", {"trunk": "carrier"}, "boss")
    asked = [
        Condition(Reason.VISITED, names=("保羊",), negated=True),
        Condition(Reason.MODEL, names=("轩逸", "轩译")),
        Condition(Reason.CAMPAIGN, names=("回访", "春季", "夏季"), negated=True),
    ]
    there = replace(AT, campaigns=("夏季",))
    assert (await store.selections.preview(asked, there)).unknown == (("保羊",), ("轩译",), ())
    for known in (AT, replace(AT, campaigns=("秋季",))):
        with pytest.raises(ParseError, match="没有外呼任务 '夏季'"):
            await store.selections.matching(asked, known)
    with pytest.raises(ParseError, match="是否指 '回访'"):
        await store.selections.preview([Condition(Reason.CAMPAIGN, names=("回访1",))], AT)


async def test_whoever_is_on_record_is_a_person(store: Store) -> None:
    await store.records.take([Complaint(MINE, "2026-11-02", "异响"), replace(OWNED, number=HERS, name="李女士")])
    await store.records.take(
        [replace(OWNED, number=MINE), replace(OWNED, number=HOME), replace(OWNED, number=HOME, name="陈")]
    )
    found = [await store.people.by_number(number) for number in (MINE, HERS, HOME)]
    assert [one and one.name for one in found] == ["王先生", "李女士", "王先生"]
    assert await store.people.count() == 3
    await store.records.take([replace(OWNED, number=HOME, name="陈")])
    assert await store.people.count() == 3, "a fixed line stays with the one who came with it first"


async def test_conditions_on_cars_hold_of_one_car(store: Store) -> None:
    old = Vehicle("LSVAA49J132012346", "沪B1", "天籁", plated="2012-01-01")
    await store.records.take(
        [OWNED, Ownership(old, HOME, "王先生", "2012-01-01"), Visit(old.vin, "2026-11-01", "保养", 9)]
    )
    model = Condition(Reason.MODEL, names=("轩逸",))
    came = Condition(Reason.VISITED, 0, 60)
    both = await store.selections.preview([model, came], AT)
    assert (both.people, both.with_cars, both.left, both.matching) == (1, 1, (1, 0), 0)
    stayed_away = await store.selections.matching([model, replace(came, negated=True)], AT)
    assert [vehicle for _, vehicle in stayed_away] == [CAR.vin]
    his_time = replace(OWNED, number=HERS, since="2026-11-20")
    await store.records.take([replace(his_time, vehicle=old)])
    assert len(await store.selections.matching([came], AT)) == 1, "the visit was not in her time"


async def test_kept_and_forgotten(store: Store, desk: Desk) -> None:
    conditions = (Condition(Reason.VISITED, None, 180, ("保养",), True), Condition(Reason.OPEN_COMPLAINT))
    kept = await store.selections.keep("久未进店", conditions, "boss")
    assert (await store.selections.get("久未进店"), kept.by, kept.at) == (kept, "boss", desk.clock.now())
    assert await store.selections.keep("久未进店", conditions, "other") == kept, "the same again"
    for replaces in (None, kept.at - 1):
        with pytest.raises(LocalProtocolError, match=r"由 boss 保存.*was kept by boss"):
            await store.selections.keep("久未进店", conditions[:1], "other", replaces=replaces)
    again = await store.selections.keep("久未进店", conditions[:1], "other", replaces=kept.at)
    assert await store.selections.all() == (again,)
    with pytest.raises(ParseError):
        await store.selections.keep("  ", conditions, "boss")
    with pytest.raises(ParseError):
        await store.selections.keep("空", (), "boss")
    with pytest.raises(ParseError, match="known: 老轩逸"):
        await store.selections.preview([Condition(Reason.OFFER, names=("无",))], MOMENT)
    assert await store.selections.forget("久未进店")
    assert not await store.selections.forget("久未进店")


async def test_what_there_is_to_choose_of(store: Store) -> None:
    await store.records.take([OWNED])
    await store.records.take([Visit(CAR.vin, "2026-11-01", "保养", 9), Visit(CAR.vin, "2026-11-02", "", 9)])
    offered = await store.selections.offered()
    assert (offered.models, offered.segments, offered.visits) == (("轩逸",), ("紧凑型",), ("保养",))

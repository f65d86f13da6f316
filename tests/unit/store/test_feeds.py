"""Selections into campaigns: snapshots, living ones, and people who are held out."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from campaigns.facts import AttemptEnded
from campaigns.holdout import Holdout
from campaigns.ports import Contact, NewContact
from campaigns.rules.values import DAY_S
from core.errors import LocalProtocolError, ParseError
from desk.interest import Interest
from desk.offers import Offer
from desk.records import Ownership, Vehicle, Visit
from desk.selection import Condition, Moment, Reason
from store.feeds import Looked
from store.interests import Said
from store.store import Store
from tests.unit.store.conftest import Desk

AT = Moment(date(2026, 11, 22), 1_795_000_000.0)
KEY = bytes(range(16))
STAYED_AWAY = [Condition(Reason.VISITED, 0, 180, negated=True)]


def number(place: int) -> str:
    return f"+86138{place:08}"


def owned(place: int) -> Ownership:
    return Ownership(Vehicle(plate=f"沪A{place}", model="轩逸"), number(place), f"客户{place}", "2020-03-05")


async def states(store: Store, campaign: str) -> dict[str, tuple[str, str]]:
    return {one.number: (one.state, one.result) for one in await store.campaigns.results(campaign)}


async def test_a_snapshot_is_taken_once(store: Store) -> None:
    await store.records.take([owned(place) for place in range(5)])
    await store.contacts.add("回访", [[NewContact(number(1), "客户1", 2)]])
    await store.selections.keep("久未进店", STAYED_AWAY, "boss")
    feed = await store.feeds.connect("回访", "久未进店", living=False, percent=0, key=KEY, by="boss")
    assert await store.feeds.look("回访", AT) == Looked(4), "one was there already"
    [noted] = await store.feeds.all()
    assert (noted.accepted, noted.living, noted.by) == (4, False, "boss") and noted.looked_at is not None
    [first, *_] = [one for one in await store.campaigns.results("回访") if one.number == number(0)]
    assert first.fields == {"选人": "久未进店", "车型": "轩逸", "车牌": "沪A0", "购车日期": "2020-03-05"}
    assert await store.feeds.look("回访", AT) == Looked(0), "again it changes nothing"
    assert feed.campaign == "回访"


async def test_a_living_selection_takes_in_and_puts_aside(desk: Desk, store: Store) -> None:
    await store.records.take([owned(place) for place in range(4)])
    await store.contacts.add("回访", [[NewContact(number(9), "从名单来", 2)]])
    await store.selections.keep("久未进店", STAYED_AWAY, "boss")
    await store.feeds.connect("回访", "久未进店", living=True, percent=0, key=KEY, by="boss")
    assert await store.feeds.look("回访", AT) == Looked(4)
    tried = await store.contacts.claim("回访", attempt="a-1", call_id="c-1")
    assert isinstance(tried, Contact) and tried.number == number(9)
    tried = await store.contacts.claim("回访", attempt="a-2", call_id="c-2")
    assert isinstance(tried, Contact) and tried.number == number(0)
    again = AttemptEnded("a-2", "回访", tried.id, "busy", again_at=desk.clock.now() + 600)
    await store.log.commit("c-2", again)
    came = [Visit(f"沪A{place}", "2026-11-20", "保养") for place in (0, 1)]
    await store.records.take([*came, owned(7)])
    assert await store.feeds.look("回访", AT) == Looked(1, aside=1), "whoever was tried stays as he is"
    found = await states(store, "回访")
    assert found[number(1)] == ("done", "put_aside") and found[number(0)][0] == "pending"
    assert found[number(7)] == ("pending", "")
    later = replace(AT, today=date(2027, 8, 1))
    assert await store.feeds.look("回访", later) == Looked(0, back=1)
    assert (await states(store, "回访"))[number(1)] == ("pending", "")
    assert (await store.feeds.all())[0].accepted == 5
    assert await store.feeds.disconnect("回访") and not await store.feeds.disconnect("回访")


async def test_who_matches_long_after_his_call_comes_in_once_more(desk: Desk, store: Store) -> None:
    """An event survey: each visit is asked about, but nobody more often than every sixty days."""
    await store.records.take([owned(0), owned(1), Visit("沪A0", "2026-11-20", "保养")])
    await store.selections.keep("刚到店", [Condition(Reason.VISITED, 1, 4)], "boss")
    await store.feeds.connect("回访", "刚到店", living=True, percent=0, key=KEY, by="boss", again_days=60)
    assert await store.feeds.look("回访", AT) == Looked(1)

    async def call(attempt: str, result: str) -> None:
        claimed = await store.contacts.claim("回访", attempt=attempt, call_id=f"c-{attempt}")
        assert isinstance(claimed, Contact) and claimed.number == number(0)
        assert len(claimed.past.tried) - claimed.past.forgiven == 0, "attempts of the time before do not count"
        await store.log.commit(f"c-{attempt}", AttemptEnded(attempt, "回访", claimed.id, result))

    await call("a-1", "completed")
    assert await store.feeds.look("回访", Moment(AT.today, desk.clock.now())) == Looked(0), "he was called today"
    desk.clock._now += 61 * 86_400.0
    await store.records.take([Visit("沪A0", "2027-01-20", "保养")])
    later = Moment(date(2027, 1, 22), desk.clock.now())
    assert await store.feeds.look("回访", later) == Looked(0, back=1)
    assert await store.feeds.look("回访", later) == Looked(0)
    assert await store.feeds.look("回访", replace(AT, today=date(2027, 1, 30))) == Looked(0, aside=1), (
        "not called in time"
    )
    assert await store.feeds.look("回访", later) == Looked(0, back=1)
    await call("a-2", "completed")
    desk.clock._now += 61 * 86_400.0
    assert await store.feeds.look("回访", Moment(date(2027, 3, 24), desk.clock.now())) == Looked(0), "no visit"


async def test_only_a_living_selection_brings_anybody_in_once_more(store: Store) -> None:
    await store.selections.keep("久未进店", STAYED_AWAY, "boss")
    for living, days in ((False, 30), (True, 3651), (True, -1)):
        with pytest.raises(ParseError, match="only who matches later can come in again, after 1 to 3650 days"):
            await store.feeds.connect("回访", "久未进店", living=living, percent=0, key=KEY, by="", again_days=days)


async def test_a_share_of_which_nobody_was_drawn_binds_nobody(store: Store) -> None:
    await store.selections.keep("久未进店", STAYED_AWAY, "boss")

    async def connect(percent: int | None) -> None:
        await store.feeds.connect("回访", "久未进店", living=False, percent=percent, key=KEY, by="boss")
        await store.feeds.look("回访", AT)

    for percent in (10, 0, 20, None):
        await connect(percent)
    await store.records.take([owned(place) for place in range(200)])
    await connect(None)
    assert 20 <= (await store.feeds.all())[0].held_out <= 60, "as was settled last"
    with pytest.raises(LocalProtocolError, match="holds 20 % out"):
        await connect(10)
    await connect(None)


async def test_who_is_held_out_is_never_called_and_always_the_same(store: Store) -> None:
    await store.records.take([owned(place) for place in range(200)])
    await store.selections.keep("久未进店", STAYED_AWAY, "boss")
    await store.feeds.connect("回访", "久未进店", living=False, percent=20, key=KEY, by="boss")
    assert await store.feeds.look("回访", AT) == Looked(200)
    found = await states(store, "回访")
    held = {one for one, (state, result) in found.items() if (state, result) == ("done", "held_out")}
    assert 20 <= len(held) <= 60 and (await store.feeds.all())[0].held_out == len(held)
    people = {one: (await store.people.by_number(one)) for one in found}
    drawn = Holdout("回访", 20, KEY)
    assert held == {one for one, person in people.items() if person is not None and drawn.holds(person.id)}
    wider = Holdout("回访", 40, KEY)
    assert all(wider.holds(person.id) for one, person in people.items() if person is not None and one in held)
    await store.contacts.add("回访", [[NewContact(number(at), "", at) for at in range(200, 400)]])
    held_of_list = [one for one, stand in (await states(store, "回访")).items() if stand[1] == "held_out"]
    assert len(held_of_list) > len(held), "the share holds for lists too"
    called = set()
    while isinstance(claimed := await store.contacts.claim("回访", attempt=f"a{len(called)}", call_id="c"), Contact):
        called.add(claimed.number)
    assert len(called) + len(held_of_list) == 400 and not called & set(held_of_list)
    with pytest.raises(LocalProtocolError, match="20 %"):
        await store.feeds.connect("回访", "久未进店", living=False, percent=10, key=KEY, by="boss")


def test_a_share_is_near_what_was_asked_for() -> None:
    for percent in (0, 5, 50):
        drawn = Holdout("回访", percent, KEY)
        assert abs(sum(drawn.holds(person) for person in range(20_000)) - 200 * percent) < 400
    assert not all(Holdout("置换", 50, KEY).holds(at) == Holdout("回访", 50, KEY).holds(at) for at in range(50))


async def test_what_cannot_be_connected(store: Store) -> None:
    with pytest.raises(LocalProtocolError, match="no selection"):
        await store.feeds.connect("回访", "无", living=False, percent=0, key=KEY, by="")
    await store.selections.keep("新人", [Condition(Reason.CAMPAIGN, names=("回访",), negated=True)], "")
    with pytest.raises(LocalProtocolError, match="put aside"):
        await store.feeds.connect("回访", "新人", living=True, percent=0, key=KEY, by="")
    await store.feeds.connect("回访", "新人", living=False, percent=0, key=KEY, by="")
    with pytest.raises(ParseError):
        await store.feeds.connect("回访", "新人", living=False, percent=51, key=KEY, by="")
    with pytest.raises(LocalProtocolError, match="takes nobody"):
        await store.feeds.look("置换", AT)


async def test_who_is_due_is_called_anew_and_never_twice_at_once(desk: Desk, store: Store) -> None:
    """Keeping in touch: once a month with who thinks of it, a week after a talk with who is in a hurry."""
    today = AT.today

    def at(days: int) -> Moment:
        return replace(AT, today=today + timedelta(days), now=desk.clock.now())

    async def called(attempt: str, result: str) -> str:
        one = await store.contacts.claim("跟进", attempt=attempt, call_id=attempt)
        assert isinstance(one, Contact)
        await store.log.commit(attempt, AttemptEnded(attempt, "跟进", one.id, result))
        return one.number

    await store.records.take([owned(place) for place in range(4)])
    for place, level in enumerate((Interest.HOT, Interest.WARM, Interest.NONE)):
        await store.interests.say("c", number(place), Said(level), today)
    await store.selections.keep("到期跟进", [Condition(Reason.TOUCH)], "boss")
    await store.feeds.connect("跟进", "到期跟进", living=True, percent=0, key=KEY, by="boss")
    assert await store.feeds.look("跟进", at(6)) == Looked(0)
    desk.clock.advance(7 * DAY_S)
    assert await store.feeds.look("跟进", at(7)) == Looked(1), "the hot one, after a week"
    assert await called("a-1", "no_answer") == number(0)
    assert await store.feeds.look("跟进", at(7)) == Looked(0), "he could not be reached: he has a week's rest"
    desk.clock.advance(7 * DAY_S + 60)
    assert await store.feeds.look("跟进", at(14)) == Looked(0, back=1)
    assert await store.feeds.look("跟进", at(14)) == Looked(0), "he waits already"
    listed = await store.calling.listed("跟进", 1)
    assert listed is not None and (listed.past.forgiven, len(listed.past.tried)) == (1, 1), "a whole plan anew"
    assert await called("a-2", "talked") == number(0)
    assert await store.feeds.look("跟进", at(15)) == Looked(0)
    desk.clock.advance(16 * DAY_S)
    assert await store.feeds.look("跟进", at(30)) == Looked(1, back=1), "and the warm one, after a month"
    await store.interests.say("c", number(0), Said(Interest.LATER), today + timedelta(30))
    assert await store.feeds.look("跟进", at(30)) == Looked(0, aside=1), "he has called himself meanwhile"
    assert await called("a-3", "refused") == number(1)
    desk.clock.advance(60 * DAY_S)
    assert await store.feeds.look("跟进", at(90)) == Looked(0), "who declined is left alone"
    assert len(await store.campaigns.results("跟进", limit=10)) == 2


async def test_the_interested_come_in_two_weeks_before_the_launch(store: Store) -> None:
    today, launch = AT.today, AT.today + timedelta(20)
    offer = Offer("新车", "新轩逸", today, today + timedelta(10), models=("轩逸",), launch=launch)
    await store.records.take([owned(place) for place in range(4)])
    for place, level in enumerate((Interest.HOT, Interest.WARM, Interest.COOL)):
        await store.interests.say("c", number(place), Said(level, f"沪A{place}"), today)
    conditions = [Condition(Reason.OFFER, 0, 14, ("新车",)), Condition(Reason.INTEREST, names=("hot", "warm"))]
    await store.selections.keep("邀请", conditions, "boss")
    await store.feeds.connect("邀请", "邀请", living=True, percent=0, key=KEY, by="boss")
    for days, looked in ((5, Looked(0)), (6, Looked(2)), (20, Looked(0)), (21, Looked(0, aside=2))):
        moment = replace(AT, today=today + timedelta(days), offers=(offer,))
        assert await store.feeds.look("邀请", moment) == looked, days
    with pytest.raises(ParseError, match="there is no"):
        await store.feeds.look("邀请", AT)

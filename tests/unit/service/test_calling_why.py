"""Why a contact is called or not, from a store: where his number lies, and whose hours hold for it."""

from pathlib import Path
from typing import cast

import pytest

from campaigns.facts import AttemptEnded, AttemptStarted, ContactPromised
from campaigns.gate import Plan
from campaigns.ports import Contact, NewContact
from campaigns.promised import PromisedCall
from campaigns.rehearsal import NOT_DUE, decide_in_turn
from campaigns.rule_facts import ContactDecided
from campaigns.rules.places import PlaceTable
from campaigns.rules.values import DAY_S, BarKind, Region, Rules, Standing, Terms
from console.calling_views import DecisionView
from core.bus import Bus
from core.clock import VirtualClock
from core.ids import CountingEntropy, Ids
from desk.selection import Condition, Reason
from ivr.hours_text import parse_hours
from service.calling import ConsoleCalling
from service.outbound import Outbound
from store.promising import Way
from store.store import Store

NINE = 1_773_104_400.0  # 2026-03-10 09:00 in Shanghai
LATE = parse_hours(["daily 11:00-20:00"], holidays="")
KNOWN = PlaceTable.of({"13899": "新疆喀什地区", "1866432": "广东省深圳市"})
WEST = Rules(regions=(Region("西部", (), LATE, ("新疆", "西藏")),), places=KNOWN)


class OneCampaign:
    """What is asked of ``Outbound`` here."""

    def __init__(self, rules: Rules) -> None:
        self._plan = Plan("visits", "carrier", "4008001234")
        self._rules = rules
        self.gone = False
        self.gone_on: list[str] = []

    def plan(self, name: str) -> Plan:
        return self._plan

    def terms(self, name: str) -> Terms | None:
        return None if self.gone else self._plan.terms(self._rules)

    def way(self, name: str) -> Way:
        return Way(self._plan.terms(self._rules), self._plan.retry)

    async def go_on(self, name: str) -> None:
        self.gone_on.append(name)


@pytest.mark.parametrize(
    ("number", "rules", "place", "region", "rule"),
    [
        ("+8613899112345", WEST, "新疆喀什地区", "西部", "region_hours"),
        ("+8618664321234", WEST, "广东深圳市", "", ""),
        ("+8619912345678", WEST, "", "", ""),
        ("+8613899112345", Rules(), "", "", ""),
        ("+8613899112345", Rules(regions=(Region("喀什", ("138991",), LATE),)), "", "喀什", "region_hours"),
    ],
)
async def test_it_says_where_the_number_lies(
    tmp_path: Path, number: str, rules: Rules, place: str, region: str, rule: str
) -> None:
    clock = VirtualClock(NINE)
    store = await Store.open(f"sqlite:///{tmp_path / 'line400.db'}", clock, Ids(clock, CountingEntropy()), Bus())
    await store.contacts.add("visits", [[NewContact(number, "", 1)]])
    outbound = cast("Outbound", OneCampaign(rules))
    view = await ConsoleCalling(store.calling, store.promises, outbound, clock).why("visits", 1)
    await store.close()
    assert view is not None and view.now is not None
    assert (view.place, view.region, view.now.rule) == (place, region, rule)


async def test_a_promise_takes_no_attempt_out_of_what_is_shown(tmp_path: Path) -> None:
    clock = VirtualClock(NINE)
    store = await Store.open(f"sqlite:///{tmp_path / 'line400.db'}", clock, Ids(clock, CountingEntropy()), Bus())
    await store.contacts.add("visits", [[NewContact("+8618664321234", "", 1)]])
    await store.log.commit("c-1", AttemptStarted("a-1", "visits", 1, "+8618664321234"))
    await store.log.commit("c-1", AttemptEnded("a-1", "visits", 1, "no_answer"))
    clock.advance(60)
    campaigns = OneCampaign(Rules())
    desk = ConsoleCalling(store.calling, store.promises, cast("Outbound", campaigns), clock)
    kept = await desk.promise(ContactPromised("visits", 1, NINE + 3600, "101"))
    assert kept == PromisedCall(NINE + 3600, NINE + 3600)
    assert campaigns.gone_on == ["visits"], "it goes on for him where it had finished"
    view = await desk.why("visits", 1)
    await store.close()
    assert view is not None and (view.attempts, view.promised_at) == ([NINE], NINE + 3600)
    assert view.now is not None and view.now.rule == NOT_DUE, "it does not count against the call that he asked for"


NUMBER = "+8613800138000"
LOOSE = Rules(a_day=9, number_a_day=9, in_30_days=9, number_in_30_days=9)


async def test_who_waits_is_not_said_to_be_callable(tmp_path: Path) -> None:
    clock = VirtualClock(NINE)
    store = await Store.open(f"sqlite:///{tmp_path / 'line400.db'}", clock, Ids(clock, CountingEntropy()), Bus())
    await store.contacts.add("visits", [[NewContact(NUMBER, "", 1)]])
    calling = ConsoleCalling(store.calling, store.promises, cast("Outbound", OneCampaign(LOOSE)), clock)

    async def now() -> tuple[bool, str, float | None]:
        view = await calling.why("visits", 1)
        assert view is not None and view.now is not None
        return view.now.allowed, view.now.rule, view.now.not_before

    assert await now() == (True, "", None)
    contact = await store.contacts.claim("visits", attempt="a-1", call_id="c-1")
    assert isinstance(contact, Contact)
    again = AttemptEnded("a-1", "visits", contact.id, "no_answer", again_at=NINE + 10_800.0)
    await store.log.commit("c-1", again)
    clock.advance(60.0)
    assert await now() == (False, NOT_DUE, NINE + 10_800.0)
    await store.log.commit("", ContactPromised("visits", contact.id, NINE + 32_400.0, "101", "wang", ""))
    view = await calling.why("visits", 1)
    assert view is not None and view.now is not None
    assert (view.now.rule, view.now.not_before, view.promised_at) == (NOT_DUE, NINE + 32_400.0, NINE + 32_400.0)
    assert "约定" in view.now.zh and "promised" in view.now.en
    await calling.agree(NUMBER, "promotion", "written", "contract 17", NINE - DAY_S, "boss")
    await calling.disagree(NUMBER, "promotion", "boss", "by letter")
    view = await calling.why("visits", 1)
    assert view is not None and view.consents == []
    (gone,) = view.withdrawn
    assert (gone.purpose, gone.given_at, gone.at, gone.why) == ("promotion", NINE - DAY_S, NINE + 60, "by letter")
    await calling.bar([NUMBER], BarKind.REFUSED, "person", "boss")
    assert await now() == (False, "refused", None)
    await store.close()


async def test_who_is_done_is_so_with_his_result(tmp_path: Path) -> None:
    clock = VirtualClock(NINE)
    store = await Store.open(f"sqlite:///{tmp_path / 'line400.db'}", clock, Ids(clock, CountingEntropy()), Bus())
    await store.contacts.add("visits", [[NewContact(NUMBER, "", 1), NewContact("+8613800138001", "", 2)]])
    house = OneCampaign(LOOSE)
    calling = ConsoleCalling(store.calling, store.promises, cast("Outbound", house), clock)

    async def now(contact: int) -> DecisionView:
        view = await calling.why("visits", contact)
        assert view is not None and view.now is not None
        return view.now

    contact = await store.contacts.claim("visits", attempt="a-1", call_id="c-1")
    assert isinstance(contact, Contact)
    rung = await now(contact.id)
    assert (rung.allowed, rung.rule, rung.not_before) == (False, "in_call", None) and "正在拨打" in rung.zh
    await store.log.commit("c-1", AttemptEnded("a-1", "visits", contact.id, "completed"))
    found = await now(contact.id)
    assert (found.allowed, found.rule, found.zh, found.en) == (False, "done", "已结束：完成", "done: Completed")
    assert found.for_good

    await store.selections.keep("久未进店", [Condition(Reason.VISITED, 0, 400, negated=True)], "boss")
    feed = {"living": True, "percent": None, "key": b"", "by": "boss"}
    await store.feeds.connect("visits", "久未进店", again_days=30, **feed)  # type: ignore[arg-type]
    found = await now(contact.id)
    assert (found.rule, found.not_before, found.for_good) == ("done", NINE + 30 * DAY_S, False)
    assert "仍符合选人条件" in found.zh and "if the selection still asks" in found.en
    assert (await now(2)).allowed, "who waits is not concerned"

    await store.calling.bar(["+8613800138001"], BarKind.REFUSED, "person", "boss")
    await store.log.commit("", ContactDecided("visits", 2, allowed=False, rule="refused"))
    assert ((await now(2)).rule, (await now(2)).zh) == ("refused", "客户已拒绝来电"), "the rule says more"
    house.gone = True
    assert ((await now(2)).rule, (await now(2)).zh) == ("done", "不拨：客户已拒绝")
    await store.close()


def test_a_turn_after_hours_comes_when_they_open_and_a_longer_rule_is_named() -> None:
    who, until_six = Standing(NUMBER), parse_hours(["daily 9:00-18:00"], holidays="")
    closed_then = Terms(hours=until_six)
    found = decide_in_turn(who, closed_then, NINE, NINE + 36_000.0, promised=False)
    assert (found.rule, found.not_before) == (NOT_DUE, NINE + DAY_S)
    called = Standing(NUMBER, attempts=(NINE - 60,), number_attempts=(NINE - 60,))
    found = decide_in_turn(called, Terms(), NINE, NINE + 600.0, promised=False)
    assert (found.rule, found.not_before) == ("person_day", NINE - 32_400.0 + DAY_S)

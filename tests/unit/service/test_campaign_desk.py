"""Campaigns that supervisors make: judged like those of the file, kept over a restart, tried out, run and stopped."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import fields, replace
from pathlib import Path
from typing import cast

import pytest

from campaigns.attempt import Result
from campaigns.facts import AttemptEnded, AttemptStarted, CampaignStateChanged
from campaigns.plan_facts import CampaignChanged, CampaignMade, CampaignOrdered
from campaigns.ports import NewContact
from campaigns.retry import Wait, When
from campaigns.rooms import Rooms
from console.campaign_views import PlanValue
from core.bus import Bus
from core.clock import VirtualClock
from core.errors import ChangedSince, LocalProtocolError, ParseError
from core.events import Event, Fact
from core.ids import CountingEntropy, Ids
from ivr.prompts import Prompts
from service import from_config
from service.campaign_book import CampaignBook
from service.campaign_check import judge, sorted_out
from service.campaign_desk import CampaignDesk
from service.campaign_fields import DEFAULTS, FIELDS, counts
from service.campaign_setups import setups_of
from service.cli_rehearse import rehearse
from service.config import read_config
from service.config_calling import rules_of
from service.config_model import CampaignConfig, NumberConfig
from service.config_retry import RetrySettings
from service.outbound import Outbound
from service.supervisor import Supervisor
from service.survey_titles import SHIPPED_TITLES
from store.store import Store
from telephony.ports import Leg
from telephony.recorder import Recorder

NOON = 1_780_286_400.0  # 2026-06-01 12:00 in Shanghai, a Monday
FILE = """
[[trunk]]
name = "carrier"
host = "203.0.113.5"
caller_ids = ["02155550100"]
[[hours]]
name = "office"
open = ["mon-fri 08:00-21:00"]
[calling]
hours = "office"
[[campaign]]
name = "visits"
trunk = "carrier"
caller_id = "02155550100"
hours = ["daily 00:00-24:00"]
"""
VALUES: dict[str, PlanValue] = {
    "name": "春季回访", "trunk": "carrier", "caller_id": "02155550100", "concurrency": 1, "record": False,
    "hours": ["daily 00:00-24:00"],
}  # fmt: skip
NUMBERS = [f"+86138000000{index:02}" for index in range(12)]


class Line:
    """Every call rings until it is let go."""

    def __init__(self) -> None:
        self.dialled: list[tuple[str, str]] = []
        self.rang = asyncio.Event()

    async def dial(self, number: str, call_id: str, *, trunk: str, caller_id: str, timeout_s: float) -> Leg:
        self.dialled.append((number, caller_id))
        self.rang.set()
        return await asyncio.get_running_loop().create_future()


class House:
    """A desk over a real store, and the campaigns' dialers over a line on which it only rings."""

    def __init__(self, store: Store, clock: VirtualClock, book: CampaignBook, heard: list[Event]) -> None:
        self.store, self.clock, self.book, self.heard = store, clock, book, heard
        self.line, self.tasks = Line(), Supervisor()
        hours = from_config.hours_of(book.config)
        rules = rules_of(book.config, hours)
        self.rooms = Rooms(
            cast("object", self.line), store.contacts, store.log, clock, Ids(clock, CountingEntropy()), Prompts(), None,  # type: ignore[arg-type]
            hours, rules=lambda: rules,
        )  # fmt: skip
        self.outbound = Outbound(setups_of(book), self.rooms, cast("Recorder", None), self.tasks)
        self.desk = CampaignDesk(book, self.outbound, store, clock, self.renew)

    def renew(self) -> None:
        self.outbound.change(setups_of(self.book), self.rooms.hours)

    def told(self, kind: type[Fact]) -> list[Fact]:
        return [event.fact for event in self.heard if isinstance(event.fact, kind)]

    async def fill(self, campaign: str, numbers: list[str]) -> None:
        rows = [NewContact(number, f"客户{at}", at) for at, number in enumerate(numbers, 2)]
        await self.store.contacts.add(campaign, [rows])

    async def until_dialled(self, count: int) -> None:
        async with asyncio.timeout(20):
            while len(self.line.dialled) < count:
                await self.line.rang.wait()
                self.line.rang.clear()


async def opened(folder: Path) -> tuple[Store, VirtualClock, CampaignBook, list[Event]]:
    (folder / "line400.toml").write_text(FILE, encoding="utf-8")
    config = read_config(folder / "line400.toml", {}).config
    clock, bus = VirtualClock(NOON), Bus()
    heard: list[Event] = []
    bus.subscribe(heard.append)
    store = await Store.open(f"sqlite:///{folder / 'line400.db'}", clock, Ids(clock, CountingEntropy()), bus)
    return store, clock, CampaignBook(config, await store.campaign_plans.all()), heard


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    store, clock, book, heard = await opened(tmp_path)
    house = House(store, clock, book, heard)
    yield house
    await house.tasks.close()
    await store.close()


def test_every_key_of_a_campaign_has_a_line_in_the_form() -> None:
    inner = {f"retry.{field.name}" for field in fields(RetrySettings)}
    assert {field.key for field in FIELDS} <= {field.name for field in fields(CampaignConfig)} | inner
    assert inner <= {field.key for field in FIELDS}, "each result that the file can say something of"
    assert {"name", "survey", "trunk", "caller_id", "concurrency", "hours", "holidays", "purpose", "record"} <= {
        field.key for field in FIELDS
    }


@pytest.mark.parametrize(
    ("changed", "key", "zh", "en"),
    [
        ({"trunk": "carier"}, "trunk", "没有这条线路", "did you mean 'carrier'?"),
        ({"trunk": None}, "trunk", "请填写线路", "is missing"),
        ({"caller_id": ""}, "caller_id", "请填写主叫号码", "is missing"),
        ({"caller_id": "abc"}, "caller_id", "主叫号码只能是数字", "number of digits"),
        ({"concurrency": 0}, "concurrency", "1 到 1000", "must be from 1 to 1000"),
        ({"concurrency": "two"}, "concurrency", "整数", "must be a whole number"),
        ({"hours": ["whenever"]}, "hours", "每行一个时段", "whenever"),
        ({"survey": "none"}, "survey", "没有问卷“none”", "there is none of that name"),
        ({"script": "好" * 4001}, "script", "最多 4000 个字", "at most 4000 characters"),
        ({"purpose": "fun"}, "purpose", "服务或推广", "must be one of"),
        ({"mode": "predictive"}, "queue", "选队列", "choose their queue"),
        ({"name": "春/季"}, "name", "名称由汉字", "name"),
        ({"speed": 3}, "speed", "没有“speed”这一项", "unknown key"),
        ({"retry.attempts": 0}, "retry.attempts", "1 到 20", "must be from 1 to 20"),
        ({"retry.attempts": "two"}, "retry.attempts", "整数", "must be a whole number"),
        ({"retry.busy": "soon"}, "retry.busy", "忙：只能是", '"next window"'),
        ({"retry.bussy": "10 min"}, "retry.bussy", "是否指“retry.busy”", "did you mean 'busy'?"),
    ],
)
def test_a_campaign_is_judged_by_the_checks_of_the_file(
    tmp_path: Path, changed: dict[str, PlanValue | None], key: str, zh: str, en: str
) -> None:
    (tmp_path / "line400.toml").write_text(FILE, encoding="utf-8")
    values = {name: value for name, value in {**VALUES, **changed}.items() if value is not None}
    judged = judge(values, read_config(tmp_path / "line400.toml", {}).config)
    assert judged.campaign is None
    fault = next(fault for fault in judged.faults if fault.key == key)
    assert zh in fault.zh and en in fault.en


async def test_what_works_but_calls_nobody_is_a_warning(house: House) -> None:
    with pytest.raises(ParseError, match="没有这条线路"):
        await house.desk.make({**VALUES, "trunk": "carier"}, "boss")
    assert house.told(CampaignMade) == []
    found = await house.desk.check({**VALUES, "caller_id": "4009999999", "purpose": "promotion"})
    assert found.faults == []
    assert [(it.key, it.zh[:9]) for it in found.warnings] == [
        ("caller_id", "不是本公司的号码，"), ("purpose", "推广类外呼已整体关"),
    ]  # fmt: skip
    assert [it.en for it in found.warnings] == [
        "it is no number of ours, so the campaign may call nobody",
        "promotional calls are switched off, so the campaign may call nobody",
    ], "in terms of the page, not of the file"
    assert judge(VALUES, house.book.config).warnings == ()
    led = replace(house.book.config, numbers=(NumberConfig("4008005555", "queue:general"),))
    agents = {**VALUES, "mode": "predictive", "queue": "general"}
    assert [it.zh[:9] for it in judge(agents, led).warnings if it.key == "queue"] == ["这个队列也接来电，"]


@pytest.mark.parametrize(
    ("mode", "shown", "hidden"),
    [
        ("survey", "survey concurrency retry.no_reply", "queue script script_en lines within_s preview_s retry.talked"),
        ("progressive", "queue survey script lines within_s retry.abandoned", "concurrency abandon_pct preview_s"),
        ("predictive", "queue within_s abandon_pct lines retry.talked", "concurrency preview_again_min retry.no_reply"),
        ("preview", "queue script preview_s preview_again_min", "within_s abandon_pct concurrency retry.abandoned"),
        ("manual", "queue script preview_again_min", "preview_s within_s abandon_pct concurrency retry.abandoned"),
    ],
)
def test_each_mode_has_its_fields(mode: str, shown: str, hidden: str) -> None:
    assert [key for key in shown.split() if not counts(key, mode)] == []
    assert [key for key in hidden.split() if counts(key, mode)] == []
    for always in ("name", "mode", "survey", "caller_id", "trunk", "hours", "purpose", "record", "retry.busy"):
        assert counts(always, mode)
    assert counts("queue", "none"), "of a mode that there is not, the check says so, and nothing is left out"


def test_what_does_not_count_in_the_mode_is_left_out_with_a_word() -> None:
    given = {**VALUES, "queue": "sales", "script": "您好", "within_s": DEFAULTS["within_s"], "abandon_pct": 3.0}
    kept, told = sorted_out(given)
    assert kept == VALUES
    assert [(it.key, it.zh) for it in told] == [
        ("queue", "坐席队列：这种方式用不上，不会保存"), ("script", "话术：这种方式用不上，不会保存"),
    ]  # fmt: skip
    assert "does not count in mode 'survey'" in told[0].en
    assert sorted_out({**VALUES, "mode": "none", "queue": "sales"}) == (
        {**VALUES, "mode": "none", "queue": "sales"},
        (),
    )


def test_what_an_input_method_has_made_of_numbers_is_taken_as_meant() -> None:
    typed = {
        "concurrency": "１０",
        "ring_timeout_s": "３０．５",
        "retry.attempts": " 5 ",
        "caller_id": "＋８６２１５５５５０１００",
    }
    kept, _told = sorted_out({**VALUES, **typed, "hours": ["mon-fri ０９：００-１２：００"]})
    assert {key: kept[key] for key in typed} == {
        "concurrency": 10, "ring_timeout_s": 30.5, "retry.attempts": 5, "caller_id": "+862155550100",
    }  # fmt: skip
    assert kept["hours"] == ["mon-fri 09:00-12:00"]
    assert sorted_out({**VALUES, "concurrency": "十"})[0]["concurrency"] == "十"


async def test_a_mode_s_leftovers_are_not_kept(house: House) -> None:
    made = await house.desk.make({**VALUES, "script": "您好", "preview_s": 20}, "boss")
    assert [it.key for it in made.warnings] == ["script", "preview_s"]
    assert house.book.kept["春季回访"].values.keys() == VALUES.keys()
    assert {"queue", "script", "within_s", "retry.talked"}.isdisjoint(made.values)
    assert (await house.desk.check({**VALUES, "script": "您好"})).warnings[0].zh.startswith("话术：这种方式用不上")


async def test_the_form_says_what_each_field_does(house: House) -> None:
    shown = {field.key: field for field in await house.desk.form()}
    said = [it for it in shown.values() if not it.key.startswith("retry.") and it.key != "mode"]
    assert [it.key for it in said if not (it.hint_zh and it.hint_en)] == []
    assert all(bool(it.hint_zh) == bool(it.hint_en) and bool(it.unit_zh) == bool(it.unit_en) for it in shown.values())
    assert all(each.hint_zh and each.hint_en for each in shown["mode"].choices)
    assert {it.key for it in shown.values() if not it.part} == {
        "name", "mode", "survey", "queue", "script", "caller_id", "trunk", "concurrency", "hours", "purpose",
    }  # fmt: skip
    assert [it.value for it in shown["caller_id"].choices] == ["02155550100"]
    general = next(it for it in shown["queue"].choices if it.value == "general")
    assert "0 名坐席" in general.zh and "一个电话也不会拨" in general.hint_zh, "nobody is in it"
    assert "[[queue]]" in shown["queue"].none_zh
    asked = {it.value: it for it in shown["survey"].choices}
    assert {name for name in asked if name} == SHIPPED_TITLES.keys(), "each shipped one has a title"
    assert (asked["service_due"].group_zh, asked["service_due"].modes) == ("通知（不提问，只播放）", ["survey"])
    assert "定期保养" in asked["service_due"].hint_zh
    assert asked[""].modes == ["progressive", "predictive", "preview", "manual"]
    assert (asked["return_visit"].group_zh, "满意" in asked["return_visit"].hint_zh) == ("问卷", True)
    assert not shown["trunk"].live and shown["concurrency"].live


async def test_a_campaign_is_made_once_and_there_after_a_restart(house: House, tmp_path: Path) -> None:
    made = await house.desk.make(VALUES, "boss")
    assert (made.source, made.made_by, made.values["concurrency"]) == ("page", "boss", 1)
    assert house.outbound.names == ("visits", "春季回访")
    for name in ("春季回访", "visits"):
        assert [it.key for it in (await house.desk.check({**VALUES, "name": name})).faults] == ["name"]
        with pytest.raises(LocalProtocolError, match="已有名为"):
            await house.desk.make({**VALUES, "name": name}, "chief")
    house.clock.advance(60)
    changed = await house.desk.change("春季回访", {**VALUES, "concurrency": 3}, "chief")
    assert changed is not None and (changed.made_by, changed.changed_by) == ("boss", "chief")
    with pytest.raises(LocalProtocolError, match=r"在配置文件里.* / .*stands in the configuration"):
        await house.desk.check(VALUES, of="visits")
    empty = await house.desk.check({**VALUES, "name": "夏季", "hours": []})
    assert [(it.key, it.zh) for it in empty.warnings] == [("hours", "呼叫时段：一个时段也没有，不会拨打任何人")]
    [table] = (await house.desk.check({**VALUES, "name": "夏季", "retry": ["1 h"]})).faults
    assert (table.key, '{"busy": "1 h"}' in table.zh, '{"retry.busy": "1 h"}' in table.en) == ("retry", True, True)
    with pytest.raises(ChangedSince, match=r"chief 已在 2026-06-01 12:01:00 修改过.* / chief has changed it"):
        await house.desk.change("春季回访", {**VALUES, "ring_timeout_s": 20}, "boss", seen=made.changed_at)
    assert house.book.kept["春季回访"].values["concurrency"] == 3, "it is not undone unseen"
    assert await house.desk.change("none", VALUES, "chief") is None
    with pytest.raises(LocalProtocolError, match="配置文件"):
        await house.desk.change("visits", {**VALUES, "name": "visits"}, "chief")
    assert [fact.by for fact in (*house.told(CampaignMade), *house.told(CampaignChanged))] == ["boss", "chief"]  # type: ignore[attr-defined]
    store, _, book, _ = await opened(tmp_path)
    again = {it.name: it for it in book.campaigns()}
    await store.close()
    assert again["春季回访"].concurrency == 3
    plans = {plan.name: plan.source for plan in await house.desk.plans()}
    assert plans == {"visits": "config", "春季回访": "page"}


async def test_who_is_tried_again_is_said_on_the_form_too(house: House) -> None:
    shown = {field.key: field for field in await house.desk.form()}
    busy = shown["retry.busy"]
    assert (busy.kind, busy.default, busy.part, shown["name"].part) == ("choice", "10 min", "retry", "")
    assert {each.value for each in busy.choices} >= {"10 min", "next window", "next day", "never"}
    assert shown["retry.attempts"].default == 3
    made = await house.desk.make({**VALUES, "retry.busy": "2 h", "retry.attempts": 5}, "boss")
    assert (made.values["retry.busy"], made.values["retry.attempts"], made.values["retry.fax"]) == ("2 h", 5, "never")
    plan = house.outbound.plan("春季回访")
    assert plan is not None and plan.retry.attempts == 5
    assert plan.retry.waits[Result.BUSY] == Wait(When.AFTER, 7200.0)
    [configured] = [it for it in await house.desk.plans() if it.source == "config"]
    assert configured.values["retry.no_answer"] == "next window"


async def test_a_plan_that_today_s_configuration_does_not_allow_waits(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    await house.desk.make({**VALUES, "name": "visits2"}, "boss")
    house.book.config = read_config(None, {}).config  # no trunk at all
    assert [it.name for it in house.book.campaigns()] == []
    assert "visits2 cannot call" in caplog.text
    [plan] = await house.desk.plans()
    assert [fault.key for fault in plan.faults] == ["trunk"]


async def test_a_dry_run_says_whom_and_why_and_changes_nothing(house: House) -> None:
    await house.desk.make(VALUES, "boss")
    await house.fill("春季回访", NUMBERS)
    await house.store.calling.bar(NUMBERS[:1], "refused", "agent", "wang")
    before = len(house.heard)
    found = await house.desk.rehearse("春季回访")
    assert found is not None and found.forbidden is None
    assert (found.pending, found.looked_at, found.allowed) == (12, 12, 11)
    assert [(it.number, it.decision.allowed) for it in found.contacts] == [(n, True) for n in NUMBERS[1:11]]
    assert [(it.rule, it.zh, it.contacts) for it in found.never] == [("refused", "客户已拒绝来电", 1)]
    assert found.waiting == []
    told = await rehearse("春季回访", house.book.config, house.store, house.clock.now())
    assert "不会拨打 / would never be called: 1  客户已拒绝来电 / the customer has refused calls" in told
    assert not any("would wait" in line for line in told)
    house.clock.advance(12 * 3600)
    night = await house.desk.rehearse("春季回访")
    assert night is not None and night.allowed == 0
    assert {it.rule: it.contacts for it in night.waiting} == {"house_hours": 11}
    assert {it.rule: it.contacts for it in night.never} == {"refused": 1}
    assert night.contacts[1].decision.not_before == NOON + 20 * 3600  # the next morning at eight
    await house.store.log.flush()
    assert len(house.heard) == before
    counts = await house.store.contacts.counts("春季回访")
    assert (counts.pending, counts.dialling, counts.done) == (12, 0, 0)
    assert await house.desk.rehearse("none") is None


async def test_a_dry_run_leaves_out_whom_the_retry_plan_lets_wait(house: House) -> None:
    await house.desk.make(VALUES, "boss")
    await house.fill("春季回访", NUMBERS[:3])
    log = house.store.log
    log.post("c-1", AttemptStarted("a-1", "春季回访", 1))
    await log.commit("c-1", AttemptEnded("a-1", "春季回访", 1, "busy", again_at=NOON + 600))
    found = await house.desk.rehearse("春季回访")
    assert found is not None
    assert [(it.contact, it.decision.rule) for it in found.contacts] == [(2, ""), (3, ""), (1, "not_due")]
    assert found.contacts[2].decision.not_before == NOON + 600
    assert [(it.zh, it.contacts) for it in found.waiting] == [("还没到下次呼叫的时间", 1)]


async def test_more_lines_hold_at_once_while_it_runs(house: House) -> None:
    await house.desk.make(VALUES, "boss")
    await house.fill("春季回访", NUMBERS)
    await house.desk.order("春季回访", "start", "boss")
    await house.until_dialled(1)
    changed = await house.desk.change("春季回访", {**VALUES, "concurrency": 3}, "chief")
    assert changed is not None and changed.values["concurrency"] == 3
    await house.until_dialled(3)
    await house.desk.change("春季回访", {**VALUES, "concurrency": 5, "hours": ["daily 00:00-01:00"]}, "chief")
    plan = house.outbound.plan("春季回访")
    assert plan is not None and plan.concurrency == 5
    await house.desk.change("春季回访", {**VALUES, "concurrency": 4}, "chief")
    await house.until_dialled(4)
    assert len(house.line.dialled) == 4, "five were allowed while its hours were over, so nobody was called then"


async def test_orders_go_by_words_and_stop_is_for_good(house: House) -> None:
    await house.desk.make(VALUES, "boss")
    assert not await house.desk.order("none", "start", "boss")
    with pytest.raises(LocalProtocolError, match=r"请先导入名单 / .*import a list first"):
        await house.desk.order("春季回访", "start", "boss")
    await house.fill("春季回访", NUMBERS)
    assert await house.desk.order("春季回访", "start", "boss")
    await house.until_dialled(1)
    with pytest.raises(LocalProtocolError, match=r"先暂停.*：录音 / .*to change record"):
        await house.desk.change("春季回访", {**VALUES, "record": True, "concurrency": 3}, "boss")
    await house.desk.order("春季回访", "pause", "chief")
    with pytest.raises(LocalProtocolError, match="没有在进行"):
        await house.desk.order("春季回访", "pause", "chief")
    with pytest.raises(LocalProtocolError, match="等通话结束"):
        await house.desk.change("春季回访", {**VALUES, "ring_timeout_s": 20}, "boss")
    await house.desk.order("春季回访", "stop", "boss")
    for what in ("start", "stop"):
        with pytest.raises(LocalProtocolError, match=r"已停止|已经永久停止"):
            await house.desk.order("春季回访", what, "boss")  # type: ignore[arg-type]
    with pytest.raises(LocalProtocolError, match=r"已永久停止.* / .*stopped for good"):
        await house.desk.change("春季回访", {**VALUES, "concurrency": 2}, "boss")
    await house.store.log.flush()
    states = [fact.state for fact in house.told(CampaignStateChanged)]  # type: ignore[attr-defined]
    assert states == ["running", "paused", "stopped"]
    orders = [(fact.what, fact.by, bool(fact.refused)) for fact in house.told(CampaignOrdered)]  # type: ignore[attr-defined]
    assert orders == [
        ("start", "boss", True), ("start", "boss", False), ("pause", "chief", False), ("pause", "chief", True),
        ("stop", "boss", False), ("start", "boss", True), ("stop", "boss", True),
    ]  # fmt: skip


async def test_a_paused_campaign_goes_on_by_its_new_plan(house: House) -> None:
    await house.desk.make(VALUES, "boss")
    await house.fill("春季回访", NUMBERS)
    house.clock.advance(12 * 3600)  # at night: it runs, and nobody may be called
    await house.desk.order("春季回访", "start", "boss")
    await asyncio.sleep(0)
    await house.desk.order("春季回访", "pause", "boss")
    assert (await house.desk.check({**VALUES, "concurrency": 2}, of="春季回访")).faults == []
    await house.desk.change("春季回访", {**VALUES, "concurrency": 2}, "boss")
    house.clock.advance(9 * 3600)
    await house.desk.order("春季回访", "start", "boss")
    await house.until_dialled(2)
    assert [number for number, _ in house.line.dialled] == NUMBERS[:2]

    await house.desk.make({**VALUES, "name": "夏季回访"}, "boss")
    await house.desk.order("夏季回访", "stop", "boss")  # though it was never started
    found = await house.store.campaigns.get("夏季回访")
    assert found is not None and found.state == "stopped"

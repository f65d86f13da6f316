"""Trade-in offers over HTTP, a real store and a real configuration: made, changed, put in order, ended, removed; cards
of agents and selections follow at once.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from console.app import create_app
from core.events import Fact
from desk import offer_facts
from desk.offers import Offer
from desk.records import Ownership, StockCar, Vehicle, Visit
from desk.selection import Condition, Moment, Reason
from service.config import read_config
from service.customer_records import CustomerRecords
from service.offer_book import OfferBook
from service.offer_desk import OfferDesk
from store.store import Store
from store.tradein_offers import Reach
from tests.unit.console.fakes import PASSWORD, make_house
from tests.unit.store.conftest import Desk

TODAY = date(2026, 11, 22)
WANG, LI = "+8613812345678", "+8613900139000"
FILE = """
[[offer]]
name = "全系置换"
to = "任选"
subsidy_yuan = 3000
since = 2026-01-01
until = 2026-12-31
"""
NEW: dict[str, Any] = {
    "name": "老轩逸换新", "to": "新轩逸", "since": "2026-11-01", "until": "2027-04-30", "subsidy_yuan": 8000,
    "models": ["轩逸"], "years_from": 4, "km_to": 150000, "launch": "2027-03-15",
}  # fmt: skip
SECOND = {**NEW, "name": "秋季加补", "models": [], "years_from": 0, "launch": ""}
PATH = "/tradein/offers/老轩逸换新"
Ask = Callable[..., Awaitable[httpx.Response]]


class Served:
    """The API over a store in which two people have a car each."""

    def __init__(self, ask: Ask, store: Store, desk: Desk, book: OfferBook) -> None:
        self.ask = ask
        self.store = store
        self.desk = desk
        self.book = book
        self.records = CustomerRecords(store, desk.clock, book.offers, lambda _at: TODAY)

    async def card(self, number: str) -> list[str]:
        """The offers on an agent's card, for the first car."""
        return [offer.name for offer in (await self.records.of_number(number)).offers[0]]

    async def names(self) -> list[tuple[str, str, str]]:
        listed = (await self.ask("GET", "/tradein/offers", who="wang")).json()
        return [(one["name"], one["source"], one["stands"]) for one in listed]

    @property
    def facts(self) -> list[Fact]:
        return [event.fact for event in self.desk.heard if event.fact.name.startswith("tradein.")]


def config_in(folder: Path) -> Path:
    (folder / "line400.toml").write_text(FILE, encoding="utf-8")
    return folder / "line400.toml"


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    house, desk = make_house(tmp_path), Desk(tmp_path)
    config = read_config(config_in(tmp_path), {}).config
    async with await desk.open() as store:
        await store.records.take(
            [
                Ownership(Vehicle("", "沪A1", "轩逸", "轿车"), WANG, "王先生", "2020-03-05"),
                Visit("沪A1", "2024-03-05", "保养", 80000),
                Ownership(Vehicle("", "沪B1", "骐达", "轿车"), LI, "李女士", "2015-03-05"),
                StockCar("LSVAA49J132012349", "新轩逸"),
            ]
        )
        book = OfferBook(lambda: config, await store.tradein_offers.all())
        offers = OfferDesk(book, store, desk.clock, lambda _at: TODAY)
        transport = httpx.ASGITransport(create_app(replace(house.deps, offers=offers)))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8400") as client:

            async def ask(method: str, path: str, body: object = None, who: str = "boss") -> httpx.Response:
                signing = {"name": who, "password": PASSWORD, "bearer": True}
                token = (await client.post("/api/v1/session", json=signing)).json()["token"]
                bearer = {"Authorization": f"Bearer {token}"}
                return await client.request(method, f"/api/v1{path}", json=body, headers=bearer)

            yield Served(ask, store, desk, book)


async def test_an_offer_is_made_changed_and_ended_and_cards_follow_at_once(served: Served) -> None:
    assert await served.card(WANG) == ["全系置换"]
    made = await served.ask("POST", "/tradein/offers", NEW)
    assert made.status_code == 201, made.text
    told = made.json()
    assert (told["source"], told["made_by"], told["in_stock"], told["invites_on"]) == ("page", "boss", 1, "2027-03-01")
    assert await served.card(WANG) == ["老轩逸换新", "全系置换"], "that of the page is the one that is made"
    assert await served.card(LI) == ["全系置换"]
    changed = await served.ask("PUT", PATH, {**NEW, "name": "别的", "years_from": 8}, "admin")
    assert (changed.json()["name"], changed.json()["years_from"], changed.json()["changed_by"]) == (
        "老轩逸换新",
        8.0,
        "admin",
    )
    assert await served.card(WANG) == ["全系置换"]
    typed = {"subsidy_yuan": "９，０００", "years_from": "６．５", "km_to": "９９９９９９"}
    plain = (await served.ask("PUT", PATH, {**NEW, **typed})).json()
    assert (plain["subsidy_yuan"], plain["years_from"], plain["km_to"]) == (9000, 6.5, 999999), "full-width digits"
    await served.ask("PUT", PATH, NEW)
    ended = (await served.ask("POST", f"{PATH}/end")).json()
    assert (ended["stands"], ended["until"], ended["launch"]) == ("ended", "2026-11-21", None)
    assert await served.card(WANG) == ["全系置换"]
    again = await served.ask("POST", f"{PATH}/end")
    assert again.status_code == 409 and "已经结束 / offer" in again.json()["title"]
    assert [type(fact) for fact in served.facts] == [
        offer_facts.TradeinOfferMade,
        *[offer_facts.TradeinOfferChanged] * 3,
        offer_facts.TradeinOfferEnded,
    ]
    assert [asdict(fact)["by"] for fact in served.facts] == ["boss", "admin", "boss", "boss", "boss"]


async def test_what_somebody_else_has_changed_is_not_changed_unseen(served: Served) -> None:
    seen = (await served.ask("POST", "/tradein/offers", NEW)).json()["changed_at"]
    served.desk.clock._now += 60.0
    other = await served.ask("PUT", PATH, {**NEW, "subsidy_yuan": 7000, "changed_at": seen}, "admin")
    assert other.status_code == 200, other.text
    late = await served.ask("PUT", PATH, {**NEW, "changed_at": seen})
    assert (late.status_code, late.json()["type"]) == (409, "urn:line400:problem:changed_since")
    assert "admin has changed it at" in late.json()["title"]
    stands = next(one for one in (await served.ask("GET", "/tradein/offers")).json() if one["name"] == NEW["name"])
    assert (stands["subsidy_yuan"], stands["changed_by"]) == (7000, "admin")
    assert (await served.ask("PUT", PATH, {**NEW, "changed_at": stands["changed_at"]})).status_code == 200


async def test_one_that_began_today_or_was_launched_ends_too(served: Served) -> None:
    await served.ask("POST", "/tradein/offers", {**NEW, "since": "2026-11-22", "launch": "2026-11-02"})
    assert (await served.ask("GET", "/tradein/offers")).json()[0]["launched"] is True
    ended = (await served.ask("POST", f"{PATH}/end")).json()
    assert (ended["stands"], ended["launch"]) == ("ended", "2026-11-02")
    assert await served.card(WANG) == ["全系置换"]


async def test_the_order_is_settled_by_moving_up(served: Served) -> None:
    await served.ask("POST", "/tradein/offers", NEW)
    await served.ask("POST", "/tradein/offers", SECOND)
    assert await served.card(WANG) == ["秋季加补", "老轩逸换新", "全系置换"], "the newest is the first"
    assert (await served.ask("POST", f"{PATH}/up")).status_code == 200
    assert await served.card(WANG) == ["老轩逸换新", "秋季加补", "全系置换"]
    assert (await served.ask("POST", f"{PATH}/up")).status_code == 409
    assert [asdict(fact)["place"] for fact in served.facts] == [0, -1, -1]
    async with await Desk(served.desk.folder).open() as anew:
        kept = OfferBook(lambda: served.book.config, await anew.tradein_offers.all())
        assert kept.offers() == served.book.offers(), "and is so after a restart"


async def test_those_whom_an_offer_fits_are_those_of_the_selection(served: Served) -> None:
    await served.ask("POST", "/tradein/offers", NEW)
    await served.ask("POST", "/tradein/offers", {**SECOND, "since": "2026-12-01", "km_to": 70000})
    await served.ask("POST", "/tradein/offers", {**SECOND, "name": "旧", "since": "2025-12-01", "until": "2025-12-02"})
    fitting = (await served.ask("GET", "/tradein/offers/fitting")).json()
    assert fitting == {"老轩逸换新": 1, "秋季加补": 1, "全系置换": 2}, "li's mileage is not known"
    moment = Moment(TODAY, 0.0, offers=served.book.offers())
    for name, count in fitting.items():
        found = await served.store.selections.preview([Condition(Reason.OFFER, names=(name,))], moment)
        assert found.matching == count, name
    assert await served.names() == [
        ("旧", "page", "ended"),
        ("秋季加补", "page", "coming"),
        ("老轩逸换新", "page", "in_force"),
        ("全系置换", "config", "in_force"),
    ]


async def test_one_that_selections_ask_for_stays(served: Served) -> None:
    await served.ask("POST", "/tradein/offers", {**NEW, "since": "2026-12-01"})
    early = await served.ask("POST", f"{PATH}/end")
    assert early.status_code == 409 and "has not begun yet; remove it" in early.json()["title"]
    await served.store.selections.keep("邀请", [Condition(Reason.OFFER, names=("老轩逸换新",))], "boss")
    refused = await served.ask("DELETE", PATH)
    assert refused.status_code == 409 and "选择“邀请”要用到" in refused.json()["title"]
    await served.store.selections.forget("邀请")
    assert (await served.ask("DELETE", PATH)).status_code == 204
    assert await served.names() == [("全系置换", "config", "in_force")]
    assert isinstance(served.facts[-1], offer_facts.TradeinOfferRemoved)
    assert (await served.ask("POST", "/tradein/offers", NEW)).status_code == 201, "the name is free again"


@pytest.mark.parametrize(
    ("changed", "key", "zh", "en"),
    [
        ({"name": ""}, "name", "最多 60 个字", "must have 1 to 60 signs"),
        ({"name": "a,b"}, "name", "不含逗号", "no comma"),
        ({"name": "全系置换"}, "name", "已有名为“全系置换”的方案", "already"),
        ({"to": " "}, "to", "请填写新车车型", "must not be empty"),
        ({"since": ""}, "since", "开始日：请填日期", "From: must be a day such as"),
        ({"until": "2026-10-31"}, "until", "不早于开始日", "must not be before From (2026-11-01)"),
        ({"launch": "soon"}, "launch", "请填日期", "must be a day"),
        ({"subsidy_yuan": "八千"}, "subsidy_yuan", "0 到 10000000 的整数", "must be a whole number"),
        ({"subsidy_yuan": -1}, "subsidy_yuan", "0 到", "from 0 to 10000000"),
        ({"subsidy_yuan": 0.5}, "subsidy_yuan", "整数", "whole number"),
        ({"years_from": 5, "years_to": 4}, "years_to", "后一个不小于前一个", "must not be less than Years from (5.0)"),
        ({"km_to": 1000000}, "km_to", "0 到 999999", "from 0 to 999999"),
        ({"models": ["轩逸", ""]}, "models", "每个车型都要有名称", "must not hold an empty name"),
        ({"segments": ["轿\n车"]}, "segments", "每个级别都要有名称", "control characters"),
    ],
)
async def test_faults_stand_at_their_fields(
    served: Served, changed: dict[str, Any], key: str, zh: str, en: str
) -> None:
    wanted = {**NEW, **changed}
    assert (await served.ask("POST", "/tradein/offers", {**NEW, "subsidy_yuan": True})).status_code == 422
    [fault] = (await served.ask("POST", "/tradein/offers/check", wanted)).json()["faults"]
    assert fault["key"] == key and zh in fault["zh"] and en in fault["en"]
    refused = await served.ask("POST", "/tradein/offers", wanted)
    assert (refused.status_code, refused.json()["where"]) == (422, key)
    assert served.facts == []


@pytest.mark.parametrize(
    ("changed", "key", "zh", "en"),
    [
        ({"launch": "2027-05-01"}, "launch", "在结束日（2027-04-30）之后", "is after Until (2027-04-30)"),
        ({"launch": "2026-10-31"}, "launch", "早于开始日（2026-11-01）", "is before From (2026-11-01)"),
        ({"since": "2020-01-01", "until": "2020-12-31", "launch": ""}, "until", "2020-12-31 已过", "is over"),
        ({"models": ["轩逸", "骐逹"]}, "models", "没有车是“骐逹”，是否指“骐达”", "is '骐逹'; did you mean '骐达'?"),
        ({"models": ["皓影"]}, "models", "没有车是“皓影”", "no car on record is '皓影'"),
        ({"models": [], "segments": ["桥车"]}, "segments", "是否指“轿车”", "did you mean '轿车'?"),
        ({"models": [], "segments": ["其他"]}, "segments", "没有车是“其他”", "'其他'"),
        ({"years_from": 8}, "years_from", "没有这个车龄的车", "so many years old"),
        ({"km_to": 70000}, "km_from", "没有这个里程的车", "of these kilometres"),
        ({"models": ["帕萨特"], "years_from": 0}, "models", "没有车主有这样的车", "no owner on record has such a car"),
    ],
)
async def test_what_cannot_be_meant_is_doubted_at_its_field_and_kept_all_the_same(
    served: Served, changed: dict[str, Any], key: str, zh: str, en: str
) -> None:
    await served.store.records.take(
        [Ownership(Vehicle("", "沪C1", "帕萨特", "轿车"), LI, "", "2015-03-05", "2016-03-05")]
    )
    wanted = {**NEW, **changed}
    told = (await served.ask("POST", "/tradein/offers/check", wanted)).json()
    [doubt] = told["warnings"]
    assert told["faults"] == [] and doubt["key"] == key and zh in doubt["zh"] and en in doubt["en"]
    assert (await served.ask("POST", "/tradein/offers", wanted)).status_code == 201
    assert (await served.ask("POST", f"/tradein/offers/check?of={NEW['name']}", wanted)).json() == told


@pytest.mark.parametrize("changed", [{}, {"models": [], "segments": []}, {"years_from": 7, "since": "2026-12-01"}])
async def test_a_car_that_grows_old_enough_while_it_holds_is_enough(served: Served, changed: dict[str, Any]) -> None:
    assert (await served.ask("POST", "/tradein/offers/check", {**NEW, **changed})).json()["warnings"] == []


async def test_empty_records_say_nothing_of_offers(tmp_path: Path) -> None:
    async with await Desk(tmp_path).open() as store:
        offer = Offer("a", "b", date(2026, 1, 1), date(2026, 12, 31), models=("轩译",), years_from=3)
        assert await store.tradein_offers.reach(offer, TODAY) == Reach()


async def test_of_changes_only_what_is_wrong_is_told(served: Served) -> None:
    await served.ask("POST", "/tradein/offers", NEW)
    assert (await served.ask("POST", "/tradein/offers/check?of=老轩逸换新", NEW)).json()["faults"] == []
    refused = await served.ask("PUT", PATH, {**NEW, "until": "2026-01-01"})
    assert (refused.status_code, refused.json()["where"]) == (422, "until")
    assert (await served.ask("POST", "/tradein/offers", {**NEW, "price": 1})).status_code == 422


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/tradein/offers", NEW),
        ("POST", "/tradein/offers/check", NEW),
        ("GET", "/tradein/offers/fitting", None),
        ("GET", "/tradein/offers.csv", None),
        ("PUT", "/tradein/offers/全系置换", NEW),
        ("POST", "/tradein/offers/全系置换/end", None),
        ("POST", "/tradein/offers/全系置换/up", None),
        ("DELETE", "/tradein/offers/全系置换", None),
    ],
)
async def test_agents_may_not_and_those_of_the_file_stay(
    served: Served, method: str, path: str, body: dict[str, Any] | None
) -> None:
    assert (await served.ask(method, path, body, "wang")).status_code == 403
    assert (await served.ask(method, path, body, "guest")).status_code == 403
    if "全系置换" in path:
        refused = await served.ask(method, path, body)
        assert refused.status_code == 409 and "在配置文件里" in refused.json()["title"]
        none = await served.ask(method, path.replace("全系置换", "无/有"), body)
        assert (none.status_code, none.json()["where"]) == (404, "offer")


async def test_the_table_can_be_taken_along(served: Served) -> None:
    await served.ask("POST", "/tradein/offers", NEW)
    sheet = (await served.ask("GET", "/tradein/offers.csv")).text
    assert "老轩逸换新,新轩逸,8000,2026-11-01,2027-04-30,in_force,2027-03-15,,轩逸,,4" in sheet
    assert sheet.count("\n") == 3
    assert (await served.ask("GET", "/tradein/offers.xlsx")).content[:2] == b"PK"


async def test_one_of_the_file_with_the_same_name_holds(served: Served, tmp_path: Path) -> None:
    await served.ask("POST", "/tradein/offers", NEW)
    before, kept = served.book.config, await served.store.tradein_offers.all()
    config_in(tmp_path).write_text(FILE.replace("全系置换", "老轩逸换新"), encoding="utf-8")
    configs = [before]
    book = OfferBook(lambda: configs[-1], kept)
    assert [offer.to for offer in book.offers()] == ["新轩逸", "任选"]
    configs.append(read_config(tmp_path / "line400.toml", {}).config)
    assert [offer.to for offer in book.offers()] == ["任选"] and book.kept == ()
    assert Offer("老轩逸换新", "任选", date(2026, 1, 1), date(2026, 12, 31), 3000) in book.offers()

"""Trade-in over HTTP and a real store: agents put down what owners say, supervisors list it and the ranking."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import httpx
import pytest

from acd.served import Connected
from campaigns.rule_facts import NumberBarred
from console.app import create_app
from desk.facts import InterestSaid
from desk.offers import Offer
from desk.records import Ownership, StockCar, Vehicle, Visit
from service.tradein import keep_cycle
from service.tradein_desk import TradeinDesk
from store.selections import OutlookRow
from store.store import Store
from tests.unit.acd.doubles import FakeLeg
from tests.unit.acd.test_distributor import Centre
from tests.unit.campaigns.tradein.test_outlook import CYCLE
from tests.unit.console import day
from tests.unit.console.fakes import PASSWORD, make_house
from tests.unit.store.conftest import Desk

TODAY = date(2026, 11, 22)
CALL = "call of caller"
NUMBER = "+8613812345678"
VIN = "LSVAA49J132012345"
OFFERS = (
    Offer("老轩逸换新", "新轩逸", date(2026, 11, 1), date(2027, 4, 30), 9000, ("轩逸",), launch=date(2027, 3, 15)),
    Offer("已结束", "任选", date(2026, 1, 1), date(2026, 11, 21)),
)
Ask = Callable[..., Awaitable[httpx.Response]]


class Served:
    """The API over a store; agent 101 (wang) talks in ``CALL``."""

    def __init__(self, ask: Ask, store: Store, desk: Desk) -> None:
        self.ask = ask
        self.store = store
        self.desk = desk


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    house, desk = make_house(tmp_path), Desk(tmp_path)
    star = next(row for row in house.store.rows if row.id == day.STAR)
    withheld = replace(star, id="call of nobody", ani="anonymous", direction="inbound")
    house.store.rows += [replace(star, id=CALL, ani=NUMBER, direction="inbound"), withheld]
    centre = Centre("101", acts={"101": ("answer", 0.0)})
    centre.ready("101")
    async with await desk.open() as store:
        talk = await centre.serve(FakeLeg("caller"))
        assert isinstance(talk, Connected)
        await store.records.take(
            [
                Ownership(Vehicle(VIN, "沪A12345", "轩逸", "轿车"), NUMBER, "王先生", "2020-03-05"),
                Ownership(Vehicle("", "沪B1", "骐达", "轿车"), "+8613900139000", "李女士", "2015-03-05"),
                Visit(VIN, "2024-03-05", "保养", 80000),
                StockCar("LSVAA49J132012349", "新轩逸"),
            ]
        )
        tradein = TradeinDesk(store, centre.distributor, desk.clock, lambda: OFFERS, lambda _at: TODAY)
        app = create_app(replace(house.deps, tradein=tradein))
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8400") as client:

            async def ask(method: str, path: str, body: object = None, who: str = "boss") -> httpx.Response:
                signing = {"name": who, "password": PASSWORD, "bearer": True}
                token = (await client.post("/api/v1/session", json=signing)).json()["token"]
                bearer = {"Authorization": f"Bearer {token}"}
                return await client.request(method, f"/api/v1{path}", json=body, headers=bearer)

            yield Served(ask, store, desk)


async def test_an_agent_puts_down_what_he_hears(served: Served) -> None:
    first = await served.ask("POST", f"/calls/{CALL}/interest", {"level": "cool"}, "wang")
    assert first.status_code == 201
    body = {"level": "warm", "vehicle": "沪A12345", "note": " 想要白色 "}
    said = (await served.ask("POST", f"/calls/{CALL}/interest", body, "wang")).json()
    assert [(one["level"], one["vehicle"], one["note"], one["stands"], one["next_on"]) for one in said] == [
        ("warm", VIN, "想要白色", True, "2026-12-22"),
        ("cool", "", "", True, "2027-02-20"),
    ]
    again = (await served.ask("POST", f"/calls/{CALL}/interest", {"level": "hot", "vehicle": VIN}, "wang")).json()
    assert [(one["level"], one["stands"]) for one in again] == [("hot", True), ("warm", False), ("cool", True)]
    facts = [event.fact for event in served.desk.heard if isinstance(event.fact, InterestSaid)]
    assert [(fact.number, fact.level, fact.day, fact.agent, fact.by) for fact in facts] == [
        (NUMBER, level, "2026-11-22", "101", "wang") for level in ("cool", "warm", "hot")
    ]
    listed = (await served.ask("GET", "/tradein/interests")).json()
    assert listed["total"] == 2
    assert {key: listed["items"][0][key] for key in ("name", "number", "model", "plate")} == {
        "name": "王先生",
        "number": NUMBER,
        "model": "轩逸",
        "plate": "沪A12345",
    }
    assert (await served.ask("GET", "/tradein/interests?all=true")).json()["total"] == 3
    assert (await served.ask("GET", "/tradein/interests?level=hot&level=warm&agent=101")).json()["total"] == 1
    assert (await served.ask("GET", "/tradein/interests?agent=102")).json()["total"] == 0
    assert (await served.ask("GET", "/tradein/interests?since=2026-11-23")).json()["total"] == 0
    assert (await served.ask("GET", "/tradein/interests?due=true")).json()["total"] == 0
    sheet = await served.ask("GET", "/tradein/interests.csv?level=hot")
    assert "三个月内想换" in sheet.text and NUMBER in sheet.text and sheet.text.count("\n") == 2
    assert (await served.ask("GET", "/tradein/interests.xlsx")).content[:2] == b"PK"


async def test_who_wants_no_more_calls_is_barred(served: Served) -> None:
    assert (await served.ask("POST", f"/calls/{CALL}/interest", {"level": "refused"}, "boss")).status_code == 201
    [barred] = [event.fact for event in served.desk.heard if isinstance(event.fact, NumberBarred)]
    assert (barred.number, barred.kind, barred.by) == (NUMBER, "refused", "boss")


@pytest.mark.parametrize(
    ("who", "call", "body", "status", "where"),
    [
        ("wang", CALL, {"level": "B"}, 422, "body.level"),
        ("wang", CALL, {"level": "hot", "vehicle": "沪B1"}, 422, "vehicle"),
        ("wang", CALL, {"level": "hot", "note": "x" * 501}, 422, "body.note"),
        ("wang", CALL, {"level": "hot", "agent": "102"}, 403, None),
        ("guest", CALL, {"level": "hot"}, 403, None),
        ("wang", day.STAR, {"level": "hot"}, 409, None),
        ("boss", "call of nobody", {"level": "hot"}, 409, None),
        ("boss", "c-none", {"level": "hot"}, 404, "call"),
    ],
)
async def test_what_cannot_be_is_refused(
    served: Served, who: str, call: str, body: dict[str, str], status: int, where: str | None
) -> None:
    answer = await served.ask("POST", f"/calls/{call}/interest", body, who)
    assert (answer.status_code, answer.json().get("where")) == (status, where), answer.text
    assert (await served.ask("GET", "/tradein/interests")).json() == {"items": [], "total": 0}


async def test_lists_are_for_those_who_may(served: Served) -> None:
    for path in ("/tradein/interests", "/tradein/interests.csv", "/tradein/ranking"):
        assert (await served.ask("GET", path, who="wang")).status_code == 403
    assert (await served.ask("GET", "/tradein/ranking?months=5")).status_code == 422


async def test_the_ranking_tells_why_and_what_is_offered(served: Served) -> None:
    assert (await served.ask("GET", "/tradein/ranking")).json() == {"items": [], "total": 0}, "nothing was fitted"
    await keep_cycle(served.store.settings, CYCLE)
    await served.store.selections.keep_outlooks(
        [
            OutlookRow(VIN, NUMBER, "2020-03-05", (0.1, 0.2, 0.3)),
            OutlookRow("沪B1", "+8613900139000", "2015-03-05", (0.05, 0.3, 0.4)),
        ]
    )
    await served.ask("POST", f"/calls/{CALL}/interest", {"level": "warm", "vehicle": VIN}, "wang")
    six = (await served.ask("GET", "/tradein/ranking?months=6")).json()
    assert (six["total"], [one["plate"] for one in six["items"]]) == (2, ["沪B1", "沪A12345"])
    three = (await served.ask("GET", "/tradein/ranking?months=3&limit=1")).json()["items"]
    assert [(one["rank"], one["offer"], one["to"], one["subsidy_yuan"], one["interest"]) for one in three] == [
        (1, "老轩逸换新", "新轩逸", 9000, "warm")
    ]
    assert "中位置换" in three[0]["reason_zh"] and three[0]["number"] == NUMBER
    [second] = (await served.ask("GET", "/tradein/ranking?months=3&limit=1&offset=1")).json()["items"]
    assert (second["rank"], second["offer"], second["interest"]) == (2, "", "")

"""Records over HTTP: agents get those of their caller with a masked number, supervisors any by number."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

import pytest
from fastapi.testclient import TestClient

from console.app import create_app
from console.record_views import KnownPerson, OutlookView
from console.tradein_views import WordView, offer_view
from desk.interest import Interest
from desk.offers import Offer
from desk.records import CarHistory, Complaint, Ownership, PersonRecords, Sale, StockCar, StockCount, Vehicle, Visit
from tests.unit.console import day
from tests.unit.console.fakes import PASSWORD, House

NUMBER = "+8613800138000"
VIN = "LSVAA49J132012345"
OUTLOOK = OutlookView(0.1, 0.2, 0.4, 6.2, 5.9, 6.6, "轩逸，已6.8年", "轩逸, 6.8 years")
CAR = Vehicle(VIN, "沪A12345", "轩逸", "紧凑型", "2019-03-05")
RECORDS = PersonRecords(
    NUMBER,
    "王先生",
    (
        CarHistory(
            Ownership(CAR, NUMBER, "王先生", "2020-03-05"),
            (Visit(VIN, "2025-01-02", "保养", 61000),),
            Sale(VIN, NUMBER, "2020-03-05", 90000, "李"),
            61000,
            "2025-01-02",
        ),
        CarHistory(Ownership(Vehicle(plate="沪B1", model="骐达"), NUMBER, "王先生", "2012-01-01", "2020-03-05", True)),
    ),
    (Complaint(NUMBER, "2025-02-01", "异响", "售后"),),
)

TODAY = date(2026, 11, 22)
OFFER = offer_view(Offer("老轩逸换新", "新轩逸", TODAY, date(2027, 1, 31), 9000, ("轩逸",)), TODAY, {"新轩逸": 2})
SAID = WordView(Interest.WARM, VIN, "2026-11-01", "2026-12-01", "想要白色", "101", "wang", 1.0, day.STAR, True)
KNOWN = KnownPerson(RECORDS, (OUTLOOK, None), ((OFFER,), ()), (SAID,))


class FakeRecords:
    async def of_call(self, call_id: str) -> KnownPerson | None:
        return KNOWN if call_id == day.STAR else None

    async def cycle_text(self) -> str | None:
        return '{"owners": 3}'

    async def stock(self) -> list[StockCount]:
        return [StockCount("轩逸", 2, 1, 0)]

    async def stock_of(self, model: str, *, limit: int) -> list[StockCar]:
        return [StockCar(VIN, model, "白", 2026, 128_000, "2026-10-01")][:limit]

    async def of_number(self, number: str) -> KnownPerson:
        return KNOWN if number == NUMBER else KnownPerson(PersonRecords(number), (), (), ())


@pytest.fixture
def known(house: House) -> Iterator[TestClient]:
    with TestClient(create_app(replace(house.deps, records=FakeRecords())), base_url="http://127.0.0.1:8400") as client:
        yield client


@pytest.fixture
def signed(known: TestClient) -> Callable[[str], dict[str, str]]:
    def sign_in(name: str) -> dict[str, str]:
        body = {"name": name, "password": PASSWORD, "bearer": True}
        return {"Authorization": f"Bearer {known.post('/api/v1/session', json=body).json()['token']}"}

    return sign_in


def test_an_agent_sees_his_callers_cars(known: TestClient, signed: Callable[[str], dict[str, str]]) -> None:
    found = known.get(f"/api/v1/calls/{day.STAR}/records", headers=signed("wang")).json()
    assert (found["number"], found["name"]) == ("+86138****8000", "王先生")
    now, before = found["cars"]
    assert (now["plate"], now["km"], now["visits"][0]["day"], now["price_yuan"]) == (
        "沪A12345",
        61000,
        "2025-01-02",
        90000,
    )
    assert (now["outlook"]["within_6_months"], now["outlook"]["reason_zh"]) == (0.2, "轩逸，已6.8年")
    assert [(one["to"], one["stands"], one["in_stock"]) for one in now["offers"]] == [("新轩逸", "in_force", 2)]
    assert (now["interest"]["level"], now["interest"]["next_on"]) == ("warm", "2026-12-01")
    assert (before["until"], before["outlook"], before["offers"], before["interest"]) == ("2020-03-05", None, [], None)
    assert [one["note"] for one in found["interests"]] == ["想要白色"]
    assert found["complaints"][0]["text"] == "异响"
    assert NUMBER not in str(found["cars"])
    assert known.get("/api/v1/calls/c-none/records", headers=signed("wang")).json() is None


def test_by_number_for_supervisors_only(known: TestClient, signed: Callable[[str], dict[str, str]]) -> None:
    found = known.get("/api/v1/records/13800138000", headers=signed("boss")).json()
    assert (found["number"], len(found["cars"])) == (NUMBER, 2)
    assert known.get("/api/v1/records/13900139000", headers=signed("boss")).json()["cars"] == []
    assert known.get("/api/v1/records/abc", headers=signed("boss")).status_code == 422
    assert known.get("/api/v1/records/13800138000", headers=signed("wang")).status_code == 403
    assert known.get(f"/api/v1/calls/{day.STAR}/records").status_code == 401


def test_the_cycle_is_told_as_it_is_kept(known: TestClient, signed: Callable[[str], dict[str, str]]) -> None:
    assert known.get("/api/v1/tradein/cycle", headers=signed("guest")).json() == {"owners": 3}


def test_a_house_without_records(client: TestClient, bearer: Callable[[str], dict[str, str]]) -> None:
    assert client.get(f"/api/v1/calls/{day.STAR}/records", headers=bearer("wang")).json() is None
    assert client.get("/api/v1/records/13800138000", headers=bearer("boss")).status_code == 404
    assert client.get("/api/v1/tradein/cycle", headers=bearer("boss")).json() is None


def test_a_contact_is_looked_at_before_the_call(known: TestClient, signed: Callable[[str], dict[str, str]]) -> None:
    found = known.get("/api/v1/campaigns/return-visit-nov/contacts/1/records", headers=signed("wang"))
    assert found.status_code == 200 and "****" in found.json()["number"]
    whole = known.get("/api/v1/campaigns/return-visit-nov/contacts/1/records", headers=signed("boss")).json()
    assert "*" not in whole["number"]
    assert (
        known.get("/api/v1/campaigns/return-visit-nov/contacts/99/records", headers=signed("boss")).status_code == 404
    )


def test_cars_in_stock(known: TestClient, signed: Callable[[str], dict[str, str]]) -> None:
    [model] = known.get("/api/v1/stock", headers=signed("wang")).json()
    assert model == {"model": "轩逸", "in_stock": 2, "coming": 1, "reserved": 0}
    [car] = known.get("/api/v1/stock/轩逸", headers=signed("wang")).json()
    assert (car["vin"], car["colour"], car["state"]) == (VIN, "白", "in_stock")

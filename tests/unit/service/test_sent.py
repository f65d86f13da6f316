"""Rows that programs send by API, over a real database: leads, records, consents."""

from collections.abc import AsyncIterator, Coroutine
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest

from campaigns.facts import AttemptEnded, ContactsImported
from campaigns.list_order import Order
from campaigns.ports import Contact, NewContact
from console.app import create_app
from service.newly_due import NewlyDue
from service.sent import SentIntake
from store.lists import TAKING
from store.store import Store
from store.writer import Transaction
from tests.unit.console.fakes import PASSWORD, make_house
from tests.unit.store.conftest import Desk, desk, store

__all__ = ["desk", "store"]
LEADS = "/api/v1/campaigns/leads/contacts"
LEAD = {"number": 13800138000, "name": "王小明", "车型": "轩逸", "备注": None}
VIN = "LSVAA4182E2123456"
OWNED = {"number": "13800138000", "vin": VIN, "model": "轩逸", "since": "2020-03-05"}


class Program:
    """A dealer's CRM."""

    def __init__(self, client: httpx.AsyncClient, token: str) -> None:
        self.client = client
        self._headers = {"Authorization": f"Bearer {token}"}

    async def send(self, path: str, *rows: object, partial: bool = False) -> httpx.Response:
        params = {"partial": "true"} if partial else {}
        return await self.client.post(path, json={"rows": rows}, params=params, headers=self._headers)

    async def post(self, path: str, content: bytes) -> httpx.Response:
        return await self.client.post(path, content=content, headers=self._headers)


class Outbound:
    """A house with one campaign."""

    names = ("leads",)

    def __init__(self) -> None:
        self.gone_on: list[str] = []
        self.work: list[Coroutine[None, None, object]] = []

    async def go_on(self, name: str) -> None:
        self.gone_on.append(name)

    def spawn(self, _name: str, work: Coroutine[None, None, object]) -> None:
        self.work.append(work)

    async def settle(self) -> None:
        for work in self.work:
            await work
        self.work.clear()


@pytest.fixture
async def outbound() -> AsyncIterator[Outbound]:
    made = Outbound()
    yield made
    await made.settle()


@pytest.fixture
async def client(desk: Desk, store: Store, outbound: Outbound, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    desk.clock.advance(1.78e9 - desk.clock.now())
    intake = SentIntake(store, outbound, desk.clock, ZoneInfo("Asia/Shanghai"), outbound.spawn)
    app = create_app(replace(make_house(tmp_path).deps, sent=intake))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8400") as made:
        yield made


async def signed(client: httpx.AsyncClient, name: str = "boss") -> Program:
    body = {"name": name, "password": PASSWORD, "bearer": True}
    return Program(client, (await client.post("/api/v1/session", json=body)).json()["token"])


async def test_a_lead_is_in_at_once_and_wakes_its_campaign(
    client: httpx.AsyncClient,
    desk: Desk,
    store: Store,
) -> None:
    woken: list[str] = []
    due = NewlyDue(store.events, woken.append)
    await due.once()
    crm = await signed(client)
    sent = await crm.send(LEADS, LEAD)
    assert sent.status_code == 201, sent.text
    [row] = sent.json()["rows"]
    assert (sent.json()["accepted"], row["row"], row["result"]) == (1, 1, "taken")
    await due.once()
    assert woken == ["leads"]
    found = await store.contacts.claim("leads", attempt="a-1", call_id="c-1")
    assert (found.id, found.number, found.name, found.fields) == (  # type: ignore[union-attr]
        row["contact"], "+8613800138000", "王小明", {"车型": "轩逸"},
    )  # fmt: skip
    again = await crm.send(LEADS, {"phone": "138 0013 8000"})
    assert again.status_code == 200, again.text
    known = again.json()["rows"][0]
    assert (known["result"], known["contact"]) == ("known", row["contact"])
    said = [event.fact for event in desk.heard if isinstance(event.fact, ContactsImported)]
    assert said == [ContactsImported("leads", 1, 0, "boss")], "sending it again is no news"


async def test_a_campaign_goes_on_for_a_lead(client: httpx.AsyncClient, outbound: Outbound) -> None:
    crm = await signed(client)
    assert (await crm.send(LEADS, {"number": "13800138000"})).status_code == 201
    await outbound.settle()
    assert outbound.gone_on == ["leads"]
    await crm.send(LEADS, {"number": "13800138000"})
    assert outbound.work == [], "nobody new came"


async def test_one_bad_row_means_that_nothing_is_taken_in(client: httpx.AsyncClient, store: Store) -> None:
    crm = await signed(client)
    rows = [LEAD, {"number": "1380013800", "name": "李雷"}, {"name": "韩梅"}, {"number": "13800138000"}]
    refused = await crm.send(LEADS, *rows)
    assert refused.status_code == 422
    told = refused.json()
    assert told["title"].startswith("3 of 4 rows") and "partial=true" in told["mend"]
    assert [(each["row"], each["reason"]) for each in told["rows"]] == [
        (2, "号码 10 位，手机号应为 11 位 (10 digits; a mobile number has 11)"),
        (3, "没有号码 (no number)"),
        (4, "与第 1 行重复 (same person as line 1)"),
    ]
    assert (await store.contacts.counts("leads")).pending == 0
    partly = await crm.send(LEADS, *rows, partial=True)
    assert partly.status_code == 201
    assert [each["result"] for each in partly.json()["rows"]] == ["taken", "rejected", "rejected", "rejected"]
    assert (await store.contacts.counts("leads")).pending == 1
    none = await crm.send(LEADS, {"number": "12"}, partial=True)
    assert (none.status_code, none.json()["accepted"], none.json()["rejected"]) == (200, 0, 1)


async def test_what_is_no_request_is_told_so(client: httpx.AsyncClient) -> None:
    crm = await signed(client)
    assert (await client.post(LEADS, json={"rows": [LEAD]})).status_code == 401
    assert (await (await signed(client, "wang")).send(LEADS, LEAD)).status_code == 403
    unknown = await crm.send("/api/v1/campaigns/none/contacts", LEAD)
    assert (unknown.status_code, unknown.json()["where"]) == (404, "campaign")
    assert (await crm.send("/api/v1/records/boats", LEAD)).status_code == 404
    many = await crm.send(LEADS, *[LEAD] * 1001)
    assert (many.status_code, many.json()["where"]) == (413, "body.rows")
    assert (await crm.post(LEADS, b" " * 4_194_305)).status_code == 413
    for body in (b"", b"a,b\n1,2", b"[]", b'{"rows": []}'):
        assert (await crm.post(LEADS, body)).status_code == 422, body
    nested = await crm.send(LEADS, LEAD, {"number": ["13800138000"]})
    assert nested.status_code == 422 and nested.json()["where"].startswith("body.rows.1.number")
    odd = await crm.send(LEADS, {"13800138000": "王"})
    assert odd.status_code == 422 and "13800138000" in odd.json()["title"]


async def test_leads_are_one_list_until_a_file_comes_in_between(
    client: httpx.AsyncClient,
    store: Store,
) -> None:
    crm = await signed(client)
    await store.contacts.add("leads", [[NewContact("+8613900139000", "", 2), NewContact("+8613900139001", "", 3)]])
    for number in ("13800138000", "13800138001"):
        assert (await crm.send(LEADS, {"number": number})).status_code == 201
    assert [share.rows for share in await store.list_shares.of("leads")] == [2, 2]
    first = await store.contacts.claim("leads", attempt="a-1", call_id="c-1", order=Order.NEWEST)
    assert first.number == "+8613800138000", "before the older list"  # type: ignore[union-attr]
    await store.contacts.add("leads", [[NewContact("+8613900139002", "", 2)]])
    await crm.send(LEADS, {"number": "13800138002"})
    assert [share.rows for share in await store.list_shares.of("leads")] == [2, 2, 1, 1]


async def test_leads_wait_while_a_file_is_moved_into_the_campaign(
    client: httpx.AsyncClient,
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    crm = await signed(client)
    await store.contacts.add("leads", [[NewContact("+8613900139000", "", 2)]])

    async def mark(state: str) -> None:
        def work(transaction: Transaction) -> None:
            transaction.connection.exec_driver_sql(f"UPDATE imports SET state = '{state}', touched_at = 9e9")

        await store.log.write(work)

    await mark(TAKING)
    monkeypatch.setattr("store.sent_contacts._PAUSE_S", 0.0)
    busy = await crm.send(LEADS, LEAD)
    assert (busy.status_code, busy.headers["retry-after"]) == (503, "5")
    assert (await store.contacts.counts("leads")).pending == 1
    await mark("taken")
    assert (await crm.send(LEADS, LEAD)).status_code == 201


async def test_a_sale_and_a_visit_are_on_record(client: httpx.AsyncClient, store: Store) -> None:
    crm = await signed(client)
    sale = {"手机号": "13800138000", "vin": VIN, "day": "2026-05-01", "price": 138000.0}
    early = await crm.send("/api/v1/records/sales", sale)
    assert early.status_code == 422 and "no such car" in early.json()["rows"][0]["reason"]
    assert (await crm.send("/api/v1/records/ownerships", OWNED)).status_code == 200
    for _ in range(2):
        assert (await crm.send("/api/v1/records/sales", sale)).json()["accepted"] == 1
    visit = {"车架号": VIN, "day": "2026-05-02T09:00:00+08:00", "km": 20150}
    assert (await crm.send("/api/v1/records/visits", visit, {"vin": VIN, "day": "20260503"})).status_code == 200
    [car] = (await store.records.of_number("+8613800138000")).cars
    assert car.sale is not None and car.sale.price_yuan == 138000
    assert [(came.day, came.km) for came in car.visits] == [("2026-05-03", None), ("2026-05-02", 20150)]
    wrong = await crm.send("/api/v1/records/visits", {**visit, "milage": 3}, {**visit, "vin": VIN}, {"vin": VIN})
    assert [(each["row"], each["reason"]) for each in wrong.json()["rows"]] == [
        (1, "没有字段 'milage' (no field 'milage'; there are vin, plate, day, kind, km, note)"),
        (2, "'vin' 重复 (vin is given twice)"),
        (3, "没有日期 (no day)"),
    ]


async def test_consents_go_on_record_and_into_the_ledger(client: httpx.AsyncClient, store: Store) -> None:
    crm, path = await signed(client), "/api/v1/calling/consents/import"
    agreed = {
        "number": "13800138000",
        "given_at": "2026-05-01T14:05:00+08:00",
        "how": "online",
        "purpose": "推广",
        "evidence": "网上表单 8",
    }
    made = await crm.send(path, agreed, {**agreed, "number": "13900139000", "given_at": "2026-05-01 14:05"})
    assert made.status_code == 201, made.text
    moment = datetime.fromisoformat("2026-05-01T14:05+08:00").timestamp()
    assert {(one.number, one.given_at, one.by) for one in await store.calling.consents(limit=9)} == {
        ("+8613800138000", moment, "boss"), ("+8613900139000", moment, "boss"),
    }  # fmt: skip
    again = await crm.send(path, agreed)
    assert (again.status_code, again.json()["known"]) == (200, 1)
    vague = await crm.send(path, {**agreed, "purpose": ""})
    assert vague.status_code == 422 and "no purpose" in vague.json()["rows"][0]["reason"]
    gone = {**agreed, "evidence": "r-gone"}
    refused = await crm.send(path, {**agreed, "number": "13700137000"}, gone)
    assert refused.status_code == 422 and [each["row"] for each in refused.json()["rows"]] == [2]
    said = {"how": "spoken", "evidence": "他说可以"}, {"how": "spoken", "evidence": "c-none"}, {"evidence": "z"}
    refused = await crm.send(path, *({**agreed, "number": "13700137000"} | each for each in said))
    reasons = [each["reason"] for each in refused.json()["rows"]]
    assert refused.status_code == 422
    assert ["recording" in reasons[0], "no such call" in reasons[1], "too short" in reasons[2]] == [True] * 3
    assert (await store.ledger.verify()).lines == 2
    assert (await crm.send(path, {**agreed, "number": "13700137000"}, gone, partial=True)).json()["accepted"] == 1


async def test_the_description_names_the_fields(client: httpx.AsyncClient) -> None:
    told = (await client.get("/api/v1/openapi.json")).json()
    records = told["paths"]["/api/v1/records/{kind}"]["post"]
    assert "`visits` (进店): `vin` 车架号" in records["description"]
    body = records["requestBody"]["content"]["application/json"]
    assert body["schema"]["properties"]["rows"]["maxItems"] == 1000 and set(body["examples"]) >= {"visits", "stock"}
    assert "SentView" in told["components"]["schemas"]


async def test_who_has_completed_counts_for_the_list_he_came_by(
    client: httpx.AsyncClient,
    desk: Desk,
    store: Store,
    caplog: pytest.LogCaptureFixture,
) -> None:
    crm = await signed(client)
    await store.contacts.add("leads", [[NewContact("+8613900139000", "", 2)]])
    await crm.send(LEADS, {"number": "13800138000"}, {"number": "13800138001"})
    for attempt in ("a-1", "a-2", "a-3"):
        found = await store.contacts.claim("leads", attempt=attempt, call_id=attempt)
        assert isinstance(found, Contact)
        store.log.post(attempt, AttemptEnded(attempt, "leads", found.id, "completed"))
    await store.log.flush()
    assert [share.completed for share in await store.list_shares.of("leads")] == [1, 2]
    assert not caplog.records


async def test_each_row_has_its_name_under_its_own_key(client: httpx.AsyncClient, store: Store) -> None:
    crm = await signed(client)
    rows = [
        {"number": "13800139001", "name": "赵一"},
        {"手机号": "13800139002", "姓名": "钱二", "客户": "上海公司"},
        {"手机号": "13800139003", "客户": "孙三", "姓名": ""},
        {"手机号": "13800139004"},
    ]
    assert (await crm.send(LEADS, *rows)).status_code == 201
    found = [await store.contacts.claim("leads", attempt=f"a-{at}", call_id=f"c-{at}") for at in range(4)]
    assert [each and each.name for each in found] == ["赵一", "钱二", "孙三", ""]
    assert found[1] is not None and found[1].fields["客户"] == "上海公司"

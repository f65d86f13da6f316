"""Lists of numbers not to be called, by API: looked at, then taken in by a process of their own, over a real store."""

import csv
import io
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
from openpyxl import Workbook

from campaigns.rules.records import Bar
from console.app import create_app
from console.calling_papers import bars_table
from console.list_views import ListView
from console.sheets import to_csv
from core.clock import VirtualClock
from core.ids import CountingEntropy
from service.lists import ListDesk
from tests.unit.console.fakes import PASSWORD, make_house
from tests.unit.service.test_lists import Room
from tests.unit.store.conftest import Desk

PATH = "/api/v1/bar-lists"


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    desk = Desk(tmp_path)
    async with await desk.open() as store:
        made = Room(tmp_path, store)
        worker = (sys.executable, "-m", "service.bar_worker")
        kinds = ("listed", "refused")
        made.desk = ListDesk(tmp_path / "bars", desk.url, lambda: kinds, VirtualClock(), CountingEntropy(), worker)
        try:
            yield made
        finally:
            await made.desk.close()


@pytest.fixture
async def client(room: Room, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(replace(make_house(tmp_path).deps, bar_lists=room.desk))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8400") as made:
        yield made


async def signed(client: httpx.AsyncClient, name: str) -> dict[str, str]:
    body = {"name": name, "password": PASSWORD, "bearer": True}
    return {"Authorization": f"Bearer {(await client.post('/api/v1/session', json=body)).json()['token']}"}


def workbook() -> bytes:
    book, held = Workbook(), io.BytesIO()
    assert book.active is not None
    for row in (
        ("登记日期", "会员号", "手机号", "备用电话"),
        ("2026-11-01", 88001234567, 13911110006, "13911110009/13911110010"),
        ("2026-11-02", "13911119999", "13911110007", 1391111),
        ("2026-11-03", "02088123456", "没有", None),
    ):
        book.active.append(row)
    book.save(held)
    return held.getvalue()


async def test_a_list_is_looked_at_and_taken_in(room: Room, client: httpx.AsyncClient) -> None:
    boss, asked = await signed(client, "boss"), {"kind": "listed", "name": "不要打.xlsx"}
    for who, into, status in (("wang", asked, 403), ("guest", asked, 403), ("boss", {**asked, "kind": "sold"}, 404)):
        refused = await client.post(PATH, params=into, content=b"x", headers=await signed(client, who))
        assert refused.status_code == status
    await room.store.calling.bar(["+8613911110006"], "listed", "person", "chief")
    sent = await client.post(PATH, params=asked, content=workbook(), headers=boss)
    assert sent.status_code == 201, sent.text
    looked = await room.until_idle(sent.json()["id"])
    assert looked.look is not None, looked.fault
    assert (looked.look.kind, looked.look.numbers) == ("xlsx", ["手机号", "备用电话"])
    assert (looked.look.rows, looked.look.accepted, looked.look.added, looked.look.known) == (3, 2, 3, 1)
    assert looked.look.flaws == {"wrong_length": 1, "not_a_number": 1}
    assert [one.line for one in looked.look.rejects] == [3, 4]
    assert "备用电话：号码 7 位" in looked.look.rejects[0].reason
    assert (await room.store.calling.bars(limit=9))[1] == 1, "nothing is taken in yet"

    assert (await client.post(f"{PATH}/{looked.id}/take", headers=boss)).status_code == 202
    taken = await room.until_idle(looked.id)
    assert taken.taken is not None, taken.fault
    assert (taken.taken.added, taken.taken.known, taken.taken.rejected) == (3, 1, 2)
    bars, _ = await room.store.calling.bars(limit=9)
    assert {bar.number for bar in bars} == {f"+86139111100{last}" for last in ("06", "07", "09", "10")}
    assert (bars[0].kind, bars[0].how, bars[0].by, bars[0].note) == ("listed", "import", "boss", "不要打.xlsx")
    rejects = (await client.get(f"{PATH}/{looked.id}/rejects.csv", headers=boss)).content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(rejects)))
    assert [row[0] for row in rows[1:]] == ["3", "4"] and rows[2][1].startswith("号码无效")
    assert (await room.store.ledger.verify()).lines == 4


Handed = Callable[[bytes, str], Awaitable[ListView]]


@pytest.fixture
async def hand(room: Room, client: httpx.AsyncClient) -> Handed:
    boss = await signed(client, "boss")

    async def over(content: bytes, kind: str) -> ListView:
        sent = await client.post(PATH, params={"kind": kind, "name": "all.csv"}, content=content, headers=boss)
        looked = await room.until_idle(sent.json()["id"])
        assert looked.look is not None, looked.fault
        await client.post(f"{PATH}/{looked.id}/take", headers=boss)
        return await room.until_idle(looked.id)

    return over


async def test_our_own_export_keeps_its_kinds(room: Room, hand: Handed) -> None:
    said = "别再打了,\n13800138008 说"
    rows = (
        ("+8613800138007", "refused"),
        ("+862155550100", "listed"),
        ("95555", "listed"),
        ("+8613800138007", "listed"),
    )
    bars = [Bar(number, kind, "agent", 0.0, "wang", said, "", "", None, "", "") for number, kind in rows]
    text = to_csv(bars_table(bars, ZoneInfo("Asia/Shanghai"))).decode("utf-8-sig")
    for added, known in ((4, 0), (0, 4)):
        view = await hand(text.encode("utf-16"), "listed")
        assert view.taken is not None and (view.taken.added, view.taken.known, view.taken.rejected) == (added, known, 0)
    found, _ = await room.store.calling.bars(limit=9)
    assert {(bar.number, bar.kind) for bar in found} == set(rows)


async def test_a_list_of_refusals_is_one(room: Room, hand: Handed) -> None:
    await hand("姓名,电话\n王,13800138007\n".encode("gb18030"), "refused")
    assert [(bar.number, bar.kind) for bar in (await room.store.calling.bars(limit=9))[0]] == [
        ("+8613800138007", "refused")
    ]

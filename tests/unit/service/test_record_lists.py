"""Lists of records by API: looked at, then taken in, by a process of their own, over a real database."""

import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from console.app import create_app
from console.list_views import ListView
from core.clock import VirtualClock
from core.ids import CountingEntropy
from desk.record_sheets import KINDS
from service.lists import ListDesk
from tests.unit.console.fakes import PASSWORD, make_house
from tests.unit.service.test_lists import Room
from tests.unit.store.conftest import Desk

CARS = (
    "手机号,姓名,车牌,车型,购车日期\n13800138000,王先生,沪A1,轩逸,2020-03-05\nabc,李女士,沪A2,轩逸,2021-03-05\n"
).encode("gb18030")
PATH = "/api/v1/record-lists"


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    desk = Desk(tmp_path)
    async with await desk.open() as store:
        made = Room(tmp_path, store)
        worker = (sys.executable, "-m", "service.record_worker", "Asia/Shanghai")
        kinds = tuple(KINDS)
        made.desk = ListDesk(tmp_path / "records", desk.url, lambda: kinds, VirtualClock(), CountingEntropy(), worker)
        try:
            yield made
        finally:
            await made.desk.close()


async def test_records_are_looked_at_and_taken_in(room: Room, tmp_path: Path) -> None:
    app = create_app(replace(make_house(tmp_path).deps, record_lists=room.desk))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8400") as client:

        async def signed(name: str) -> dict[str, str]:
            body = {"name": name, "password": PASSWORD, "bearer": True}
            return {"Authorization": f"Bearer {(await client.post('/api/v1/session', json=body)).json()['token']}"}

        async def given(kind: str, content: bytes) -> ListView:
            asked = {"kind": kind, "name": "名单.csv"}
            sent = await client.post(PATH, params=asked, content=content, headers=await signed("boss"))
            assert sent.status_code == 201, sent.text
            return await room.until_idle(sent.json()["id"])

        looked = await given("ownerships", CARS)
        assert looked.look is not None, looked.fault
        assert (looked.state, looked.look.encoding, looked.look.rows, looked.look.accepted) == (
            "checked", "gb18030", 2, 1,
        )  # fmt: skip
        assert looked.look.rejects[0].line == 3 and looked.look.samples[0][1] == "王先生"
        assert (await room.store.records.of_number("+8613800138000")).cars == (), "nothing is taken in yet"
        boss = await signed("boss")
        assert (await client.post(f"{PATH}/{looked.id}/take", headers=boss)).status_code == 202
        taken = await room.until_idle(looked.id)
        assert taken.taken is not None and (taken.taken.accepted, taken.taken.rejected) == (1, 1), taken.fault
        [car] = (await room.store.records.of_number("+8613800138000")).cars
        assert car.ownership.vehicle.plate == "沪A1"
        rejects = await client.get(f"{PATH}/{looked.id}/rejects.csv", headers=boss)
        assert rejects.text.splitlines()[1].endswith("abc,李女士,沪A2,轩逸,2021-03-05")
        listed = (await client.get(PATH, headers=boss)).json()
        assert (listed["campaigns"], [one["state"] for one in listed["lists"]]) == (list(KINDS), ["taken"])
        wrong = await given("visits", CARS)
        assert wrong.state == "failed" and "日期" in wrong.fault
        unknown = {"kind": "boats", "name": "x.csv"}
        assert (await client.post(PATH, params=unknown, content=CARS, headers=boss)).status_code == 404
        assert (await client.get(PATH, headers=await signed("wang"))).status_code == 403

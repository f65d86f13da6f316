"""Lists of consents by API: looked at, then taken in, by a process of their own, over a real database."""

import io
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from openpyxl import Workbook

from console.app import create_app
from core.clock import VirtualClock
from core.ids import CountingEntropy
from service.lists import ListDesk
from tests.unit.console.fakes import PASSWORD, make_house
from tests.unit.service.test_lists import Room
from tests.unit.store.conftest import Desk

PATH = "/api/v1/consent-lists"


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    desk = Desk(tmp_path)
    async with await desk.open() as store:
        made = Room(tmp_path, store)
        worker = (sys.executable, "-m", "service.consent_worker", "Asia/Shanghai")
        purposes = ("promotion", "service")
        made.desk = ListDesk(tmp_path / "agreed", desk.url, lambda: purposes, VirtualClock(), CountingEntropy(), worker)
        try:
            yield made
        finally:
            await made.desk.close()


def workbook() -> bytes:
    book, held = Workbook(), io.BytesIO()
    assert book.active is not None
    for row in (
        ("手机号", "同意时间", "方式", "凭证", "用途"),
        (13800138000, datetime(2026, 5, 1, 14, 5), "书面", "合同 2026-7", None),
        ("13900139000", "2026-05-01", "网上", "网上表单 8", "推广"),
        ("13900139000", "2026-05-01", "网上", None, "推广"),
    ):
        book.active.append(row)
    book.save(held)
    return held.getvalue()


async def test_consents_are_looked_at_and_taken_in(room: Room, tmp_path: Path) -> None:
    app = create_app(replace(make_house(tmp_path).deps, consent_lists=room.desk))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8400") as client:

        async def signed(name: str) -> dict[str, str]:
            body = {"name": name, "password": PASSWORD, "bearer": True}
            return {"Authorization": f"Bearer {(await client.post('/api/v1/session', json=body)).json()['token']}"}

        boss, asked = await signed("boss"), {"purpose": "service", "name": "同意.xlsx"}
        assert (await client.post(PATH, params=asked, content=b"x", headers=await signed("wang"))).status_code == 403
        other = {**asked, "purpose": "fun"}
        assert (await client.post(PATH, params=other, content=b"x", headers=boss)).status_code == 404
        assert (await client.post(PATH, params=asked, json=[{"phone": "13800138000"}], headers=boss)).status_code == 415
        form = await client.post(PATH, params=asked, files={"file": b"x"}, headers=boss)
        assert form.status_code == 415 and "octet-stream" in form.text
        sent = await client.post(PATH, params=asked, content=workbook(), headers=boss)
        assert sent.status_code == 201, sent.text
        looked = await room.until_idle(sent.json()["id"])
        assert looked.look is not None, looked.fault
        assert (looked.look.kind, looked.look.rows, looked.look.accepted) == ("xlsx", 3, 2)
        assert [(one.line, one.reason) for one in looked.look.rejects] == [(4, "没有凭证 (no evidence)")]
        assert await room.store.calling.consents(limit=9) == (), "nothing is taken in yet"
        assert (await client.post(f"{PATH}/{looked.id}/take", headers=boss)).status_code == 202
        taken = await room.until_idle(looked.id)
        assert taken.taken is not None and (taken.taken.accepted, taken.taken.rejected) == (2, 1), taken.fault
        found = {one.number: one for one in await room.store.calling.consents(limit=9)}
        first, second = found["+8613800138000"], found["+8613900139000"]
        assert (first.purpose, first.how, first.evidence, first.by) == ("service", "written", "合同 2026-7", "boss")
        assert first.given_at == datetime.fromisoformat("2026-05-01T14:05+08:00").timestamp()
        assert second.purpose == "promotion"
        rejects = await client.get(f"{PATH}/{looked.id}/rejects.csv", headers=boss)
        assert "13900139000,2026-05-01,网上,,推广" in rejects.text
        assert (await room.store.ledger.verify()).lines == 2

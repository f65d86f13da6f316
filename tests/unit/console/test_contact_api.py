"""Whom a campaign has called, over HTTP: for the agent who talks with him."""

from dataclasses import replace

from fastapi.testclient import TestClient

from console.app import create_app
from desk.contact_card import ContactCard
from tests.unit.console import day
from tests.unit.console.fakes import PASSWORD, House


class FakeContacts:
    async def of_call(self, call_id: str) -> ContactCard | None:
        return ContactCard("spring", "王先生", {"车型": "轩逸"}) if call_id == day.STAR else None


def test_an_agent_sees_whom_the_campaign_has_called(house: House) -> None:
    with TestClient(
        create_app(replace(house.deps, contacts=FakeContacts())), base_url="http://127.0.0.1:8400"
    ) as client:
        assert client.get(f"/api/v1/calls/{day.STAR}/contact").status_code == 401
        client.post("/api/v1/session", json={"name": "wang", "password": PASSWORD})
        told = client.get(f"/api/v1/calls/{day.STAR}/contact")
        assert told.json() == {"campaign": "spring", "name": "王先生", "fields": {"车型": "轩逸"}}
        assert client.get("/api/v1/calls/c-none/contact").json() is None

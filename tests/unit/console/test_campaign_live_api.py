"""The live picture of a campaign: counted again after a change, pushed to pages, shown to who is signed in."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import cast

import pytest
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from acd.facts import AgentStateChanged
from campaigns.facts import AttemptEnded, AttemptStarted, CampaignStateChanged
from campaigns.plan_facts import CampaignMade, CampaignRemoved
from console.campaign_watch import CampaignWatch
from reports.campaign_live import Stand
from telephony.facts import LegStarted
from tests.unit.console.campaigns_fake import campaign_stand
from tests.unit.console.fakes import House

SignIn = Callable[[str], dict[str, str]]
API = "/api/v1"
PUSHED = f"{API}/campaign-events/return-visit-nov"


def test_a_campaign_is_shown_once_or_pushed(client: TestClient, bearer: SignIn, house: House) -> None:
    boss = bearer("boss")
    live = client.get(f"{API}/campaigns/return-visit-nov/live", headers=boss).json()
    assert (live["contacts"], live["pending"], live["ringing"], live["talking"]) == (120, 76, 3, 1)
    assert (live["speed"], live["results"]["completed"]) == (98.0, 25)
    assert client.get(f"{API}/campaigns/none/live", headers=boss).status_code == 404
    assert client.get(f"{API}/campaigns/return-visit-nov/live").status_code == 401
    with client.websocket_connect(PUSHED, headers=boss) as socket:
        message = socket.receive_json()
        assert (message["kind"], message["campaign"], message["pending"]) == ("campaign", "return-visit-nov", 76)
    for path, headers in ((PUSHED, {}), (f"{API}/campaign-events/none", boss)):
        with pytest.raises(WebSocketDisconnect), client.websocket_connect(path, headers=headers):
            pass


async def test_it_is_counted_again_when_something_happens(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = cast("CampaignWatch", house.deps.campaign_watch)
    monkeypatch.setattr("console.campaign_watch.EVERY_S", 0.01)
    asked: list[str] = []
    now_is = ["running", ""]

    async def stand(campaign: str, now: float) -> object:
        asked.append(campaign)
        return replace(campaign_stand(campaign, now), state=now_is[0], why=now_is[1])

    monkeypatch.setattr(house.store, "stand", stand)
    changed = asyncio.Event()
    watch.follow(changed.set)
    running = asyncio.create_task(watch.run())

    async def until_counted() -> None:
        async with asyncio.timeout(20):
            await changed.wait()
        changed.clear()

    await until_counted()  # all that are known, at first
    assert "return-visit-nov" in watch.current
    before, asked[:] = watch.version, []
    house.log.post("c-1", AttemptStarted("a-1", "return-visit-nov", 1))
    await until_counted()
    house.log.post("c-1", LegStarted("leg-1", "customer"))  # now he is called, not before
    await until_counted()
    now_is[:] = ["paused", "trunk carrier failed"]
    house.log.post("", CampaignStateChanged("return-visit-nov", *now_is))
    await until_counted()
    assert watch.current["return-visit-nov"].why == "trunk carrier failed"
    house.log.post("c-1", AttemptEnded("a-1", "return-visit-nov", 1, "busy"))
    await until_counted()
    assert set(asked) == {"return-visit-nov"}, "no other campaign was counted"
    assert watch.version == before + 4
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def test_one_that_was_removed_is_not_there_any_more(client: TestClient, bearer: SignIn, house: House) -> None:
    boss, watch = bearer("boss"), cast("CampaignWatch", house.deps.campaign_watch)
    path = f"{API}/campaigns/return-visit-nov/live"
    with client.websocket_connect(PUSHED, headers=boss) as socket:
        socket.receive_json()
        before = watch.version
        house.log.post("", CampaignRemoved("return-visit-nov", "boss"))
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_json()
    assert (closed.value.code, list(watch.all()), watch.version) == (1008, [], before + 1)
    assert client.get(path, headers=boss).status_code == 404, "though the database was asked a moment before"
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(PUSHED, headers=boss) as socket:
        socket.receive_json()
    house.log.post("", CampaignMade("return-visit-nov", "{}", "boss"))
    assert client.get(path, headers=boss).json()["pending"] == 76, "another one of its name"


async def test_it_says_why_nobody_is_dialled_as_soon_as_agents_do_something_else(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.campaign_watch.EVERY_S", 0.01)
    reason, asked, changed = ["nobody there"], list[str](), asyncio.Event()
    paused = [""]

    async def stand(campaign: str, now: float) -> Stand:
        asked.append(campaign)
        runs = campaign == "return-visit-nov" and not paused[0]
        return Stand(now, "running" if runs else "paused", pending=3, why=paused[0])

    monkeypatch.setattr(house.store, "stand", stand)
    watch = CampaignWatch(house.log.bus, house.deps.reading, house.deps.clock, lambda campaign: reason[0])
    watch.follow(changed.set)
    running = asyncio.create_task(watch.run())

    async def until(why: str) -> None:
        async with asyncio.timeout(20):
            while "return-visit-nov" not in watch.current or watch.current["return-visit-nov"].why != why:
                await changed.wait()
                changed.clear()

    await until("nobody there")
    assert {one.why for one in watch.all() if one.state != "running"} <= {""}
    asked[:], reason[0] = [], ""
    house.log.post("", AgentStateChanged("101", "available"))
    await until("")
    assert asked == [], "nothing was counted for it"
    reason[0] = "nobody there"
    paused[0] = "trunk carrier failed"
    house.log.post("", CampaignStateChanged("return-visit-nov", "paused", paused[0]))
    await until("trunk carrier failed")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

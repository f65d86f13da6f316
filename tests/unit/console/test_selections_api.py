"""Selections over HTTP: conditions are checked, kept, counted, and led into campaigns; for supervisors."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from console.app import create_app
from desk.selection import Moment
from service.feeding import Feeding
from store.store import Store
from tests.unit.console.fakes import PASSWORD, make_house
from tests.unit.store.conftest import Desk
from tests.unit.store.test_effects import day_of
from tests.unit.store.test_feeds import AT, owned

MODEL = {"reason": "model", "names": ["轩逸"]}
Ask = Callable[..., Awaitable[httpx.Response]]


class FakeCampaigns:
    def __init__(self) -> None:
        self.gone_on: list[str] = []

    @property
    def names(self) -> tuple[str, ...]:
        return ("回访", "置换")

    async def go_on(self, name: str) -> None:
        self.gone_on.append(name)


class Served:
    """The API over a real store, with its task."""

    def __init__(self, ask: Ask, store: Store, feeding: Feeding, campaigns: FakeCampaigns) -> None:
        self.ask = ask
        self.store = store
        self.feeding = feeding
        self.campaigns = campaigns

    async def looked(self) -> dict[str, Any]:
        """The feeds, once nobody looks any more."""
        while True:
            view = (await self.ask("GET", "/selections")).json()
            if view["feeds"] and not any(feed["looking"] for feed in view["feeds"]):
                return {feed["campaign"]: feed for feed in view["feeds"]}
            await asyncio.sleep(0.02)


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    house, desk = make_house(tmp_path), Desk(tmp_path)
    async with await desk.open() as store:
        await store.records.take([owned(place) for place in range(9)])
        campaigns = FakeCampaigns()

        def moment() -> Moment:
            return AT

        feeding = Feeding(
            store.selections, store.feeds, store.effects, campaigns, desk.url, moment, house.deps.entropy, day_of
        )
        task = asyncio.create_task(feeding.run())
        app = create_app(replace(house.deps, selections=feeding))
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8400") as client:

            async def ask(method: str, path: str, body: object = None, who: str = "boss") -> httpx.Response:
                signing = {"name": who, "password": PASSWORD, "bearer": True}
                token = (await client.post("/api/v1/session", json=signing)).json()["token"]
                bearer = {"Authorization": f"Bearer {token}"}
                return await client.request(method, f"/api/v1{path}", json=body, headers=bearer)

            yield Served(ask, store, feeding, campaigns)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_kept_counted_and_deleted(served: Served) -> None:
    found = await served.ask("POST", "/selections/preview", {"conditions": [{"reason": "bought", "least": 30}, MODEL]})
    view = found.json()
    assert (found.status_code, view["people"], view["with_cars"], view["left"], view["callable"]) == (
        200,
        9,
        9,
        [9, 9],
        9,
    )
    assert view["first"][0] == {
        "name": "客户0",
        "numbers": ["+8613800000000"],
        "model": "轩逸",
        "plate": "沪A0",
        "since": "2020-03-05",
    }
    kept = await served.ask("POST", "/selections", {"name": "老轩逸", "conditions": [MODEL]})
    assert (kept.status_code, kept.json()["by"]) == (201, "boss")
    listed = (await served.ask("GET", "/selections")).json()
    assert [one["name"] for one in listed["selections"]] == ["老轩逸"]
    assert (listed["models"], listed["campaigns"]) == (["轩逸"], ["回访", "置换"])
    assert (await served.ask("GET", "/selections/老轩逸")).json()["conditions"][0]["names"] == ["轩逸"]
    assert (await served.ask("DELETE", "/selections/老轩逸")).status_code == 204
    assert (await served.ask("DELETE", "/selections/老轩逸")).status_code == 404


async def test_what_cannot_be_is_refused(served: Served) -> None:
    for conditions in ([], [{"reason": "colour"}], [{"reason": "bought", "least": 9, "most": 1}], [MODEL] * 21):
        asked = await served.ask("POST", "/selections/preview", {"conditions": conditions})
        assert asked.status_code == 422, conditions
    assert (await served.ask("GET", "/selections", who="wang")).status_code == 403
    assert (await served.ask("POST", "/selections/无/take", {"campaign": "回访"})).status_code == 404
    assert (await served.ask("DELETE", "/feeds/回访")).status_code == 404


async def test_into_a_campaign_that_goes_on(served: Served) -> None:
    await served.ask("POST", "/selections", {"name": "老轩逸", "conditions": [MODEL]})
    wanted = {"campaign": "回访", "living": True, "hold_out": 50}
    taken = await served.ask("POST", "/selections/老轩逸/take", wanted)
    assert taken.status_code == 202 and taken.json()["looking"]
    feed = (await served.looked())["回访"]
    assert (feed["accepted"], feed["fault"], feed["living"], feed["by"]) == (9, "", True, "boss")
    assert 0 < feed["held_out"] < 9
    assert feed["again_days"] == 0
    assert served.campaigns.gone_on == ["回访"], "it has somebody to call"
    effect = (await served.ask("GET", "/feeds/回访/effect?days=30")).json()
    assert effect["visited"]["held_out"]["of"] == feed["held_out"]
    assert (await served.ask("GET", "/feeds/置换/effect")).status_code == 404
    assert (await served.ask("POST", "/selections/老轩逸/take", {**wanted, "hold_out": 10})).status_code == 409
    assert (await served.ask("POST", "/selections/老轩逸/take", {**wanted, "campaign": "无"})).status_code == 404
    anew = await served.ask("POST", "/selections/老轩逸/take", {**wanted, "again_days": 60})
    assert anew.status_code == 202 and anew.json()["again_days"] == 60
    for once in ({"living": False, "again_days": 60}, {"again_days": 4000}, {"again_days": -1}):
        assert (await served.ask("POST", "/selections/老轩逸/take", {**wanted, **once})).status_code == 422
    assert (await served.ask("POST", "/selections/老轩逸/take", {"campaign": "无"})).status_code == 404
    assert (await served.ask("DELETE", "/selections/老轩逸")).status_code == 409, "a campaign lives by it"
    assert (await served.ask("DELETE", "/feeds/回访")).status_code == 204
    assert (await served.ask("DELETE", "/selections/老轩逸")).status_code == 204

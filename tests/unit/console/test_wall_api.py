"""The board on the wall: keys that open it and nothing else, and a picture without numbers and names."""

import asyncio
import json
from collections.abc import Callable
from typing import cast

import pytest
from fastapi.testclient import TestClient
from starlette.testclient import WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from acd.alarm_facts import AlarmRaised
from console.app import create_app
from core.bus import MemoryLog
from core.clock import VirtualClock
from core.errors import LocalProtocolError
from core.house_facts import WallKeyMade, WallKeyRemoved
from core.ids import CountingEntropy
from service.wall_keys import KEPT_AS, MOST, WallKeys
from tests.unit.console import day
from tests.unit.console.fakes import PASSWORD, FakeValues, House, Scene

SignIn = Callable[[str], dict[str, str]]
KEYS, OPEN = "/api/v1/wall/keys", "/api/v1/wall/open"
WALL = "ws://127.0.0.1:8400/api/v1/events?wall=1"
Json = dict[str, object]


def next_board(socket: WebSocketTestSession) -> Json:
    message: Json = json.loads(socket.receive_text())
    assert message["kind"] == "wall"
    return message


def new_key(client: TestClient, headers: dict[str, str]) -> Json:
    made = client.post(KEYS, json={"name": "大厅"}, headers=headers)
    assert made.status_code == 201
    return cast("Json", made.json())


def test_a_key_opens_the_board_and_nothing_else(client: TestClient, bearer: SignIn, house: House) -> None:
    for who in ("wang", "guest"):
        assert client.post(KEYS, json={"name": "x"}, headers=bearer(who)).status_code == 403
        assert client.get(KEYS, headers=bearer(who)).status_code == 403
    boss = bearer("boss")
    made = new_key(client, boss)
    listed = client.get(KEYS, headers=boss).json()
    assert listed == [{"id": made["id"], "name": "大厅", "by": "boss", "made_at": day.NOW}]
    assert house.log.facts(WallKeyMade) == [WallKeyMade("大厅", "boss")]

    with pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect(WALL):
        pass
    assert refused.value.code == 1008
    assert client.post(OPEN, json={"key": "guess"}).status_code == 401
    opened = client.post(OPEN, json={"key": made["key"]})
    assert opened.status_code == 204
    cookie = opened.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie and "Path=/api/v1/events" in cookie
    with client.websocket_connect(WALL) as socket:
        assert next_board(socket)["counted"] in (True, False)
    for path in ("/live", "/directory", "/calls", "/agents", "/session", "/wall/keys"):
        assert client.get(f"/api/v1{path}").status_code == 401, path
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("ws://127.0.0.1:8400/api/v1/events?board=1"):
        pass
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(WALL, headers={"Origin": "http://evil.example"}):
        pass


def test_a_key_that_is_taken_back_darkens_its_screen(
    client: TestClient, bearer: SignIn, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.api.pushing.BEAT_S", 0.05)
    boss = bearer("boss")
    made = new_key(client, boss)
    client.post(OPEN, json={"key": made["key"]})
    with client.websocket_connect(WALL) as socket:
        next_board(socket)
        assert client.delete(f"{KEYS}/{made['id']}", headers=boss).status_code == 204
        with pytest.raises(WebSocketDisconnect) as end:
            for _ in range(100):
                next_board(socket)
        assert end.value.code == 4401
    assert client.delete(f"{KEYS}/{made['id']}", headers=boss).status_code == 404
    assert client.post(OPEN, json={"key": made["key"]}).status_code == 401
    assert house.log.facts(WallKeyRemoved) == [WallKeyRemoved("大厅", "boss")]
    acts = client.get("/api/v1/audit", headers=boss).json()
    assert [act["name"] for act in acts] == ["wall.key_removed", "wall.key_made"]


def test_it_says_nothing_personal(house: House) -> None:
    Scene(house).usual()
    house.log.post("", AlarmRaised("wait", "longest_wait", "service", 47.0, 30.0))
    with TestClient(create_app(house.deps), base_url="http://127.0.0.1:8400") as client:
        for event in house.log.events:  # it hears them now; they were counted before
            house.log.bus.publish(event)
        body = {"name": "guest", "password": PASSWORD, "bearer": True}
        headers = {"Authorization": f"Bearer {client.post('/api/v1/session', json=body).json()['token']}"}
        with client.websocket_connect(WALL, headers=headers) as socket:  # who is signed in needs no key
            board = next_board(socket)
            while not board["counted"]:
                board = next_board(socket)
    text = json.dumps(board, ensure_ascii=False)
    assert "+86139" not in text and all(agent.name not in text for agent in day.DIRECTORY.agents)
    queues = {str(queue["id"]): queue for queue in cast("list[Json]", board["queues"])}
    service, report = (
        queues["service"],
        day.report(house.store.all_waits(), day.MIDNIGHT, day.MIDNIGHT + 86_400, "total", ""),
    )
    assert (service["waiting"], service["since"], service["free"], service["talking"]) == (2, day.NOW - 47, 1, 2)
    (counted,) = [row for row in report.totals if row.queue == "service"]
    figures = cast("Json", service["figures"])
    assert figures["answer_rate"] == counted.figures["answer_rate"] and figures["offered"] == counted.figures["offered"]
    total = cast("Json", board["total"])
    assert (total["waiting"], total["paused"], total["wrap_up"]) == (3, 1, 1)
    assert cast("list[Json]", board["alarms"])[0]["subject"] == "service"


def test_guessing_is_slowed_down(client: TestClient) -> None:
    answers = [client.post(OPEN, json={"key": f"guess {number}"}).status_code for number in range(22)]
    assert answers == [401] * 20 + [429] * 2


async def test_keys_hold_over_a_restart_and_are_kept_as_hashes() -> None:
    clock = VirtualClock()
    values, log = FakeValues(), MemoryLog(clock)
    keys = WallKeys(values, log, clock, CountingEntropy())
    first, second = await asyncio.gather(keys.make("hall", "boss"), keys.make("door", "boss"))
    assert first.key not in values.kept[KEPT_AS] and len(first.key) == 32
    again = WallKeys(values, log, clock, CountingEntropy())
    assert [item.name for item in await again.keys()] == ["hall", "door"]
    assert await again.holds(second.key) and not await again.holds(first.key[:-1]) and not await again.holds("")
    assert await again.remove(first.id, "boss") and not await again.holds(first.key)
    for number in range(MOST - 1):
        await again.make(f"s{number}", "boss")
    with pytest.raises(LocalProtocolError, match="take one back"):
        await again.make("one more", "boss")

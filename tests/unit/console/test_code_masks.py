"""Agents are not told by which codes their supervisors listen to them."""

from collections.abc import Callable
from dataclasses import replace

from fastapi.testclient import TestClient

from acd.phone_facts import FeatureUsed
from telephony.facts import CallStarted
from tests.unit.console.fakes import House

Bearer = Callable[[str], dict[str, str]]


def test_what_a_supervisor_dials_is_not_for_agents(client: TestClient, house: House, bearer: Bearer) -> None:
    row = house.store.rows[0]
    house.store.rows.append(replace(row, id="c-code", direction="internal", ani="901", dnis="*56101", started_at=9e9))
    house.log.post("c-code", CallStarted("internal", "901", "*56101"))
    house.log.post("c-code", FeatureUsed("901", "listen", "done", "101"))
    house.log.post("c-code", FeatureUsed("101", "pause", "done", "1"))
    for who, dnis in (("boss", "*56101"), ("wang", "*")):
        headers = bearer(who)
        calls = client.get("/api/v1/calls?limit=100", headers=headers).json()["items"]
        assert [call["dnis"] for call in calls if call["id"] == "c-code"] == [dnis]
        board = client.get("/api/v1/live", headers=headers).json()
        assert [call["line"] for call in board["calls"] if call["id"] == "c-code"] == [dnis]
        used = 2 if who == "boss" else 1
        with client.websocket_connect("/api/v1/events?after=0", headers=headers) as socket:
            told = [socket.receive_json() for _ in range(1 + used)]
        assert told[0]["data"]["dnis"] == dnis
        assert [event["data"]["agent"] for event in told[1:]] == (["901", "101"] if used == 2 else ["101"])

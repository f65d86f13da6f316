"""What supervisors ask for besides listening: callers sent elsewhere, agents set and told, and the record of it all."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from acd.alarm_facts import AlarmCleared, AlarmRaised
from acd.callback_facts import CallbackEnded
from acd.facts import QueueEntered, QueueLeft
from acd.supervision_facts import AgentForced, AgentMessage, SupervisionAsked
from desk.facts import TaskClosed, TaskTaken
from tests.unit.console import day
from tests.unit.console.fakes import House

Bearer = Callable[[str], dict[str, str]]
STAR = f"/api/v1/calls/{day.STAR}"


def test_a_waiting_caller_is_moved_and_pulled(client: TestClient, house: House, bearer: Bearer) -> None:
    chief = bearer("chief")
    number = next(row for row in house.store.rows if row.id == day.STAR).ani
    moved = client.post(f"{STAR}/queue", json={"queue": "service"}, headers=chief)
    assert (moved.status_code, moved.json()) == (202, {"call_id": day.STAR, "queue": "service", "agent": ""})
    assert client.post(f"{STAR}/pull", json={}, headers=chief).json()["agent"] == "102"
    assert client.post(f"{STAR}/pull", json={"agent": "103"}, headers=bearer("boss")).status_code == 202
    assert house.waiting.asked == [
        (day.STAR, "move", "service", "chief"), (day.STAR, "pull", "102", number, "chief"),
        (day.STAR, "pull", "103", number, "boss"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("who", "path", "body", "status", "code"),
    [
        ("wang", f"{STAR}/queue", {"queue": "service"}, 403, "role"),
        ("wang", f"{STAR}/pull", {"agent": "101"}, 403, "role"),
        ("guest", "/api/v1/agents/101/message", {"text": "hello"}, 403, "role"),
        ("wang", "/api/v1/agents/101/message", {"text": "hello"}, 403, "role"),
        ("boss", f"{STAR}/pull", {}, 409, "no_own_phone"),
        ("boss", f"{STAR}/queue", {"queue": "nix"}, 422, "invalid"),
        ("boss", f"{STAR}/pull", {"agent": "nix"}, 422, "invalid"),
        ("boss", "/api/v1/calls/c-none/queue", {"queue": "service"}, 404, "no_such"),
        ("boss", "/api/v1/agents/999/message", {"text": "hello"}, 404, "no_such"),
        ("boss", "/api/v1/agents/101/message", {"text": "  "}, 422, "invalid"),
        ("boss", "/api/v1/agents/101/message", {"text": "x" * 301}, 422, "invalid"),
    ],
)
def test_who_may_not_and_what_cannot_be(
    client: TestClient, house: House, bearer: Bearer, who: str, path: str, body: dict[str, str], status: int, code: str
) -> None:
    answer = client.post(path, json=body, headers=bearer(who))
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:line400:problem:{code}")
    assert house.waiting.asked == [] and house.log.facts(AgentMessage) == []


def test_a_message_is_on_the_agent_s_page_and_on_nobody_else_s(
    client: TestClient, house: House, bearer: Bearer
) -> None:
    def send(agent: str) -> int:
        body = {"text": " 请 尽快\n回座 "}
        answer = client.post(f"/api/v1/agents/{agent}/message", json=body, headers=bearer("boss"))
        assert answer.status_code == 202
        return int(answer.json()["pages"])

    assert send("101") == 0, "he has no page open"
    with (
        client.websocket_connect("/api/v1/events", headers=bearer("wang")) as wang,
        client.websocket_connect("/api/v1/events", headers=bearer("guest")) as guest,
    ):
        assert (send("103"), send("101")) == (0, 1)
        house.log.post("", AlarmCleared("a", "no_agents", "sales", 1.0, 2.0))
        told = [wang.receive_json(), wang.receive_json()]
        assert [event["name"] for event in told] == ["agent.message", "alarm.cleared"]
        assert told[0]["data"] == {"agent": "101", "text": "请 尽快 回座", "by": "boss"}
        assert guest.receive_json()["name"] == "alarm.cleared"


def test_every_act_is_in_the_record(client: TestClient, house: House, bearer: Bearer) -> None:
    boss, wang = bearer("boss"), bearer("wang")
    client.put("/api/v1/agents/101/state", json={"state": "paused", "reason": "会议"}, headers=wang)
    client.put("/api/v1/agents/101/state", json={"state": "available"}, headers=boss)
    house.log.post("c", SupervisionAsked("102", "chief", "listen", "101"))
    for by in ("system", "boss", "caller"):
        house.log.post("c", CallbackEnded("b", "sales", "cancelled", by=by))
    house.log.post("c", TaskTaken("t", "101", "boss"))
    house.log.post("c", TaskClosed("t", "boss", "called him"))
    client.post("/api/v1/agents/101/message", json={"text": "hello"}, headers=boss)
    assert house.log.facts(AgentForced) == [AgentForced("101", "available", "boss")], "what he does himself is none"
    acts = client.get("/api/v1/audit", headers=boss).json()
    assert [act["name"] for act in acts] == [
        "agent.message", "task.closed", "task.taken", "callback.ended", "supervision.asked", "agent.forced",
    ]  # fmt: skip
    assert acts[0]["data"]["by"] == "boss" and acts[4]["call_id"] == "c"
    assert len(client.get("/api/v1/audit?limit=1", headers=boss).json()) == 1
    assert client.get("/api/v1/audit?from=2020-01-01", headers=boss).status_code == 422
    assert client.get(f"/api/v1/audit?to={day.NOW - 10}", headers=boss).json() == []
    assert client.get("/api/v1/audit", headers=wang).status_code == 403


def test_alarms_are_on_the_board_until_they_are_cleared(client: TestClient, house: House, bearer: Bearer) -> None:
    guest = bearer("guest")
    house.log.post("", AlarmRaised("wait", "longest_wait", "sales", 130.0, 120.0))
    house.log.post("", AlarmRaised("wait", "longest_wait", "service", 121.0, 120.0))
    raised = client.get("/api/v1/alarms", headers=guest).json()
    assert [alarm["subject"] for alarm in raised] == ["sales", "service"]
    assert raised == client.get("/api/v1/live", headers=guest).json()["alarms"]
    house.log.post("", AlarmCleared("wait", "longest_wait", "sales", 5.0, 60.0))
    assert [alarm["subject"] for alarm in client.get("/api/v1/alarms", headers=guest).json()] == ["service"]


def test_a_longest_wait_is_as_long_as_it_is_now(client: TestClient, house: House, bearer: Bearer) -> None:
    """A supervisor saw 12 s all the while that somebody waited for minutes."""
    guest = bearer("guest")

    def value() -> float:
        [alarm] = client.get("/api/v1/alarms", headers=guest).json()
        return float(alarm["value"])

    house.log.post("c-alarm", QueueEntered("q-alarm", "tradein"))
    house.log.post("", AlarmRaised("wait", "longest_wait", "tradein", 11.885, 10.0))
    before = value()
    house.clock.advance(420.0)
    assert value() == before + 420.0
    house.log.post("c-alarm", QueueLeft("q-alarm", "tradein", "answered", 420.0, "101"))
    assert value() < before + 420.0


def test_a_bound_that_was_broken_is_named(client: TestClient, bearer: Bearer) -> None:
    answer = client.get("/api/v1/calls?limit=1e308", headers=bearer("guest"))
    assert (answer.status_code, answer.json()["where"]) == (422, "query.limit")
    answer = client.get("/api/v1/calls?limit=201", headers=bearer("guest"))
    assert answer.json()["mend"] == "Let the field named in 'where' be at most 200."

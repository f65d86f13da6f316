"""Supervisors ask for talks over HTTP: who may, at whose phone, and who is told of it."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from acd.supervision_facts import SupervisionAsked, SupervisionChanged, SupervisionEnded, SupervisionStarted
from console.board import LiveBoard
from console.live_views import SupervisorLive
from telephony.facts import CallStarted, TalkStarted
from tests.unit.console import day
from tests.unit.console.fakes import House

Bearer = Callable[[str], dict[str, str]]
STAR = f"/api/v1/calls/{day.STAR}/supervise"


def test_a_supervisor_is_rung_at_his_own_phone_changes_and_leaves(
    client: TestClient, house: House, bearer: Bearer
) -> None:
    chief = bearer("chief")
    answer = client.post(STAR, json={"mode": "listen"}, headers=chief)
    assert answer.status_code == 202
    assert answer.json() == {"call_id": day.STAR, "supervisor": "102", "mode": "listen"}
    assert client.post(STAR, json={"mode": "take_over"}, headers=chief).status_code == 202
    assert client.delete(STAR, headers=chief).status_code == 204
    assert [item[2] for item in house.supervision.asked] == ["listen", "take_over", "leave"]
    assert {(item[0], item[1], item[3]) for item in house.supervision.asked} == {(day.STAR, "102", "chief")}


@pytest.mark.parametrize(
    ("who", "path", "body", "status", "code"),
    [
        ("wang", STAR, {"mode": "listen"}, 403, "role"),
        ("guest", STAR, {"mode": "listen"}, 403, "role"),
        ("boss", STAR, {"mode": "listen"}, 409, "no_own_phone"),
        ("chief", STAR, {"mode": "spy"}, 422, "invalid"),
        ("chief", "/api/v1/calls/c-none/supervise", {"mode": "listen"}, 404, "no_such"),
    ],
)
def test_who_may_not_and_what_cannot_be(
    client: TestClient, house: House, bearer: Bearer, who: str, path: str, body: dict[str, str], status: int, code: str
) -> None:
    answer = client.post(path, json=body, headers=bearer(who))
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:line400:problem:{code}")
    assert house.supervision.asked == []


def test_a_call_without_a_talk_and_one_who_is_not_there(client: TestClient, house: House, bearer: Bearer) -> None:
    other = next(row.id for row in house.store.rows if row.id != day.STAR)
    chief = bearer("chief")
    assert client.post(f"/api/v1/calls/{other}/supervise", json={"mode": "barge"}, headers=chief).status_code == 409
    assert client.delete(STAR, headers=chief).status_code == 409


def talk(house: House) -> None:
    house.log.post("c", CallStarted("inbound", "13800138000", day.LINE))
    house.log.post("c", TalkStarted("101", "sales"))


def test_the_board_shows_who_is_in_a_talk(house: House) -> None:
    talk(house)
    shown = []
    for fact in (
        SupervisionAsked("102", "chief", "listen", "101"),
        SupervisionStarted("102", "chief", "listen", "101"),
        SupervisionChanged("102", "102", "whisper", "101"),
        SupervisionEnded("102", "chief", "whisper", "hung_up", 4.0, "101"),
    ):
        house.log.post("c", fact)
        board = LiveBoard(day.DIRECTORY)
        for event in house.log.events:
            board.apply(event)
        shown.append(board.snapshot(day.NOW, None).calls[0].supervisors)
    assert shown == [
        [SupervisorLive("102", "listen", joined=False)],
        [SupervisorLive("102", "listen", joined=True)],
        [SupervisorLive("102", "whisper", joined=True)],
        [],
    ]


def test_agents_are_not_told_who_listens(client: TestClient, house: House, bearer: Bearer) -> None:
    talk(house)
    house.log.post("c", SupervisionStarted("102", "chief", "listen", "101"))
    boards = {who: client.get("/api/v1/live", headers=bearer(who)).json() for who in ("boss", "wang")}
    seen = {who: board["calls"][0]["supervisors"] for who, board in boards.items()}
    assert seen == {"boss": [{"agent": "102", "mode": "listen", "joined": True}], "wang": []}
    told = {}
    for who in ("boss", "wang"):
        with client.websocket_connect("/api/v1/events?after=1", headers=bearer(who)) as socket:
            missed = [socket.receive_json()["name"]]
            if who == "boss":
                missed.append(socket.receive_json()["name"])
            house.log.post("c", SupervisionChanged("102", "chief", "barge", "101"))
            house.log.post("c", TalkStarted("103", "sales"))
            live = [socket.receive_json()["name"]]
            while live[-1] != "talk.started":
                live.append(socket.receive_json()["name"])
            told[who] = (missed, live)
    assert told["boss"][0] == ["talk.started", "supervision.started"]
    assert told["wang"][0] == ["talk.started"]
    assert "supervision.changed" in told["boss"][1] and "supervision.changed" not in told["wang"][1]

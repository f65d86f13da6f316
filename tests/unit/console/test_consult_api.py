"""Consultations over HTTP: who may, and what the board makes of them."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from acd.facts import AgentStateChanged
from acd.phone_facts import ConsultAnswered, ConsultEnded, ConsultJoined, ConsultStarted
from console.board import LiveBoard
from console.live_views import ConsultLive
from core.errors import NotAllowed
from telephony.facts import CallStarted, TalkHeld, TalkResumed, TalkStarted
from tests.unit.console import day
from tests.unit.console.fakes import FakeConsulting, House

Bearer = Callable[[str], dict[str, str]]
STAR = f"/api/v1/calls/{day.STAR}/consult"


def asked(house: House) -> list[tuple[str, ...]]:
    assert isinstance(house.deps.consulting, FakeConsulting)
    return house.deps.consulting.asked


def test_he_asks_joins_passes_on_and_returns(client: TestClient, house: House, bearer: Bearer) -> None:
    boss = bearer("boss")
    assert client.post(STAR, json={"to": " 102 "}, headers=boss).json() == {"call_id": day.STAR, "to": "102"}
    assert client.post(f"{STAR}/join", headers=boss).status_code == 204
    assert client.post(f"{STAR}/complete", headers=boss).status_code == 202
    assert client.delete(STAR, headers=boss).status_code == 202
    assert [item[1:] for item in asked(house)] == [
        ("begin", "102", "boss"), ("join", "boss"), ("complete", "boss"), ("leave", "boss"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("who", "call", "body", "status"),
    [
        ("guest", day.STAR, {"to": "102"}, 403),
        ("boss", day.STAR, {"to": ""}, 422),
        ("boss", "c-none", {"to": "102"}, 404),
    ],
)
def test_who_may_not_and_what_cannot_be(
    client: TestClient, house: House, bearer: Bearer, who: str, call: str, body: dict[str, str], status: int
) -> None:
    assert client.post(f"/api/v1/calls/{call}/consult", json=body, headers=bearer(who)).status_code == status
    assert asked(house) == []


def test_the_board_shows_whom_he_asks(house: House) -> None:
    board = LiveBoard(day.DIRECTORY)
    shown = []
    for fact in (
        CallStarted("inbound", "+8613900139000", day.LINE),
        TalkStarted("101", "sales"),
        ConsultStarted("101", "102", "wang"),
        ConsultAnswered("101", "102"),
        ConsultJoined("101", "102", "wang"),
        ConsultEnded("101", "102", "wang", "returned"),
    ):
        house.log.post("c", fact)
        board.apply(house.log.events[-1])
        shown.append(board.snapshot(day.NOW, None).calls[0].consult)
    assert shown[2:] == [
        ConsultLive("102", "ringing"), ConsultLive("102", "answered"), ConsultLive("102", "joined"), None,
    ]  # fmt: skip


def test_the_board_shows_an_agent_who_holds(house: House) -> None:
    board = LiveBoard(day.DIRECTORY)
    shown = []
    for fact in (
        AgentStateChanged("101", "talking"),
        TalkStarted("101", "sales"),
        TalkHeld("101"),
        TalkResumed("101"),
        TalkHeld("101"),
        AgentStateChanged("101", "wrap_up"),
    ):
        house.log.post("c", fact)
        board.apply(house.log.events[-1])
        agent = board.agent("101")
        assert agent is not None
        shown.append(agent.held)
    assert shown == [False, False, True, False, True, False]


def test_a_number_that_may_not_be_called_is_forbidden(
    client: TestClient, house: House, bearer: Bearer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(call_id: str, to: str, by: str) -> None:
        raise NotAllowed("numbers abroad are not called")

    monkeypatch.setattr(house.deps.consulting, "begin", refuse)
    answer = client.post(STAR, json={"to": "0085212345678"}, headers=bearer("boss"))
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:line400:problem:may_not_call")
    assert answer.json()["title"] == "numbers abroad are not called"

"""Parking over HTTP: who may, and what the board makes of it."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from acd.phone_facts import CallParked, ParkEnded
from console.board import LiveBoard
from telephony.facts import CallStarted, TalkEnded, TalkStarted
from tests.unit.console import day
from tests.unit.console.fakes import FakeParking, House

Bearer = Callable[[str], dict[str, str]]
STAR = f"/api/v1/calls/{day.STAR}"


def asked(house: House) -> list[tuple[str, ...]]:
    assert isinstance(house.deps.parking, FakeParking)
    return house.deps.parking.asked


def test_a_talk_is_parked_and_taken_at_ones_own_phone(client: TestClient, house: House, bearer: Bearer) -> None:
    assert client.post(f"{STAR}/park", json={}, headers=bearer("boss")).status_code == 202
    assert client.post(f"{STAR}/park", json={"slot": "3"}, headers=bearer("boss")).status_code == 202
    answer = client.post(f"{STAR}/take", headers=bearer("wang"))
    assert (answer.status_code, answer.json()) == (202, {"call_id": day.STAR, "agent": "101"})
    assert asked(house) == [(day.STAR, "park", "", "boss"), (day.STAR, "park", "3", "boss"), (day.STAR, "take", "101")]


@pytest.mark.parametrize(
    ("who", "path", "body", "status"),
    [
        ("guest", f"{STAR}/park", {}, 403),
        ("boss", f"{STAR}/park", {"slot": "x"}, 422),
        ("boss", "/api/v1/calls/c-none/park", {}, 404),
        ("boss", f"{STAR}/take", None, 409),  # he has no phone
        ("wang", "/api/v1/calls/c-none/take", None, 404),
    ],
)
def test_who_may_not_and_what_cannot_be(
    client: TestClient, house: House, bearer: Bearer, who: str, path: str, body: dict[str, str] | None, status: int
) -> None:
    assert client.post(path, json=body, headers=bearer(who)).status_code == status
    assert asked(house) == []


def test_the_board_shows_the_slot(house: House) -> None:
    board = LiveBoard(day.DIRECTORY)
    shown = []
    for fact in (
        CallStarted("inbound", "+8613900139000", day.LINE),
        TalkStarted("101", "sales"),
        TalkEnded("101", 5.0, 0.0, "sales"),
        CallParked("3", "101"),
        ParkEnded("3", "taken", "102", 4.0),
        TalkStarted("102"),
    ):
        house.log.post("c", fact)
        board.apply(house.log.events[-1])
        (call,) = board.snapshot(day.NOW, None).calls
        shown.append((call.stage, call.slot))
    assert shown[3:] == [("parked", "3"), ("parked", ""), ("talking", "")]

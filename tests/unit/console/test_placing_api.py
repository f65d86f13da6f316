"""Calls to the outside asked for over HTTP: who may, whom, and what the board makes of it."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from acd.phone_facts import CallPlaced
from console.board import LiveBoard
from telephony.facts import CallStarted, TalkStarted
from tests.unit.console import day
from tests.unit.console.fakes import FakePlacing, House

Bearer = Callable[[str], dict[str, str]]
MINE = "/api/v1/agents/101/calls"


def asked(house: House) -> list[tuple[str, str]]:
    assert isinstance(house.deps.placing, FakePlacing)
    return house.deps.placing.asked


def test_an_agent_calls_a_number_and_whoever_called_without_seeing_the_number(
    client: TestClient, house: House, bearer: Bearer
) -> None:
    wang = bearer("wang")
    answer = client.post(MINE, json={"number": " 13900139000 "}, headers=wang)
    assert (answer.status_code, answer.json()) == (202, {"call_id": "c-placed", "agent": "101"})
    assert client.post(MINE, json={"call_id": day.STAR}, headers=wang).status_code == 202
    star = next(row for row in house.store.rows if row.id == day.STAR)
    house.store.rows.append(replace(star, id="c-out", direction="outbound", ani=day.LINE, dnis="+8613700137000"))
    assert client.post(MINE, json={"call_id": "c-out"}, headers=wang).status_code == 202
    assert asked(house) == [("101", "13900139000"), ("101", star.ani), ("101", "+8613700137000")]
    assert client.get("/api/v1/directory", headers=wang).json()["dials_out"] is True


def test_of_who_wants_no_calls_it_is_asked_why_he_is_called(client: TestClient, house: House, bearer: Bearer) -> None:
    wang, star = bearer("wang"), next(row for row in house.store.rows if row.id == day.STAR)
    assert client.post("/api/v1/calling/refusals", json={"call_id": day.STAR}, headers=wang).status_code == 204
    for whom in ({"call_id": day.STAR}, {"number": star.ani}, {"number": star.ani, "despite": "  "}):
        answer = client.post(MINE, json=whom, headers=wang)
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:line400:problem:wants_no_calls")
    assert asked(house) == []
    insisting = {"call_id": day.STAR, "despite": "他要求回电 "}
    assert client.post(MINE, json=insisting, headers=wang).status_code == 202
    assert client.post(MINE, json={"number": "13900139000", "despite": "无"}, headers=wang).status_code == 202
    placing = house.deps.placing
    assert isinstance(placing, FakePlacing) and placing.despite == ["他要求回电", ""]  # nothing to overrule: not kept


@pytest.mark.parametrize(
    ("who", "path", "body", "status", "code"),
    [
        ("boss", MINE, {"number": "13900139000"}, 403, "own_phone_only"),
        ("chief", MINE, {"number": "13900139000"}, 403, "own_phone_only"),
        ("guest", MINE, {"number": "13900139000"}, 403, "own_phone_only"),
        ("chief", "/api/v1/agents/102/calls", {"number": "13900139000"}, 409, "not_in_this_state"),
        ("wang", MINE, {"number": "0014155550100"}, 403, "may_not_call"),
        ("wang", MINE, {}, 422, "invalid"),
        ("wang", MINE, {"number": "1", "call_id": day.STAR}, 422, "invalid"),
        ("wang", MINE, {"call_id": "c-none"}, 404, "no_such"),
        ("wang", MINE, {"call_id": "c-hidden"}, 409, "number_hidden"),
    ],
)
def test_who_may_not_and_what_cannot_be(
    client: TestClient, house: House, bearer: Bearer, who: str, path: str, body: dict[str, str], status: int, code: str
) -> None:
    star = next(row for row in house.store.rows if row.id == day.STAR)
    house.store.rows.append(replace(star, id="c-hidden", ani="anonymous"))
    answer = client.post(path, json=body, headers=bearer(who))
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:line400:problem:{code}")
    assert asked(house) == []


def test_the_board_shows_it_as_a_call_of_that_agent(house: House) -> None:
    board = LiveBoard(day.DIRECTORY)
    house.log.post("c", CallStarted("internal", "101", "13900139000"))
    house.log.post("c", CallPlaced("101", "phone", day.LINE, "+8613900139000", "carrier"))
    house.log.post("c", TalkStarted("101"))
    for event in house.log.events:
        board.apply(event)
    (call,) = board.snapshot(day.NOW, None).calls
    assert (call.direction, call.number, call.line, call.agent, call.stage) == (
        "outbound", "+8613900139000", day.LINE, "101", "talking",
    )  # fmt: skip

"""An agent's own page over HTTP: what he has in hand, his wrap-up, and who called before."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from acd.facts import AgentStateChanged
from acd.supervision_facts import AgentForced
from console.ports import PauseEntry
from tests.unit.console import day
from tests.unit.console.fakes import House

Bearer = Callable[[str], dict[str, str]]
DESK = "/api/v1/agents/101/desk"
WRAP_UP = "/api/v1/agents/101/wrap-up"


def test_an_agent_sees_his_wrap_up_lengthens_and_ends_it(client: TestClient, house: House, bearer: Bearer) -> None:
    wang = bearer("wang")
    assert client.get(DESK, headers=wang).json()["work"] == {
        "call_id": "", "queue": "", "then": "available", "wrap_up": None
    }  # fmt: skip
    house.desks.wrap_up("101", day.STAR, day.NOW)
    view = client.get(DESK, headers=wang).json()
    assert view["work"]["wrap_up"] == {
        "call_id": day.STAR, "queue": "sales", "began_at": day.NOW, "until": day.NOW + 60, "latest": day.NOW + 600,
        "extend_s": 30.0, "extends_left": 1, "owed": False,
    }  # fmt: skip
    assert (view["agent"]["state"], view["agent"]["until"]) == ("wrap_up", day.NOW + 60)
    answer = client.post(f"{WRAP_UP}/extend", headers=wang)
    assert (answer.status_code, answer.json()["agent"]["until"]) == (202, day.NOW + 90)
    assert client.post(f"{WRAP_UP}/extend", headers=wang).status_code == 409
    assert client.post(f"{WRAP_UP}/finish", headers=wang).json()["agent"]["until"] is None
    assert client.post(f"{WRAP_UP}/finish", headers=wang).status_code == 409
    assert house.log.facts(AgentForced) == []


def test_a_supervisor_does_it_for_him_and_that_is_on_record(client: TestClient, house: House, bearer: Bearer) -> None:
    house.desks.wrap_up("101", day.STAR, day.NOW)
    assert client.post(f"{WRAP_UP}/extend", headers=bearer("boss")).status_code == 202
    acts = client.get("/api/v1/audit", headers=bearer("boss")).json()
    assert [(act["name"], act["data"]["agent"], act["data"]["by"]) for act in acts] == [("agent.forced", "101", "boss")]


@pytest.mark.parametrize(
    ("who", "path", "status", "code"),
    [
        ("wang", "/api/v1/agents/102/wrap-up/extend", 403, "role"),
        ("guest", f"{WRAP_UP}/finish", 403, "role"),
        ("boss", "/api/v1/agents/999/wrap-up/finish", 404, "no_such"),
    ],
)
def test_who_may_not_and_what_cannot_be(
    client: TestClient, bearer: Bearer, who: str, path: str, status: int, code: str
) -> None:
    answer = client.post(path, headers=bearer(who))
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:line400:problem:{code}")


def test_a_pause_is_planned_as_configured_or_as_he_says(client: TestClient, house: House, bearer: Bearer) -> None:
    wang, path = bearer("wang"), "/api/v1/agents/101/state"

    def pause(**body: object) -> float:
        answer = client.put(path, json={"state": "paused", **body}, headers=wang)
        assert answer.status_code == 202
        last = house.log.facts(AgentStateChanged)[-1]
        assert isinstance(last, AgentStateChanged)
        assert last.until == (day.NOW + answer.json()["planned_s"] if answer.json()["planned_s"] else 0.0)
        return last.until

    assert pause(reason="随便") == 0.0, "where no reasons are configured any is one"
    house.deps.directory.pauses = (PauseEntry("用餐", "Meal", 30.0), PauseEntry("培训"))
    try:
        assert pause(reason="用餐") == day.NOW + 1800
        assert pause(reason="用餐", minutes=5) == day.NOW + 300
        assert pause(reason="培训") == 0.0
        answer = client.put(path, json={"state": "paused", "reason": "随便"}, headers=wang)
        assert (answer.status_code, answer.json()["where"]) == (422, "body.reason")
    finally:
        house.deps.directory.pauses = ()


def test_earlier_calls_of_the_number_are_masked_for_agents(client: TestClient, house: House, bearer: Bearer) -> None:
    """The star's caller called twice."""
    star = next(row for row in house.store.rows if row.id == day.STAR)
    later = next((row for row in house.store.rows if row.ani == star.ani and row.id != day.STAR), star)
    last = max(star, later, key=lambda row: row.started_at)
    path = f"/api/v1/calls/{last.id}/earlier"
    [whole] = client.get(path, headers=bearer("boss")).json()
    [masked] = client.get(path, headers=bearer("wang")).json()
    assert whole["ani"] == star.ani
    assert "****" in masked["ani"]
    assert client.get("/api/v1/calls/c-none/earlier", headers=bearer("wang")).json() == []

"""Queues' rules over the API: for those who look after the house."""

from collections.abc import Callable

from fastapi.testclient import TestClient

from tests.unit.console import day

SignIn = Callable[[str], dict[str, str]]


def test_queues_are_shown_to_admins_and_supervisors(client: TestClient, bearer: SignIn) -> None:
    assert client.get("/api/v1/queues").status_code == 401
    for who in ("wang", "guest"):
        assert client.get("/api/v1/queues", headers=bearer(who)).status_code == 403
    for who in ("admin", "boss"):
        (queue,) = client.get("/api/v1/queues", headers=bearer(who)).json()
        assert (queue["id"], queue["status"], queue["refuses"], queue["opens_at"]) == (
            "sales", "closed", "closed", day.NOW + 3600,
        )  # fmt: skip
        assert queue["overflow"] == ["queue:service", "voicemail:sales"]


def test_everybody_is_told_which_queues_are_closed_until_when(client: TestClient, bearer: SignIn) -> None:
    assert client.get("/api/v1/queues/hours").status_code == 401
    for who in ("wang", "guest", "boss"):
        answer = client.get("/api/v1/queues/hours", headers=bearer(who)).json()
        assert answer == [{"id": "sales", "title": "购车咨询", "status": "closed", "opens_at": day.NOW + 3600}]


def test_callers_who_came_while_a_queue_was_closed(client: TestClient, bearer: SignIn) -> None:
    report = client.get("/api/v1/reports/closed", headers=bearer("boss")).json()
    assert report["figures"] == {"came": 4, "holiday": 0, "calls": 4}
    assert set(report["formulas"]) == set(report["figures"])
    hours = [(cell["queue"], cell["line"], cell["hour"], cell["came"]) for cell in report["hours"]]
    assert hours == [("sales", day.LINE, 6, 1), ("sales", day.LINE, 7, 2), ("service", day.LINE, 7, 1)]
    first = report["items"][0]
    assert (first["call_id"], first["number"], first["why"]) == ("c-early-3", "+8613700000003", "closed")
    masked = client.get("/api/v1/reports/closed?queue=service", headers=bearer("wang")).json()
    assert [item["number"] for item in masked["items"]] == ["+86137****0001"]
    table = client.get("/api/v1/reports/closed.csv?queue=sales", headers=bearer("wang")).text.splitlines()
    assert len(table) == 1 + 3 + 2 + 3 and "137****0003" in table[1] and table[1].split(",")[3] == "sales"
    assert client.get("/api/v1/reports/closed.xlsx", headers=bearer("boss")).content[:2] == b"PK"
    long = "/api/v1/reports/closed?from=2026-01-01&to=2026-11-01"
    assert client.get(long, headers=bearer("boss")).status_code == 422

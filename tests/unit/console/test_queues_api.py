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

"""Agents' phones over the API: for those who look after agents, since addresses stand there."""

from collections.abc import Callable

from fastapi.testclient import TestClient

SignIn = Callable[[str], dict[str, str]]


def test_supervisors_see_every_phone(client: TestClient, bearer: SignIn) -> None:
    for who in ("boss", "admin"):
        alive, silent = client.get("/api/v1/phones", headers=bearer(who)).json()
        assert (alive["agent"], alive["state"], alive["round_trip_ms"]) == ("101", "alive", 12.5)
        assert (alive["address"], alive["user_agent"]) == ("udp:198.51.100.4:5060", "Yealink SIP-T46S 66.86.0.15")
        assert (silent["agent"], silent["state"], silent["fixed"]) == ("102", "silent", True)


def test_others_see_no_addresses(client: TestClient, bearer: SignIn) -> None:
    for who in ("wang", "guest"):
        assert client.get("/api/v1/phones", headers=bearer(who)).status_code == 403
    assert client.get("/api/v1/phones").status_code == 401

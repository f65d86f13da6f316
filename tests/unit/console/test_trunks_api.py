"""The trunks over the API: for those who look after the house."""

from collections.abc import Callable

from fastapi.testclient import TestClient

SignIn = Callable[[str], dict[str, str]]


def test_trunks_are_shown_to_admins_and_supervisors(client: TestClient, bearer: SignIn) -> None:
    assert client.get("/api/v1/trunks").status_code == 401
    for who in ("wang", "guest"):
        assert client.get("/api/v1/trunks", headers=bearer(who)).status_code == 403
    for who in ("admin", "boss"):
        (trunk,) = client.get("/api/v1/trunks", headers=bearer(who)).json()
        assert (trunk["name"], trunk["calls"], trunk["max_calls"], trunk["registered_for_s"]) == (
            "carrier",
            28,
            30,
            412.0,
        )
        assert trunk["addresses"][0] == {
            "address": "udp:203.0.113.5:5060", "pulse": "down", "round_trip_ms": None, "failures": 3, "avoided_s": 31.5,
        }  # fmt: skip

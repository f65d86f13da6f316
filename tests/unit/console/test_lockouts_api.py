"""Who is locked out for wrong SIP passwords, and the end of it over the API."""

from collections.abc import Callable
from typing import cast

from fastapi.testclient import TestClient

from telephony.security_facts import LockLifted
from tests.unit.console import day
from tests.unit.console.fakes import House

SignIn = Callable[[str], dict[str, str]]
GUESSER, WORSE = "198.51.100.66", "2001:db8:1:2::/64"


def guess(house: House) -> None:
    for _ in range(6):
        house.defence.proved_wrong("101", GUESSER, day.NOW)
    for user in range(30):
        house.defence.proved_wrong(f"<b>{user}", "2001:db8:1:2::7", day.NOW)


def test_supervisors_see_and_lift_lock_outs(client: TestClient, bearer: SignIn, house: House) -> None:
    guess(house)
    for who in ("wang", "guest"):
        assert client.get("/api/v1/lockouts", headers=bearer(who)).status_code == 403
        assert client.post("/api/v1/lockouts/lift", json={"source": GUESSER}, headers=bearer(who)).status_code == 403
    assert client.get("/api/v1/lockouts").status_code == 401
    boss = bearer("boss")
    rows = client.get("/api/v1/lockouts", headers=boss).json()
    assert rows == [
        {"source": WORSE, "user": "", "wrong": 30, "since": day.NOW, "until": day.NOW + 512},
        {"source": GUESSER, "user": "101", "wrong": 6, "since": day.NOW, "until": day.NOW + 1},
    ]
    left = client.post("/api/v1/lockouts/lift", json={"source": WORSE}, headers=boss)
    assert [row["source"] for row in left.json()] == [GUESSER]
    assert house.log.facts(LockLifted) == [LockLifted(WORSE, 1, "boss")]
    again = client.post("/api/v1/lockouts/lift", json={"source": WORSE}, headers=boss)
    assert again.status_code == 404 and "not locked out" in again.json()["title"]
    assert client.post("/api/v1/lockouts/lift", json={"source": ""}, headers=boss).status_code == 422
    assert house.defence.may_prove("x", "2001:db8:1:2::8", day.NOW, at_home=False)
    assert not house.defence.may_prove("101", GUESSER, day.NOW, at_home=False)
    assert len(cast("list[object]", house.log.facts(LockLifted))) == 1

"""Signing in, the cookie, CSRF, the limit on attempts, roles."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from console.accounts import check_password, ensure_admin, reset_password
from console.guard import CHECK_EVERY_S
from console.limits import FailureLimit
from console.passwords import NO_ACCOUNT_HASH, fresh_password, hash_password, verify_password
from core.ids import CountingEntropy
from tests.unit.console.fakes import PASSWORD, FakeAccounts, House

Bearer = Callable[[str], dict[str, str]]
SESSION = "/api/v1/session"


def sign_in(client: TestClient, name: str = "boss", password: str = PASSWORD) -> dict[str, str]:
    answer = client.post(SESSION, json={"name": name, "password": password})
    assert answer.status_code == 200, answer.text
    view: dict[str, str] = answer.json()
    return view


def test_sign_in_sets_a_cookie_that_scripts_and_other_sites_cannot_use(client: TestClient) -> None:
    answer = client.post(SESSION, json={"name": "boss", "password": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie and "path=/" in cookie
    assert answer.json()["token"] is None  # the cookie's token is not shown to scripts
    assert client.get(SESSION).json()["name"] == "boss"


def test_secrets_are_refused_in_words(client: TestClient) -> None:
    wrong = client.post(SESSION, json={"name": "boss", "password": "no"})
    unknown = client.post(SESSION, json={"name": "nobody", "password": "no"})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()  # nobody learns which names exist
    assert wrong.headers["content-type"] == "application/problem+json"
    assert wrong.json()["title"] == "name or password is wrong" and "line400 users passwd" in wrong.json()["mend"]


def test_everything_but_health_and_sign_in_is_closed(client: TestClient) -> None:
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    open_ones = {
        path
        for path, methods in paths.items()
        if "get" in methods and client.get(path.replace("{kind}", "csv")).status_code not in (401, 404)
    }
    assert open_ones == {"/api/v1/health"}
    assert client.get("/api/v1/calls").json()["type"] == "urn:line400:problem:not_signed_in"
    assert client.put("/api/v1/agents/101/state", json={"state": "available"}).status_code == 401


def test_a_change_by_cookie_needs_the_csrf_token_and_the_same_origin(client: TestClient) -> None:
    csrf = sign_in(client)["csrf"]
    path, body = "/api/v1/agents/101/state", {"state": "available"}
    assert client.put(path, json=body).json()["type"] == "urn:line400:problem:csrf"
    assert client.put(path, json=body, headers={"X-CSRF-Token": "x" * 43}).status_code == 403
    foreign = {"X-CSRF-Token": csrf, "Origin": "http://evil.example"}
    assert client.put(path, json=body, headers=foreign).status_code == 403
    ours = {"X-CSRF-Token": csrf, "Origin": "http://127.0.0.1:8400"}
    assert client.put(path, json=body, headers=ours).status_code == 202
    assert client.get("/api/v1/agents", headers={"Origin": "http://127.0.0.1:8400"}).status_code == 200


def test_sign_in_from_another_site_is_refused(client: TestClient) -> None:
    headers = {"Origin": "http://evil.example"}
    answer = client.post(SESSION, json={"name": "boss", "password": PASSWORD}, headers=headers)
    assert answer.status_code == 403 and "set-cookie" not in answer.headers


def test_sign_out_ends_the_session_for_good(client: TestClient) -> None:
    csrf = sign_in(client)["csrf"]
    token = client.cookies["line400_session"]
    assert client.delete(SESSION, headers={"X-CSRF-Token": csrf}).status_code == 204
    assert client.get(SESSION, headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_a_session_ends_when_nobody_uses_it(client: TestClient, house: House, bearer: Bearer) -> None:
    who = bearer("boss")
    house.clock.advance(house.deps.settings.session_s - 1)
    assert client.get(SESSION, headers=who).status_code == 200  # which prolongs it
    house.clock.advance(house.deps.settings.session_s - 1)
    assert client.get(SESSION, headers=who).status_code == 200
    house.clock.advance(house.deps.settings.session_s)
    answer = client.get(SESSION, headers=who)
    assert answer.status_code == 401 and answer.json()["title"] == "the session has ended"


def test_after_five_failures_even_the_right_password_waits(client: TestClient, house: House) -> None:
    for _ in range(5):
        assert client.post(SESSION, json={"name": "boss", "password": "no"}).status_code == 401
    answer = client.post(SESSION, json={"name": "boss", "password": PASSWORD})
    assert answer.status_code == 429 and 0 < int(answer.headers["Retry-After"]) <= 61
    sign_in(client, "admin")  # another name is not held up
    house.clock.advance(61)
    sign_in(client)


def test_limit_is_a_sliding_window_per_key() -> None:
    limit = FailureLimit(most=2, window_s=10.0)
    limit.failed("a", 0.0)
    limit.failed("a", 4.0)
    assert limit.wait_s("a", 5.0) == 5.0 and limit.wait_s("b", 5.0) == 0.0
    assert limit.wait_s("a", 10.5) == 0.0
    limit.failed("a", 11.0)
    assert limit.wait_s("a", 12.0) == 2.0
    limit.succeeded("a")
    assert limit.wait_s("a", 12.0) == 0.0


def test_a_password_that_must_change_opens_nothing_else(client: TestClient) -> None:
    csrf = sign_in(client, "fresh")["csrf"]
    refused = client.get("/api/v1/calls")
    assert refused.status_code == 403 and refused.json()["type"].endswith("password_must_change")
    path, headers = f"{SESSION}/password", {"X-CSRF-Token": csrf}
    assert client.put(path, json={"old": "no", "new": "long enough"}, headers=headers).status_code == 403
    assert client.put(path, json={"old": PASSWORD, "new": PASSWORD}, headers=headers).status_code == 422
    assert client.put(path, json={"old": PASSWORD, "new": "short"}, headers=headers).status_code == 422
    assert client.put(path, json={"old": PASSWORD, "new": "long enough"}, headers=headers).status_code == 200
    assert client.get("/api/v1/calls").status_code == 200


def test_a_new_password_ends_all_other_sessions(client: TestClient, bearer: Bearer) -> None:
    other, mine = bearer("wang"), bearer("wang")
    answer = client.put(f"{SESSION}/password", json={"old": PASSWORD, "new": "another one"}, headers=mine)
    assert client.get(SESSION, headers=other).status_code == 401
    assert client.get(SESSION, headers={"Authorization": f"Bearer {answer.json()['token']}"}).status_code == 200


@pytest.mark.parametrize("change", ["removed", "hash", "role", "agent"])
def test_an_account_changed_from_outside_loses_its_sessions(
    client: TestClient, house: House, bearer: Bearer, change: str
) -> None:
    wang, boss = bearer("wang"), bearer("boss")
    kept = house.accounts.kept
    match change:
        case "removed":
            del kept["wang"]
        case "hash":
            kept["wang"] = replace(kept["wang"], hash="other")
        case "role":
            kept["wang"] = replace(kept["wang"], role="viewer")
        case _:
            kept["wang"] = replace(kept["wang"], agent="102")
    house.clock.advance(CHECK_EVERY_S)
    assert client.get("/api/v1/calls", headers=wang).status_code == 401
    assert client.get("/api/v1/health", headers=wang).json()["components"] == []
    assert client.get("/api/v1/calls", headers=boss).status_code == 200


def test_the_account_is_looked_up_seldom_and_a_store_that_is_away_signs_nobody_out(
    client: TestClient, house: House, bearer: Bearer
) -> None:
    boss, before = bearer("boss"), house.accounts.lookups
    for _ in range(5):
        assert client.get(SESSION, headers=boss).status_code == 200
    assert house.accounts.lookups == before
    house.clock.advance(CHECK_EVERY_S)
    for _ in range(5):
        assert client.get(SESSION, headers=boss).status_code == 200
    assert house.accounts.lookups == before + 1
    house.accounts.away = True
    house.clock.advance(CHECK_EVERY_S)
    assert client.get("/api/v1/health", headers=boss).json()["components"]


@pytest.mark.parametrize(
    ("name", "agent", "status"),
    [("boss", "102", 202), ("admin", "102", 202), ("wang", "101", 202), ("wang", "102", 403), ("guest", "101", 403)],
)
def test_who_may_change_whose_state(client: TestClient, bearer: Bearer, name: str, agent: str, status: int) -> None:
    answer = client.put(f"/api/v1/agents/{agent}/state", json={"state": "available"}, headers=bearer(name))
    assert answer.status_code == status


async def test_the_first_admin_gets_a_password_once() -> None:
    accounts = FakeAccounts()
    password = await ensure_admin(accounts, CountingEntropy())
    assert password is not None and len(password) == 19
    admin = await check_password(accounts, "admin", password)
    assert admin is not None and admin.role == "admin"
    assert password not in admin.hash
    assert await ensure_admin(accounts, CountingEntropy()) is None
    again = await reset_password(accounts, "admin", lambda size: b"\x07" * size)
    assert again != password
    assert await check_password(accounts, "admin", password) is None
    assert await check_password(accounts, "admin", again) is not None


def test_password_hashes() -> None:
    kept = hash_password("secret", bytes(16))
    assert verify_password("secret", kept) and not verify_password("Secret", kept)
    for broken in ("", "plain", "scrypt$x$8$1$AA==$AA==", "scrypt$16384$8$1$!$!", NO_ACCOUNT_HASH):
        assert not verify_password("secret", broken)
    assert fresh_password(lambda size: bytes(range(size))) == "2345-6789-abcd-efgh"

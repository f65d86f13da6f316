"""Lists of contacts over the API: who may hand them over, how large they may be, what is told of them."""

from collections.abc import Callable
from typing import cast

import pytest
from fastapi.testclient import TestClient

from campaigns.list_file import Wanted
from console import body_limit
from tests.unit.console.fakes import House
from tests.unit.console.lists_fake import FakeLists

SignIn = Callable[[str], dict[str, str]]
LISTS = "/api/v1/lists"
INTO = {"campaign": "return-visit-nov", "name": "名单.csv"}
CONTENT = "姓名,手机\n".encode("gb18030") + 10_000 * b"x,13800138000\n"


def test_a_list_is_handed_over_looked_at_and_taken(client: TestClient, bearer: SignIn, house: House) -> None:
    boss = bearer("boss")
    fake = cast("FakeLists", house.deps.lists)
    assert client.get(LISTS, headers=boss).json() == {"campaigns": ["return-visit-nov"], "lists": []}
    assert len(CONTENT) > body_limit.MAX_BODY
    made = client.post(LISTS, params=INTO, content=CONTENT, headers=boss)
    assert made.status_code == 201, made.text
    path = f"{LISTS}/{made.json()['id']}"
    assert fake.content[made.json()["id"]] == CONTENT
    assert (made.json()["state"], made.json()["look"]["encoding"]) == ("checked", "gb18030")
    wanted = {"encoding": "utf-8-sig", "numbers": ["手机", "座机"], "name": "姓名"}
    assert client.post(f"{path}/check", json=wanted, headers=boss).status_code == 202
    assert fake.asked == [(made.json()["id"], Wanted("utf-8-sig", "", "", ("手机", "座机"), "姓名"))]
    assert client.get(f"{path}/rejects.csv", headers=boss).status_code == 404
    assert client.post(f"{path}/take", headers=boss).json()["taken"]["accepted"] == 2
    assert client.post(f"{path}/take", headers=boss).status_code == 409
    assert client.get(f"{path}/rejects.csv", headers=boss).text.endswith("行号 line\n4\n")
    assert client.get(path, headers=boss).json()["state"] == "taken"
    assert client.delete(path, headers=boss).status_code == 204
    assert client.delete(path, headers=boss).status_code == client.get(path, headers=boss).status_code == 404


def test_only_supervisors_and_admins_hand_lists_over(client: TestClient, bearer: SignIn, house: House) -> None:
    for who in ("wang", "guest"):
        assert client.post(LISTS, params=INTO, content=b"x", headers=bearer(who)).status_code == 403
        assert client.get(LISTS, headers=bearer(who)).status_code == 403
    assert client.post(LISTS, params=INTO, content=b"x").status_code == 401
    assert cast("FakeLists", house.deps.lists).content == {}
    other = {**INTO, "campaign": "none"}
    assert client.post(LISTS, params=other, content=b"x", headers=bearer("admin")).status_code == 404


def test_a_list_has_bounds_and_all_else_narrow_ones(
    client: TestClient, bearer: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    boss = bearer("boss")
    monkeypatch.setattr(body_limit, "MAX_BYTES", len(CONTENT) - 1)
    large = client.post(LISTS, params=INTO, content=CONTENT, headers=boss)
    assert large.status_code == 413 and str(len(CONTENT) - 1) in large.json()["title"]
    assert client.post(f"{LISTS}/l-0/check", content=CONTENT, headers=boss).status_code == 413
    assert client.put(LISTS, content=CONTENT, headers=boss).status_code == 413

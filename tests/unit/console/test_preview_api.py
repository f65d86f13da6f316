"""Whom an agent is to call, over HTTP: who sees him, who decides, and what cannot be."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from console.app import create_app
from console.preview_views import PreviewView
from core.errors import LocalProtocolError
from tests.unit.console.fakes import PASSWORD, House

Bearer = Callable[[str], dict[str, str]]
PREVIEW = "/api/v1/agents/101/preview"
SHOWN = PreviewView(
    "a-1", "spring", 7, "王先生", "+8613800138000", {"车型": "轩逸"}, ["busy", "no_answer"], 1000.0, 1060.0
)


class FakePreviews:
    """101 sees one contact; ``asked`` holds what he has decided, ``rings``: phones ring after he has dialled."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.shown = SHOWN
        self.rings = False

    def of(self, agent: str) -> PreviewView | None:
        if agent == "101" and self.rings and self.asked:
            return replace(self.shown, calling=True)
        return self.shown if agent == "101" and not self.asked else None

    async def dial(self, agent: str, attempt: str) -> None:
        self._decide(agent, attempt, "dial")

    def skip(self, agent: str, attempt: str, reason: str) -> None:
        self._decide(agent, attempt, "skip", reason)

    def _decide(self, agent: str, attempt: str, *what: str) -> None:
        shown = self.of(agent)
        if shown is None or shown.calling or attempt != SHOWN.attempt:
            raise LocalProtocolError("not shown any more")
        self.asked.append((agent, attempt, *what))


@pytest.fixture
def previews() -> FakePreviews:
    return FakePreviews()


@pytest.fixture
def client(house: House, previews: FakePreviews) -> Iterator[TestClient]:
    app = create_app(replace(house.deps, previews=previews))
    with TestClient(app, base_url="http://127.0.0.1:8400") as client:
        yield client


def test_he_sees_him_masked_and_dials(client: TestClient, previews: FakePreviews, bearer: Bearer) -> None:
    wang = bearer("wang")
    told = client.get(PREVIEW, headers=wang).json()
    assert told["number"] == "+86138****8000"
    assert (told["name"], told["fields"], told["tries"]) == ("王先生", {"车型": "轩逸"}, ["busy", "no_answer"])
    assert (told["shown_at"], told["until"], told["attempt"]) == (1000.0, 1060.0, "a-1")
    assert client.get(PREVIEW, headers=bearer("boss")).json()["number"] == SHOWN.number
    assert client.post(f"{PREVIEW}/dial", json={"attempt": "a-1"}, headers=wang).status_code == 202
    assert previews.asked == [("101", "a-1", "dial")]
    assert client.get(PREVIEW, headers=wang).json() is None
    assert client.post(f"{PREVIEW}/dial", json={"attempt": "a-1"}, headers=wang).status_code == 409


def test_he_skips_with_a_reason(client: TestClient, previews: FakePreviews, bearer: Bearer) -> None:
    body = {"attempt": "a-1", "reason": " 现在时间不合适 "}
    assert client.post(f"{PREVIEW}/skip", json=body, headers=bearer("wang")).status_code == 202
    assert previews.asked == [("101", "a-1", "skip", "现在时间不合适")]


@pytest.mark.parametrize(
    ("who", "path", "body", "status"),
    [
        ("boss", "dial", {"attempt": "a-1"}, 403),
        ("chief", "dial", {"attempt": "a-1"}, 403),
        ("guest", "skip", {"attempt": "a-1", "reason": "x"}, 403),
        ("wang", "dial", {"attempt": "a-0"}, 409),
        ("wang", "dial", {}, 422),
        ("wang", "skip", {"attempt": "a-1"}, 422),
        ("wang", "skip", {"attempt": "a-1", "reason": "  "}, 422),
    ],
)
def test_who_may_not_and_what_cannot_be(
    client: TestClient, previews: FakePreviews, bearer: Bearer, who: str, path: str, body: dict[str, str], status: int
) -> None:
    assert client.post(f"{PREVIEW}/{path}", json=body, headers=bearer(who)).status_code == status
    assert previews.asked == []


def test_a_house_that_shows_nobody(house: House) -> None:
    with TestClient(create_app(house.deps), base_url="http://127.0.0.1:8400") as client:
        client.post("/api/v1/session", json={"name": "wang", "password": PASSWORD})
        assert client.get(PREVIEW).json() is None


def test_who_may_not_look(client: TestClient, bearer: Bearer) -> None:
    assert client.get("/api/v1/agents/102/preview", headers=bearer("wang")).status_code == 403
    assert client.get(PREVIEW).status_code == 401

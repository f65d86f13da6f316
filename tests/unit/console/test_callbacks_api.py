"""Customers to call back over the API: who may see and do what, and the log knows who did it."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from console.app import create_app
from console.callback_views import CallbackTryView, CallbackView
from console.masks import mask_detail
from console.sessions import Session
from console.views import CallDetail
from core.errors import LocalProtocolError
from tests.unit.console import day
from tests.unit.console.fakes import House

SignIn = Callable[[str], dict[str, str]]
ONE = CallbackView("b-1", "sales", "+8613800138000", "c-1", day.NOW - 300, day.NOW + 3600, "waiting", 0)


class FakeCallbacks:
    """One promise; what was asked of it."""

    def __init__(self) -> None:
        self.done: list[tuple[str, str]] = []
        self.rings = False

    def callbacks(self) -> list[CallbackView]:
        return [ONE]

    def cancel(self, callback: str, by: str) -> bool:
        self.done.append(("cancel", by))
        return callback == ONE.id

    def hasten(self, callback: str, by: str) -> bool:
        if self.rings:
            raise LocalProtocolError("the customer is being called just now")
        self.done.append(("call", by))
        return callback == ONE.id


@pytest.fixture
def callbacks() -> FakeCallbacks:
    return FakeCallbacks()


@pytest.fixture
def client(house: House, callbacks: FakeCallbacks) -> Iterator[TestClient]:
    deps = replace(house.deps, callbacks=callbacks)
    with TestClient(create_app(deps), base_url="http://127.0.0.1:8400") as client:
        yield client


def test_everybody_sees_them_and_supervisors_whole_numbers(client: TestClient, bearer: SignIn) -> None:
    assert client.get("/api/v1/callbacks").status_code == 401
    (row,) = client.get("/api/v1/callbacks", headers=bearer("boss")).json()
    assert (row["id"], row["number"], row["state"], row["queue"]) == ("b-1", "+8613800138000", "waiting", "sales")
    (row,) = client.get("/api/v1/callbacks", headers=bearer("wang")).json()
    assert row["number"] == "+86138****8000"


@pytest.mark.parametrize("what", ["cancel", "call"])
def test_supervisors_cancel_and_hasten(client: TestClient, bearer: SignIn, callbacks: FakeCallbacks, what: str) -> None:
    address = f"/api/v1/callbacks/b-1/{what}"
    for who in ("wang", "guest"):
        assert client.post(address, headers=bearer(who)).status_code == 403
    assert client.post(address).status_code == 401
    assert client.post(address, headers=bearer("boss")).status_code == 202
    assert callbacks.done == [(what, "boss")]
    assert client.post(address.replace("b-1", "b-2"), headers=bearer("boss")).status_code == 404


def test_who_is_being_called_is_not_called_twice(client: TestClient, bearer: SignIn, callbacks: FakeCallbacks) -> None:
    callbacks.rings = True
    answer = client.post("/api/v1/callbacks/b-1/call", headers=bearer("boss"))
    assert answer.status_code == 409
    assert "being called" in answer.json()["title"]


def test_the_page_of_a_call_masks_the_number_too() -> None:
    made = [CallbackTryView("c-2", "101", day.NOW, day.NOW, "reached")]
    detail = CallDetail(day.morning()[0][0], [], [], [], [], callback=replace(ONE, made=made))
    guest = Session("guest", "viewer", "", False, "", day.NOW + 60, day.NOW, "")
    masked = mask_detail(detail, guest)
    assert masked.callback is not None
    assert (masked.callback.number, masked.callback.made) == ("+86138****8000", made)

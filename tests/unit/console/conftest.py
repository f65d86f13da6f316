import dataclasses
import gc
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import TypeAdapter

from console.app import create_app
from tests.unit.console.fakes import PASSWORD, House, make_house


@pytest.fixture(scope="session", autouse=True)
def _views_are_read_once() -> None:
    """Hundreds of these tests make an application. Pydantic reads plain dataclasses anew each time it meets one, and
    that was half of the work; it keeps what it has read where it keeps it for its own dataclasses.
    """
    for module in [module for name, module in sys.modules.items() if re.fullmatch(r"console\.\w*views", name)]:
        for view in vars(module).values():
            if isinstance(view, type) and dataclasses.is_dataclass(view):
                view.__pydantic_core_schema__ = TypeAdapter(view).core_schema


@pytest.fixture(scope="package", autouse=True)
def _few_collections() -> Iterator[None]:
    """An application is a hundred thousand objects, and the collector would look at all others for each of them."""
    usual = gc.get_threshold()
    gc.set_threshold(20_000, *usual[1:])
    yield
    gc.set_threshold(*usual)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return make_house(tmp_path)


@pytest.fixture
def client(house: House) -> Iterator[TestClient]:
    with TestClient(create_app(house.deps), base_url="http://127.0.0.1:8400") as client:
        yield client


@pytest.fixture
def bearer(client: TestClient) -> Callable[[str], dict[str, str]]:
    """The headers of someone signed in with a token."""

    def sign_in(name: str) -> dict[str, str]:
        body = {"name": name, "password": PASSWORD, "bearer": True}
        token = client.post("/api/v1/session", json=body).json()["token"]
        return {"Authorization": f"Bearer {token}"}

    return sign_in

"""The calls that came before one, from the same number outside."""

import pytest

from store.store import Store
from telephony.facts import CallStarted
from tests.unit.store.conftest import Desk


@pytest.mark.parametrize(
    ("call", "expected"),
    [("c-3", ["c-2", "c-1"]), ("c-1", []), ("c-out", ["c-3", "c-2"]), ("c-withheld", []), ("c-none", [])],
)
async def test_the_newest_come_first(desk: Desk, store: Store, call: str, expected: list[str]) -> None:
    for name, direction, ani, dnis in (
        ("c-1", "inbound", "+8613800000001", "4008001234"),
        ("c-other", "inbound", "+8613800000002", "4008001234"),
        ("c-anonymous", "inbound", "", "4008001234"),
        ("c-2", "inbound", "+8613800000001", "4008001234"),
        ("c-3", "inbound", "+8613800000001", "4008001234"),
        ("c-out", "outbound", "4008001234", "13800000001"),
        ("c-withheld", "inbound", "", "4008001234"),
    ):
        await store.log.commit(name, CallStarted(direction, ani, dnis))
        desk.clock.advance(60.0)
    assert [row.id for row in await store.calls.earlier(call, limit=2)] == expected

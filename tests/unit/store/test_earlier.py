"""The calls that came before one, from the same number outside and ours to it."""

from collections.abc import Callable

import pytest
from sqlalchemy import Select, text
from sqlalchemy.dialects.sqlite import dialect

from store.earlier import ours, theirs
from store.store import Store
from telephony.facts import CallStarted
from tests.unit.store.conftest import Desk


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("c-2", ["c-1"]),
        ("c-3", ["c-ours", "c-2"]),
        ("c-1", []),
        ("c-out", ["c-3", "c-ours"]),
        ("c-again", ["c-out", "c-3"]),
        ("c-withheld", []),
        ("c-none", []),
    ],
)
async def test_the_newest_come_first(desk: Desk, store: Store, call: str, expected: list[str]) -> None:
    for name, direction, ani, dnis in (
        ("c-1", "inbound", "+8613800000001", "4008001234"),
        ("c-other", "inbound", "+8613800000002", "4008001234"),
        ("c-anonymous", "inbound", "", "4008001234"),
        ("c-2", "inbound", "+8613800000001", "4008001234"),
        ("c-ours", "outbound", "4008001234", "+8613800000001"),
        ("c-3", "inbound", "+8613800000001", "4008001234"),
        ("c-out", "outbound", "4008001234", "13800000001"),
        ("c-again", "inbound", "+8613800000001", "4008001234"),
        ("c-withheld", "inbound", "", "4008001234"),
    ):
        await store.log.commit(name, CallStarted(direction, ani, dnis))
        desk.clock.advance(60.0)
    assert [row.id for row in await store.calls.earlier(call, limit=2)] == expected


@pytest.mark.parametrize(("asked", "index"), [(theirs, "ix_calls_ani_started_at"), (ours, "ix_calls_outward")])
async def test_ten_million_calls_are_not_read_for_it(
    store: Store, asked: Callable[[str, float, int], Select[tuple[object, ...]]], index: str
) -> None:
    statement = asked("+8613800000001", 5.0, 2).compile(dialect=dialect(), compile_kwargs={"literal_binds": True})
    async with store._database.reading() as connection:
        plan = [row.detail for row in await connection.execute(text(f"EXPLAIN QUERY PLAN {statement}"))]
    assert any(index in step for step in plan), plan

"""Callers of closed queues, from facts, and the index by which they are found."""

from sqlalchemy import text

from acd.facts import QueueClosed, QueueEntered
from core.events import Fact
from reports.buckets import zone_of
from reports.closed import ClosedCall, ClosedFigures, ClosedHour, closed_figures, closed_hours
from store.database import Database
from store.store import Store
from telephony.facts import CallStarted
from tests.unit.store.conftest import Desk

T0 = 1_700_000_000.0


async def test_who_came_while_a_queue_was_closed(desk: Desk, store: Store) -> None:
    steps: list[tuple[float, str, Fact]] = [
        (0, "c-1", CallStarted("inbound", "+8613800138001", "4001", "carrier")),
        (1, "c-1", QueueClosed("sales", "closed")),
        (1, "c-1", QueueClosed("parts", "closed")),
        (1, "c-1", QueueClosed("sales", "closed")),  # led there again
        (1800, "c-2", CallStarted("inbound", "", "4002", "carrier")),
        (1, "c-2", QueueClosed("sales", "holiday")),
        (0, "c-3", CallStarted("inbound", "+8613800138003", "4001", "carrier")),
        (0, "c-3", QueueEntered("q-3", "sales")),
    ]
    for seconds, call, fact in steps:
        desk.clock.advance(seconds)
        store.log.post(call, fact)
    await store.log.flush()
    came = await store.closed.of(T0, T0 + 3600)
    assert came == [
        ClosedCall("c-2", "", "4002", "sales", T0 + 1804, "holiday"),
        ClosedCall("c-1", "+8613800138001", "4001", "sales", T0 + 3, "closed"),
        ClosedCall("c-1", "+8613800138001", "4001", "parts", T0 + 2, "closed"),
    ]
    assert [it.call_id for it in await store.closed.of(T0, T0 + 3600, "parts")] == ["c-1"]
    assert await store.closed.of(T0, T0 + 1) == []
    assert closed_figures(came) == ClosedFigures(came=3, holiday=1, calls=2)
    assert closed_hours(came, zone_of("Asia/Shanghai")) == (
        ClosedHour("parts", "4001", 6, 1, 0),
        ClosedHour("sales", "4001", 6, 1, 0),
        ClosedHour("sales", "4002", 6, 1, 1),
    )


async def test_the_log_is_not_read_through_for_them(desk: Desk) -> None:
    await (await desk.open()).close()
    database = Database(desk.url)
    async with database.reading() as connection:
        plan = await connection.execute(
            text("EXPLAIN QUERY PLAN SELECT at FROM events WHERE name = 'queue.closed' AND at >= 1 AND at < 2")
        )
        assert "ix_events_queue_closed" in " ".join(str(row) for row in plan)
    await database.close()

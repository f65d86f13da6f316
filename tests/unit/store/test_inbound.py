"""Inbound calls with what became of them, from facts."""

from sqlalchemy import text

from acd.facts import AgentStateChanged, AgentStatus, QueueClosed, QueueEntered, QueueLeft
from core.events import Fact
from reports.inbound import Handled, Outcome
from store.database import Database
from store.store import Store
from telephony.facts import (
    CallAnswered,
    CallEnded,
    CallStarted,
    TalkEnded,
    TalkStarted,
    TransferCompleted,
    TrunkFull,
)
from tests.unit.store.conftest import Desk

T0 = 1_700_000_000.0
DAY = 86_400.0


async def told(desk: Desk, store: Store, steps: list[tuple[float, str, Fact]]) -> None:
    for seconds, call, fact in steps:
        desk.clock.advance(seconds)
        store.log.post(call, fact)
    await store.log.flush()


def came(ani: str, dnis: str = "4001") -> CallStarted:
    return CallStarted("inbound", ani, dnis, "carrier")


async def test_each_call_once_with_what_became_of_it(desk: Desk, store: Store) -> None:
    steps: list[tuple[float, str, Fact]] = [
        (0, "c-1", came("+8613800138001")),
        (1, "c-1", CallAnswered()),
        (9, "c-1", QueueEntered("q-1", "sales")),
        (20, "c-1", QueueLeft("q-1", "sales", "answered", 20.0, "amy")),
        (0, "c-1", TalkStarted("amy", "sales")),
        (60, "c-1", TalkEnded("amy", 55.0, 5.0, "sales")),
        (0, "", AgentStateChanged("amy", AgentStatus.WRAP_UP, "")),
        (0, "c-1", TransferCompleted("blind", "amy", "102", "bob")),
        (0, "c-1", TalkStarted("bob", "sales")),
        (15, "", AgentStateChanged("amy", AgentStatus.AVAILABLE, "")),
        (15, "c-1", TalkEnded("bob", 30.0, 0.0, "sales")),
        (0, "c-1", CallEnded("hangup", "caller")),
        (10, "c-2", came("+8613800138001")),  # again
        (1, "c-2", CallAnswered()),
        (1, "c-2", QueueClosed("sales", "closed")),
        (5, "c-2", CallEnded("hangup", "caller")),
        (10, "c-3", came("", "4002")),
        (1, "c-3", CallAnswered()),
        (4, "c-3", QueueEntered("q-3", "parts")),
        (40, "c-3", QueueLeft("q-3", "parts", "abandoned", 40.0)),
        (0, "c-3", CallEnded("hangup", "caller")),
        (5, "c-4", came("+8613800138004", "4002")),
        (2, "c-4", CallEnded("cancelled", "caller", 487)),
        (5, "", TrunkFull("carrier", "in", 30, "+8613800138005", "4002", 2)),
        (0, "", TrunkFull("carrier", "out", 30, "4001", "13800138006", 1)),
        (1, "c-7", CallStarted("outbound", "4001", "13800138001", "carrier")),
    ]
    await told(desk, store, steps)
    calls, handled = await store.inbound.of(T0, T0 + 3600, 7)
    assert [(it.number[-1:], it.line, it.outcome) for it in reversed(calls)] == [
        ("1", "4001", Outcome.TALKED),
        ("1", "4001", Outcome.CLOSED),
        ("", "4002", Outcome.ABANDONED),
        ("4", "4002", Outcome.REFUSED),
        ("5", "4002", Outcome.FULL),
    ]
    first, full = calls[-1], calls[0]
    assert (first.queue, first.agent, first.wait_s) == ("sales", "bob", 29.0)
    assert (first.transferred, first.again, first.settled, full.times) == (True, True, False, 2)
    assert handled == [Handled("sales", "amy", 75.0), Handled("sales", "bob", 30.0)]


async def test_a_call_is_settled_when_its_days_are_over(desk: Desk, store: Store) -> None:
    steps: list[tuple[float, str, Fact]] = [
        (0, "c-1", came("+8613800138001")),
        (1, "c-1", CallAnswered()),
        (0, "c-1", TalkStarted("amy")),
        (59, "c-1", CallEnded("hangup", "caller")),
        (0, "c-2", came("")),
        (1, "c-2", TalkStarted("amy")),
        (1, "c-2", CallEnded("hangup", "caller")),
        (2 * DAY, "c-3", came("+8613800138001")),
    ]
    await told(desk, store, steps)
    desk.clock.advance(DAY)

    async def marks(days: int) -> list[tuple[bool, bool]]:
        calls, _ = await store.inbound.of(T0, T0 + 3600, days)
        return [(it.settled, it.again) for it in reversed(calls)]

    assert await marks(1) == [(True, False), (False, False)]  # nobody knows who hid his number
    assert await marks(2) == [(True, False), (False, False)]  # two seconds later than two days
    assert await marks(3) == [(True, True), (False, False)]
    assert await marks(4) == [(False, True), (False, False)]  # not over yet
    assert (await store.inbound.of(T0, T0 + 3600, 3))[0][1].outcome is Outcome.TALKED


async def test_the_log_is_not_read_through_for_them(desk: Desk) -> None:
    await (await desk.open()).close()
    database = Database(desk.url)
    async with database.reading() as connection:
        for name, index in (
            ("transfer.completed", "ix_events_transfer_completed"),
            ("trunk.full", "ix_events_trunk_full"),
        ):
            plan = await connection.execute(
                text(f"EXPLAIN QUERY PLAN SELECT at FROM events WHERE name = '{name}' AND at >= 1 AND at < 2")
            )
            assert index in " ".join(str(row) for row in plan)
    await database.close()

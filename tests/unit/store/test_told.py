"""Told waits, read from the log."""

from acd.facts import QueueEntered, QueueLeft, WaitTold
from reports.told import ToldWait
from store.store import Store
from tests.unit.store.conftest import Desk

T0 = 1_700_000_000.0


async def test_the_wait_runs_from_the_first_telling(desk: Desk, store: Store) -> None:
    def post(call: str, *facts: object) -> None:
        for fact in facts:
            store.log.post(call, fact)  # type: ignore[arg-type]

    for call in ("c-1", "c-2", "c-3", "c-4", "c-5"):
        post(call, QueueEntered(f"q-{call}", "parts" if call == "c-5" else "sales"))
    post("c-3", WaitTold("q-c-3", "sales", 1, 30.0, 10.0, 50.0), QueueLeft("q-c-3", "sales", "interrupted", 0.0))
    post("c-1", WaitTold("q-c-1", "sales", 2, -1.0, -1.0, -1.0))  # his place only
    desk.clock.advance(10)
    post("c-1", WaitTold("q-c-1", "sales", 1, 60.0, 20.0, 100.0))
    desk.clock.advance(30)
    post("c-1", WaitTold("q-c-1", "sales", 0, 5.0, 1.0, 9.0), QueueLeft("q-c-1", "sales", "answered", 40.0, "amy"))
    post("c-2", WaitTold("q-c-2", "sales", 0, 15.0, 5.0, 25.0))
    post("c-5", WaitTold("q-c-5", "parts", 0, 15.0, 5.0, 25.0), QueueLeft("q-c-5", "parts", "abandoned", 40.0))
    desk.clock.advance(7)
    await store.log.flush()
    one = ToldWait("c-1", "sales", 60.0, 20.0, 100.0, 30.0, True)
    two = ToldWait("c-2", "sales", 15.0, 5.0, 25.0, 7.0, False)
    five = ToldWait("c-5", "parts", 15.0, 5.0, 25.0, 0.0, False)
    assert await store.told.of(T0, T0 + 60) == [one, two, five], "c-4 was told nothing, c-3 was cut off by us"
    assert await store.told.of(T0, T0 + 60, "parts") == [five]
    assert await store.told.of(T0 - 60, T0) == []

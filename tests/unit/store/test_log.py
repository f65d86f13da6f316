"""The event log: order, groups, waiting for the disk, a disk that fails."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from acd.facts import AgentStateChanged, QueueEntered
from core.errors import ParseError, Unavailable
from core.events import Event
from store import writer
from store.database import Database
from store.log import EventLog
from store.rows import CallFilter
from store.store import Store
from store.writer import Transaction, Writer
from telephony.facts import CallAnswered, CallEnded, CallStarted, LegStarted, RecordingFinished, RecordingStarted
from tests.unit.store.conftest import Desk

Result = TypeVar("Result")
INBOUND = CallStarted("inbound", "+8613800138000", "4008001234", "carrier")


async def test_facts_are_written_in_order_and_then_published(desk: Desk, store: Store) -> None:
    store.log.post("c-1", INBOUND)
    desk.clock.advance(2)
    store.log.post("c-1", CallAnswered())
    assert desk.heard == []  # nothing is told before it is on disk
    event = await store.log.commit("c-1", CallEnded("normal", "caller"))
    assert event.seq == 3
    assert [heard.fact for heard in desk.heard] == [INBOUND, CallAnswered(), CallEnded("normal", "caller")]
    assert [heard.seq for heard in desk.heard] == [1, 2, 3]
    stored = await store.events.after(0)
    assert [line.name for line in stored] == ["call.started", "call.answered", "call.ended"]
    assert stored[0].fields["ani"] == "+8613800138000"
    assert stored[1].at == stored[0].at + 2
    page = await store.calls.list()
    assert (page.total, page.calls[0].reason, page.calls[0].by) == (1, "normal", "caller")


async def test_many_facts_share_few_transactions(desk: Desk, store: Store) -> None:
    for number in range(1000):
        store.log.post(f"c-{number}", INBOUND)
    await store.log.flush()
    assert [event.seq for event in desk.heard] == list(range(1, 1001))
    assert (await store.calls.list(CallFilter(up=True), limit=1)).total == 1000


async def test_groups_are_larger_the_longer_they_take_to_write(
    desk: Desk, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    groups: list[int] = []
    write_events = Writer.write_events

    async def slowly(self: Writer, batch: Sequence[Event], *, durable: bool) -> list[Event | None]:
        groups.append(len(batch))
        await asyncio.sleep(0.02)
        return await write_events(self, batch, durable=durable)

    monkeypatch.setattr(Writer, "write_events", slowly)
    began = time.monotonic()
    for number in range(100):
        store.log.post(f"c-{number}", INBOUND)
        await asyncio.sleep(0.003)
    await store.log.flush()
    assert sum(groups) == len(desk.heard) == 100
    assert len(groups) <= (time.monotonic() - began) / 0.07 + 2, "50 ms to gather and 20 to write"
    groups.clear()
    store.log.post("c-x", INBOUND)
    await store.log.commit("c-x", CallAnswered())
    assert groups == [2], "who waits for a fact does not wait for others to gather"


async def test_a_new_store_goes_on_counting(desk: Desk) -> None:
    async with await desk.open() as first:
        await first.log.commit("c-1", INBOUND)
    async with await desk.open() as second:
        assert second.log.health().last_seq == 1
        assert (await second.log.commit("c-1", CallAnswered())).seq == 2


async def test_close_writes_what_was_posted(desk: Desk) -> None:
    opened = await desk.open()
    for number in range(500):
        opened.log.post(f"c-{number}", INBOUND)
    await opened.close()
    async with await desk.open() as again:
        assert again.log.health().last_seq == 500


async def test_facts_after_close_are_lost_loudly(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    opened = await desk.open()
    await opened.close()
    opened.log.post("c-1", INBOUND)
    assert opened.log.health().lost == 1
    assert "1 facts lost" in caplog.text
    with pytest.raises(Unavailable):
        await opened.log.commit("c-1", INBOUND)


async def test_a_caller_that_is_cancelled_while_it_waits_does_not_stop_the_log(desk: Desk, store: Store) -> None:
    waiting = asyncio.create_task(store.log.commit("c-1", INBOUND))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert (await store.log.commit("c-2", INBOUND)).seq == 2


async def test_work_that_raises_leaves_nothing_and_the_error_comes_out(desk: Desk, store: Store) -> None:
    def work(transaction: Transaction) -> None:
        transaction.say("c-1", INBOUND)
        raise ParseError("no")

    with pytest.raises(ParseError):
        await store.log.write(work)
    assert desk.heard == []
    assert (await store.log.commit("c-1", INBOUND)).seq == 1


async def test_work_whose_caller_is_cancelled_is_done_and_told(desk: Desk, store: Store) -> None:
    def work(transaction: Transaction) -> None:
        transaction.say("c-1", INBOUND)

    waiting = asyncio.create_task(store.log.write(work))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await store.log.flush()
    assert [event.fact for event in desk.heard] == [INBOUND]


async def test_work_waits_its_turn(desk: Desk, store: Store) -> None:
    store.log.post("c-1", INBOUND)

    def work(transaction: Transaction) -> None:
        transaction.say("c-1", CallAnswered())

    await asyncio.gather(store.log.write(work), store.log.commit("c-1", CallEnded("normal", "agent")))
    assert [event.fact.name for event in desk.heard] == ["call.started", "call.answered", "call.ended"]


async def test_a_fact_that_the_tables_refuse_is_kept_and_the_others_take_effect(
    desk: Desk, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    store.log.post("c-1", INBOUND)
    store.log.post("c-1", INBOUND)  # a call can't begin twice
    store.log.post("c-2", INBOUND)
    await store.log.flush()
    assert [event.seq for event in desk.heard] == [1, 2, 3]
    assert (await store.calls.list()).total == 2
    assert "kept without effect" in caplog.text


async def test_text_that_no_database_takes_is_mended(store: Store) -> None:
    wild = CallStarted("inbound", "\0\ud8003", "400\0")
    await store.log.commit("c-1", wild)
    (call,) = (await store.calls.list()).calls
    assert (call.ani, call.dnis) == ("?3", "400")
    (stored,) = await store.events.after(0)
    assert stored.fields["ani"] == wild.ani  # the log has it as it came


async def test_numbers_of_numpy_and_other_strays_do_not_stop_the_log(store: Store) -> None:
    store.log.post("c-1", RecordingStarted("r-1", Path("day/r-1.wav"), "caller", "agent"))  # type: ignore[arg-type]
    store.log.post("c-1", RecordingFinished("r-1", np.float32(2.5), np.bool_(True)))  # type: ignore[arg-type]
    await store.log.commit("c-1", CallEnded("normal", "caller", 10**30))  # no database has so large a number
    recording = await store.calls.recording("r-1")
    assert recording is not None
    assert (recording.path, recording.duration_s, recording.repaired) == ("day/r-1.wav", 2.5, True)
    assert [event.name for event in await store.events.after(0)] == [
        "recording.started",
        "recording.finished",
        "call.ended",
    ]


async def test_a_fact_that_can_not_be_written_at_all_is_lost_loudly_and_alone(
    desk: Desk, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    store.log.post("c-1", INBOUND)
    with pytest.raises(Unavailable):
        await store.log.commit("\ud800", INBOUND)  # ids are ours; this one no database takes
    assert (await store.log.commit("c-2", INBOUND)).seq == 2
    assert store.log.health().lost == 1
    assert "can't be written at all" in caplog.text


class FailingDatabase(Database):
    """Its disk is full for the first ``failures`` transactions."""

    failures = 0

    async def write(self, work: Callable[[Connection], Result], *, durable: bool = True) -> Result:
        def and_fail(connection: Connection) -> Result:
            result = work(connection)
            if self.failures:
                self.failures -= 1
                raise OperationalError("COMMIT", None, Exception("database or disk is full"))
            return result

        return await super().write(and_fail, durable=durable)


async def test_a_full_disk_raises_the_alarm_and_loses_nothing(
    desk: Desk, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    await (await desk.open()).close()
    monkeypatch.setattr(writer, "RETRY_S", (0.0,))
    database = FailingDatabase(desk.url)
    log = EventLog(database, desk.clock, desk.ids, desk.bus)
    await log.start()
    database.failures = 3
    log.post("c-1", INBOUND)
    log.post("c-1", CallAnswered())
    event = await log.commit("c-1", CallEnded("normal", "caller"))
    assert event.seq == 3
    assert [heard.seq for heard in desk.heard] == [1, 2, 3]
    assert log.health().failing_since is None
    alarms = [record for record in caplog.records if record.levelno == logging.CRITICAL]
    assert len(alarms) == 1
    assert "disk is full" in alarms[0].getMessage()
    await log.close()
    await database.close()


async def test_what_nobody_waits_for_any_more_is_written_all_the_same(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await (await desk.open()).close()
    monkeypatch.setattr(writer, "RETRY_S", (0.01,))
    database = FailingDatabase(desk.url)
    log = EventLog(database, desk.clock, desk.ids, desk.bus)
    await log.start()
    database.failures = 10**9
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await log.commit("c-1", INBOUND)
    log.post("c-1", CallAnswered())
    database.failures = 0
    await log.flush()
    assert [event.fact for event in desk.heard] == [INBOUND, CallAnswered()]
    await log.close()
    await database.close()


async def test_a_full_queue_refuses_instead_of_growing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await (await desk.open()).close()
    monkeypatch.setattr(writer, "RETRY_S", (0.0,))
    database = FailingDatabase(desk.url)
    log = EventLog(database, desk.clock, desk.ids, desk.bus, max_queued=2)
    await log.start()
    for number in range(4):
        log.post("", AgentStateChanged(f"a{number}", "available"))
    assert (log.health().queued, log.health().lost) == (2, 2)
    with pytest.raises(Unavailable):
        await log.commit("", AgentStateChanged("a5", "available"))
    await log.close()
    assert [event.fact for event in desk.heard] == [AgentStateChanged(f"a{n}", "available") for n in range(2)]
    await database.close()


async def test_a_program_that_must_end_does_not_wait_for_ever_for_a_dead_disk(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await (await desk.open()).close()
    monkeypatch.setattr(writer, "RETRY_S", (0.0,))
    monkeypatch.setattr(writer, "GIVE_UP_S", 0.0)
    database = FailingDatabase(desk.url)
    log = EventLog(database, desk.clock, desk.ids, desk.bus)
    await log.start()
    database.failures = 10**9
    waiting = asyncio.create_task(log.commit("c-1", INBOUND))
    await asyncio.sleep(0)
    log.post("c-2", INBOUND)
    await log.close()
    with pytest.raises(Unavailable):
        await waiting
    assert log.health().lost == 2
    await database.close()


async def test_a_reader_that_fails_does_not_stop_the_log(desk: Desk, store: Store) -> None:
    def bad_reader(event: Event) -> None:
        raise ValueError("a bug in a reader")

    reported: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context["exception"]))
    desk.bus.subscribe(bad_reader)
    await store.log.commit("c-1", INBOUND)
    await store.log.commit("c-1", LegStarted("l-1", "caller"))
    await store.log.commit("c-1", QueueEntered("q-1", "sales"))
    assert [str(error) for error in reported] == ["a bug in a reader"] * 3

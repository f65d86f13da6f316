"""Counted half hours say what the entries say, whatever comes late."""

import random
from dataclasses import asdict, replace
from functools import partial

import pytest
from sqlalchemy import select, update

from acd.facts import QueueEntered, QueueLeft
from reports.figures import behind
from reports.formulas import QUEUE_FORMULAS
from reports.model import Bucket, By, Cell, QueueReport, ReportQuery
from reports.queues import queue_report
from reports.rows import EntryRow
from store import half_hours as counting
from store.half_hours import read_kept
from store.rows import CallFilter, Figure
from store.schema import calls, queue_entries
from store.schema_half_hours import half_hours
from store.store import Store
from store.writer import Transaction
from telephony.facts import CallStarted
from tests.unit.store.conftest import Desk

T0 = 1_700_000_000.0  # 14 November 2023, 22:13:20 UTC
DAY_S = 86_400.0
HALF_S = 1800.0
DAYS = ReportQuery(T0, T0 + 3 * DAY_S, thresholds=(("parts", 10.0),))


async def live_through_three_days(desk: Desk, store: Store, seed: int, each: int = 40) -> None:
    """350 calls; some wait for hours, some for ever. What is due is counted after every ``each`` facts."""
    chance = random.Random(seed)
    steps: list[tuple[float, str, CallStarted | QueueEntered | QueueLeft]] = []
    for number in range(350):
        call, entry, queue = f"c-{number}", f"q-{number}", chance.choice(["sales", "service", "parts"])
        at = chance.uniform(0, 3 * DAY_S)
        steps.append((at, call, CallStarted("inbound", "", chance.choice(["4001", "4002", ""]), "carrier")))
        steps.append((at + 8, call, QueueEntered(entry, queue)))
        wait_s = float(chance.choice([0, 3, 5, 10, 20, 45])) if number % 3 else chance.expovariate(1 / 40)
        if number % 50 == 0:
            wait_s = chance.uniform(0, 3 * 3600)
        ends = ["answered", "abandoned", "overflowed", "left_by_key", "called_back"]
        outcome = chance.choices(ends, [80, 12, 4, 2, 2])
        if number % 100 != 99:
            steps.append((at + 8 + wait_s, call, QueueLeft(entry, queue, outcome[0], wait_s)))
    for place, (at, call, fact) in enumerate(sorted(steps, key=lambda step: step[0])):
        desk.clock.advance(T0 + at - desk.clock.now())
        store.log.post(call, fact)
        if place % each == each - 1:
            await store.half_hours.keep_due()
    await store.log.flush()
    desk.clock.advance(HALF_S)
    while await store.half_hours.keep_due():
        pass


async def all_rows(store: Store) -> list[EntryRow]:
    table = queue_entries
    statement = select(table, calls.c.dnis).outerjoin(calls, calls.c.id == table.c.call_id)
    async with store._database.reading() as connection:
        return [
            EntryRow(row.id, row.call_id, row.queue, row.entered_at, row.outcome, row.wait_s, row.agent, row.dnis or "")
            for row in await connection.execute(statement)
        ]


def plain(report: QueueReport) -> list[object]:
    """All cells, with sums of waits to the microsecond: they were added in another order."""

    def cell_of(cell: Cell) -> dict[str, object]:
        found = asdict(cell)
        for waits in ("answered_waits", "abandoned_waits"):
            mean_s = found[waits]["mean_s"]
            found[waits]["mean_s"] = None if mean_s is None else round(mean_s, 6)
        found["asa_s"] = None if cell.asa_s is None else round(cell.asa_s, 6)
        return found

    return [cell_of(cell) for cells in (report.cells, report.buckets, report.queues, [report.total]) for cell in cells]


@pytest.mark.parametrize("seed", [1, 2])
async def test_what_is_counted_is_what_the_entries_say(desk: Desk, store: Store, seed: int) -> None:
    await live_through_three_days(desk, store, seed)
    rows = await all_rows(store)
    async with store._database.reading() as connection:
        kept = await read_kept(connection, DAYS.since, DAYS.until)
    lasting = {row.entered_at // HALF_S * HALF_S for row in rows if row.outcome == ""}
    assert lasting and not lasting & set(kept.starts.tolist())
    assert len(kept.starts) > 3 * 48 - 12
    for query in (
        *(replace(DAYS, bucket=bucket) for bucket in Bucket),
        replace(DAYS, bucket=Bucket.DAY, by=By.LINE),
        replace(DAYS, bucket=Bucket.HOUR, queue="parts", line="4001", fill=True),
        replace(DAYS, since=T0 + 4321.5, until=T0 + DAY_S + 77, bucket=Bucket.HALF_HOUR),
        replace(DAYS, threshold_s=12.5, bucket=Bucket.TOTAL),  # no edge of the kept bins
        replace(DAYS, zone="Asia/Kathmandu", bucket=Bucket.HALF_HOUR),  # its half hours are not ours
    ):
        assert plain(await store.reports.queues(query)) == plain(queue_report(query, rows, 0.0))


async def test_every_figure_opens_the_calls_that_were_counted(desk: Desk, store: Store) -> None:
    await live_through_three_days(desk, store, 4, each=10_000)
    rows = await all_rows(store)
    for query in (DAYS, replace(DAYS, queue="parts", line="4002"), replace(DAYS, week_hour=3 * 24 + 10)):
        for formula in (it for it in QUEUE_FORMULAS if it.unit != "s"):
            wanted = set(behind(rows, formula.key, query).counted)
            if query.week_hour is not None:
                # 1 January 1970 was a Thursday; Shanghai is 8 hours ahead
                hours = {row.id: int(row.entered_at // 3600 + 8 + 3 * 24) % 168 for row in rows}
                wanted = {entry for entry in wanted if hours[entry] == query.week_hour}
            assert await store.reports.behind(query, formula.key, 1000) == len(wanted)
            page = await store.calls.list(CallFilter(behind=Figure(formula.key, query)), limit=500)
            assert {call.id.replace("c", "q") for call in page.calls} == wanted
            assert (page.total, page.entries) == (len(wanted), len(wanted))
    assert await store.reports.behind(DAYS, "offered", 100) == 100


async def test_an_entry_that_comes_late_is_in_the_next_report(desk: Desk, store: Store) -> None:
    await live_through_three_days(desk, store, 5)
    before, open_ = await store.reports.queues(DAYS), await store.half_hours.backlog()
    at = T0 + DAY_S

    def late(transaction: Transaction) -> None:
        transaction.say("c-late", QueueEntered("q-late", "sales"), at=at)

    await store.log.write(late)
    assert await store.half_hours.backlog() == open_ + 1
    assert (await store.reports.queues(DAYS)).total.counts.offered == before.total.counts.offered + 1
    assert await store.half_hours.keep_due() == 0  # he still waits
    store.log.post("c-late", QueueLeft("q-late", "sales", "answered", 40.0, "amy"))
    await store.log.flush()
    for kept in (1, 0):
        after = (await store.reports.queues(DAYS)).total.counts
        assert (after.offered, after.answered) == (before.total.counts.offered + 1, before.total.counts.answered + 1)
        assert await store.half_hours.keep_due() == kept


async def test_an_entry_that_comes_while_its_half_hour_is_counted(
    desk: Desk, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.log.post("c-1", QueueEntered("q-1", "sales"))
    store.log.post("c-1", QueueLeft("q-1", "sales", "abandoned", 3.0))
    await store.log.flush()
    desk.clock.advance(HALF_S)
    write, late = store.log.write, [QueueEntered("q-2", "sales"), QueueLeft("q-2", "sales", "abandoned", 9.0)]

    def say_late(transaction: Transaction) -> None:
        while late:
            transaction.say("c-2", late.pop(0), at=T0 + 1)

    async def slowly(work: object, *, durable: bool = True) -> object:
        if isinstance(work, partial) and work.func is counting._write:
            await write(say_late)
        return await write(work, durable=durable)  # type: ignore[arg-type]

    monkeypatch.setattr(store.log, "write", slowly)
    query = ReportQuery(T0 - 3600, T0 + 3600)
    for kept in (0, 1, 0):
        assert await store.half_hours.keep_due() == kept
        assert (await store.reports.queues(query)).total.counts.offered == 2


async def test_reports_read_what_was_counted_until_it_is_forgotten(desk: Desk, store: Store) -> None:
    await live_through_three_days(desk, store, 6)
    right = plain(await store.reports.queues(DAYS))

    def spoil(transaction: Transaction) -> None:
        transaction.connection.execute(update(half_hours).values(tallies=b"", sums=b""))

    await store.log.write(spoil)
    assert (await store.reports.queues(DAYS)).total.counts.offered < 50
    await store.half_hours.forget()
    assert await store.half_hours.backlog() >= 3 * 48
    assert plain(await store.reports.queues(DAYS)) == right
    while await store.half_hours.keep_due():
        pass
    assert plain(await store.reports.queues(DAYS)) == right
    assert await store.half_hours.backlog() == 3  # three callers wait for ever

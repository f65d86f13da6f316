"""How long reports take, how fast the log writes, and how long both keep the event loop. ``python -m bench.reports
[--json]``.
"""

import argparse
import asyncio
import gc
import json
import os
import platform
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table
from sqlalchemy import insert

from acd.facts import OfferEnded, OfferMade, QueueEntered, QueueLeft
from core.bus import Bus
from core.ids import Ids
from reports.model import Bucket, ReportQuery
from reports.queues import queue_report
from reports.rows import EntryRow
from store.rows import CallFilter
from store.schema import calls, queue_entries
from store.store import Store
from store.writer import Transaction
from telephony.facts import CallEnded, CallStarted, LegOver, LegStarted

DAY_S: Final = 86_400.0
START: Final = 1_772_380_800.0  # midnight in Shanghai, 2 March 2026
DAYS: Final = 30
QUEUES: Final = ("sales", "service", "parts", "complaints")


class WallClock:
    """The machine's time."""

    def now(self) -> float:
        """Epoch seconds."""
        return time.time()


@dataclass(frozen=True, slots=True)
class Measure:
    """One case: wall-clock seconds and CPU seconds of the process; ``loop_late_ms``: the latest that the event loop
    came back (on a busy machine others make it late too); ``turn_cpu_ms``: the most CPU that the loop's own thread
    used for one turn.
    """

    case: str
    amount: int
    wall_s: float
    cpu_s: float
    loop_late_ms: float
    turn_cpu_ms: float


def make_entries(count: int) -> list[EntryRow]:
    """Entries spread over ``DAYS`` days: 85 % answered, waits exponential with a mean of 18 s."""
    chance = random.Random(400)
    entries = []
    for number in range(count):
        at = START + chance.random() * DAYS * DAY_S
        outcome = chance.choices(["answered", "abandoned", "overflowed", "left_by_key", ""], [85, 10, 2, 2, 1])[0]
        wait_s = chance.expovariate(1 / 18) if outcome else None
        entries.append(EntryRow(f"q-{number}", f"c-{number}", chance.choice(QUEUES), at, outcome, wait_s))
    return entries


async def measured(case: str, amount: int, work: Callable[[], Awaitable[object]]) -> Measure:
    """Run ``work`` beside a task that notes how late the loop turns."""
    late_ms = turn_ms = 0.0

    async def watch() -> None:
        nonlocal late_ms, turn_ms
        while True:
            before, used = time.perf_counter(), time.thread_time()
            await asyncio.sleep(0.001)
            late_ms = max(late_ms, 1000 * (time.perf_counter() - before) - 1)
            turn_ms = max(turn_ms, 1000 * (time.thread_time() - used))

    watcher = asyncio.create_task(watch())
    await asyncio.sleep(0.01)
    late_ms = turn_ms = 0.0
    wall, cpu = time.perf_counter(), time.process_time()
    await work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    watcher.cancel()
    return Measure(case, amount, wall, cpu, late_ms, turn_ms)


async def fill(store: Store, entries: list[EntryRow]) -> None:
    """Put the entries (and their calls) straight into the projection."""

    def work(transaction: Transaction) -> None:
        for start in range(0, len(entries), 1000):
            part = entries[start : start + 1000]
            transaction.connection.execute(
                insert(calls),
                [{"id": row.call_id, "direction": "inbound", "started_at": row.entered_at} for row in part],
            )
            rows = [
                {
                    "id": row.id,
                    "call_id": row.call_id,
                    "queue": row.queue,
                    "entered_at": row.entered_at,
                    "left_at": None if row.wait_s is None else row.entered_at + row.wait_s,
                    "outcome": row.outcome,
                    "wait_s": row.wait_s,
                }
                for row in part
            ]
            transaction.connection.execute(insert(queue_entries), rows)

    await store.log.write(work)


def post_call(store: Store, number: int) -> None:
    """The facts of one answered call."""
    call, entry, leg, offer = (f"{kind}-b{number}" for kind in "cqlo")
    store.log.post(call, CallStarted("inbound", "+8613800138000", "4008001234"))
    store.log.post(call, LegStarted(leg, "caller"))
    store.log.post(call, QueueEntered(entry, "sales"))
    store.log.post(call, OfferMade(offer, entry, "sales", "amy"))
    store.log.post(call, OfferEnded(offer, entry, "sales", "amy", "accepted", 3.0))
    store.log.post(call, QueueLeft(entry, "sales", "answered", 3.0, "amy"))
    store.log.post(call, LegOver(leg, "normal"))
    store.log.post(call, CallEnded("normal", "caller"))


async def run(count: int, url: str) -> list[Measure]:
    """All cases on a fresh database."""
    clock = WallClock()
    entries = make_entries(count)
    store = await Store.open(url, clock, Ids(clock, os.urandom), Bus())
    found: list[Measure] = []
    try:
        await fill(store, entries)
        gc.collect()
        gc.freeze()  # as the service does when it has started: what stays is not looked through again and again
        month = ReportQuery(START, START + DAYS * DAY_S)
        for bucket in Bucket:
            query = ReportQuery(month.since, month.until, bucket)
            found.append(await measured(f"report by {bucket.value}", count, partial(store.reports.queues, query)))
        day = ReportQuery(START, START + DAY_S)
        found.append(await measured("report of one day", count // DAYS, lambda: store.reports.queues(day)))
        found.append(await measured("first page of calls", 50, lambda: store.calls.list(CallFilter(queue="sales"))))

        async def posts() -> None:
            for number in range(2000):
                post_call(store, number)
                if number % 20 == 0:
                    await asyncio.sleep(0)
            await store.log.flush()

        found.append(await measured("facts posted", 16_000, posts))

        async def commits() -> None:
            for number in range(200):
                await store.log.commit(f"c-d{number}", CallStarted("inbound", "", ""))

        found.append(await measured("facts committed one by one", 200, commits))
    finally:
        await store.close()
    wall, cpu = time.perf_counter(), time.process_time()
    queue_report(month, entries, START)
    pure = Measure(
        "counting alone, no database", count, time.perf_counter() - wall, time.process_time() - cpu, 0.0, 0.0
    )
    return [*found, pure]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--url", default="", help="another database than a fresh SQLite file (it must be empty)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measures = asyncio.run(run(arguments.entries, arguments.url or f"sqlite:///{Path(folder) / 'bench.db'}"))
    if arguments.json:
        machine = {"python": platform.python_version(), "cores": os.cpu_count(), "machine": platform.machine()}
        cases = [
            {
                "case": it.case,
                "amount": it.amount,
                "wall_s": round(it.wall_s, 4),
                "cpu_s": round(it.cpu_s, 4),
                "loop_late_ms": round(it.loop_late_ms, 1),
                "turn_cpu_ms": round(it.turn_cpu_ms, 1),
            }
            for it in measures
        ]
        sys.stdout.write(json.dumps({"on": machine, "cases": cases}) + "\n")
        return
    table = Table("case", "amount", "wall s", "CPU s", "loop late ms", "CPU of a turn ms")
    for it in measures:
        times = (f"{it.wall_s:.3f}", f"{it.cpu_s:.3f}", f"{it.loop_late_ms:.1f}", f"{it.turn_cpu_ms:.1f}")
        table.add_row(it.case, f"{it.amount:,}", *times)
    Console().print(table)


if __name__ == "__main__":
    main()

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
import sqlite3
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, fields
from functools import partial
from pathlib import Path
from typing import Final

import asyncpg
from rich.console import Console
from rich.table import Table
from sqlalchemy import insert

from acd.facts import OfferEnded, OfferMade, QueueEntered, QueueLeft
from bench import year
from bench.processes import cpu_seconds, descendants
from console.api.call_query import BEHIND_MOST
from console.from_store import StoredQueries
from console.papers import agents_text, calls_list, report_text
from console.papers import behind as papers_behind
from console.ports import CallFilter as PortFilter
from console.report_ports import FigureCell, ReportAsked
from core.bus import Bus
from core.ids import Ids
from reports.model import Bucket, By, ReportQuery
from reports.queues import queue_report
from reports.rows import EntryRow
from store.rows import CallFilter
from store.schema import calls, queue_entries
from store.store import Store
from store.writer import Transaction
from telephony.facts import CallEnded, CallStarted, LegOver, LegStarted
from tests.interop.postgres_server import postgres_server

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


@dataclass(frozen=True, slots=True)
class YearMeasure:
    """A year in ``database``, loaded in ``load_s``: half hours of ``calls``, of which ``calls_in_tables`` are there
    themselves (``counted_anew``: a day of those, counted from the tables, was the same to the byte). Then seconds of
    answers: the report by half hours (all figures of all cells counted), the report by days as the console sends it,
    the same by weeks, by months and dialled number, by hours of the week, the days of half the year compared with the
    half before it, what agents did by months, and the first page of calls behind a figure of one half hour (abandoned)
    and of a day (offered). Each is the least of three; ``cpu_s`` has the CPU for each, of this process and of the
    database's server.
    """

    calls: int
    year_half_hours_s: float
    drill_down_s: float
    database: str
    year_days_s: float
    year_weeks_s: float
    year_lines_s: float
    year_week_hours_s: float
    compared_s: float
    year_agents_s: float
    day_drill_down_s: float
    cpu_s: dict[str, float]
    calls_in_tables: int
    counted_anew: bool
    load_s: float


async def least(work: Callable[[], Awaitable[object]], times: int = 3) -> tuple[float, float]:
    """The least time of ``times`` runs by the clock, and the least CPU of the process and those that it has started;
    seconds.
    """
    found = []
    for _ in range(times):
        wall, cpu = time.perf_counter(), _cpu_s()
        await work()
        found.append((time.perf_counter() - wall, _cpu_s() - cpu))
    walls, cpus = zip(*found, strict=True)
    return round(min(walls), 3), round(min(cpus), 3)


def _cpu_s() -> float:
    return time.process_time() + cpu_seconds(descendants(os.getpid()))


async def measure_year(count: int, url: str, name: str, with_calls: int) -> YearMeasure:
    """Load a year into the empty database at ``url``, the calls themselves of ``with_calls`` days, and ask."""
    clock = WallClock()
    store = await Store.open(url, clock, Ids(clock, os.urandom), Bus())
    try:
        began = time.perf_counter()
        in_tables = await year.load(url, count, with_calls)
        loaded = time.perf_counter()
        counted_anew = await year.counted_anew(store, year.MIDDLE)
        queries = StoredQueries.of(store)
        end = year.START + year.DAYS * DAY_S
        half_hour = year.START + year.MIDDLE * DAY_S + 10 * 3600

        async def page(bucket: Bucket, by: By = By.QUEUE) -> bytes:
            return await report_text(queries, ReportAsked(year.START, end, bucket.value, by=by.value))

        async def compared() -> bytes:
            half = ReportAsked(year.START + year.DAYS // 2 * DAY_S, end, Bucket.DAY.value, compared=True)
            return await report_text(queries, half)

        async def calls_behind(figure: str, length_s: float) -> bytes:
            cell = FigureCell(figure, ReportAsked(half_hour, half_hour + length_s, queue="sales"))
            await papers_behind(queries, cell, BEHIND_MOST)
            return await calls_list(queries, PortFilter(behind=cell), 50, 0, whole=True)

        by_half_hours = ReportQuery(year.START, end, Bucket.HALF_HOUR)
        times = {
            "year_half_hours_s": await least(lambda: store.reports.queues(by_half_hours)),
            "drill_down_s": await least(lambda: calls_behind("abandoned", 1800.0)),
            "year_days_s": await least(lambda: page(Bucket.DAY)),
            "year_weeks_s": await least(lambda: page(Bucket.WEEK)),
            "year_lines_s": await least(lambda: page(Bucket.MONTH, By.LINE)),
            "year_week_hours_s": await least(lambda: page(Bucket.WEEK_HOUR)),
            "compared_s": await least(compared),
            "year_agents_s": await least(lambda: agents_text(queries, year.START, end, bucket="month", states=False)),
            "day_drill_down_s": await least(lambda: calls_behind("offered", DAY_S)),
        }
        return YearMeasure(
            calls=count,
            database=name,
            **{case: wall_s for case, (wall_s, _) in times.items()},
            cpu_s={case: cpu_s for case, (_, cpu_s) in times.items()},
            calls_in_tables=in_tables,
            counted_anew=counted_anew,
            load_s=round(loaded - began, 1),
        )
    finally:
        await store.close()


def measure_years(count: int, databases: Sequence[str], with_calls: int) -> list[YearMeasure]:
    """A year in each of ``databases``, which are made for it and go afterwards."""
    found = []
    if "sqlite" in databases:
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{Path(folder) / 'year.db'}"
            found.append(asyncio.run(measure_year(count, url, f"SQLite {sqlite3.sqlite_version}", with_calls)))
    if "postgresql" in databases:
        # The server's own defaults are for machines with a quarter of a gigabyte.
        with postgres_server("shared_buffers=1GB", "work_mem=64MB", "max_wal_size=8GB", "autovacuum=off") as host:
            found.append(asyncio.run(_in_postgresql(count, host, with_calls)))
    return found


async def _in_postgresql(count: int, host: str, with_calls: int) -> YearMeasure:
    url = f"postgresql://line400@{host}/postgres"
    for attempt in range(100):
        try:
            connection = await asyncpg.connect(url)
            break
        except (OSError, asyncpg.CannotConnectNowError):
            if attempt == 99:
                raise
            await asyncio.sleep(0.1)  # it is just starting
    version = await connection.fetchval("SHOW server_version")
    await connection.close()
    return await measure_year(count, url, f"PostgreSQL {version}", with_calls)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--calls", type=int, default=10_000_000, help="calls of the year; 0: leave the year out")
    parser.add_argument(
        "--days", type=int, default=year.DAYS, help="days of the year whose calls are loaded, besides all half hours"
    )
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both", help="of the year")
    parser.add_argument("--entries", type=int, default=100_000, help="of the month; 0: leave the month out")
    parser.add_argument("--url", default="", help="for the month another database than a fresh SQLite file (empty)")
    arguments = parser.parse_args()
    measures: list[Measure] = []
    if arguments.entries:
        with tempfile.TemporaryDirectory() as folder:
            measures = asyncio.run(run(arguments.entries, arguments.url or f"sqlite:///{Path(folder) / 'bench.db'}"))
    databases = ("sqlite", "postgresql") if arguments.database == "both" else (arguments.database,)
    whole_days = min(max(arguments.days, 3), year.DAYS)
    years = measure_years(arguments.calls, databases, whole_days) if arguments.calls else []
    if arguments.json:
        _print_json(measures, years)
    else:
        _print_tables(measures, years)


def _print_json(measures: Sequence[Measure], years: Sequence[YearMeasure]) -> None:
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
    first, others = years[:1], [asdict(it) for it in years[1:]]
    found = {**(asdict(first[0]) if first else {}), "others": others, "on": machine, "cases": cases}
    sys.stdout.write(json.dumps(found) + "\n")


def _print_tables(measures: Sequence[Measure], years: Sequence[YearMeasure]) -> None:
    screen = Console()
    table = Table("case", "amount", "wall s", "CPU s", "loop late ms", "CPU of a turn ms")
    for it in measures:
        times = (f"{it.wall_s:.3f}", f"{it.cpu_s:.3f}", f"{it.loop_late_ms:.1f}", f"{it.turn_cpu_ms:.1f}")
        table.add_row(it.case, f"{it.amount:,}", *times)
    screen.print(table)
    if years:
        whole = Table("a year", *(it.database for it in years))
        for field in fields(YearMeasure):
            whole.add_row(field.name, *(str(getattr(it, field.name)) for it in years))
        screen.print(whole)


if __name__ == "__main__":
    main()

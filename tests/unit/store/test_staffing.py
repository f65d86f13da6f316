"""Staffing from the log: which days count, what is learnt of them, and the command that shows it."""

import asyncio
import csv
import io
import json
import math
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert
from typer.testing import CliRunner

from core.clock import VirtualClock
from core.errors import ParseError
from core.ids import CountingEntropy, Ids
from reports.erlang import Promise
from reports.forecast import Alike, DayKind
from reports.staffing import StaffingQuery
from service.cli import app
from service.cli_staffing import day_of
from store.day_kinds import kind_of
from store.schema import agent_states, queue_entries, talks
from store.store import Store
from store.writer import Transaction

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEDNESDAY = date(2025, 5, 21)


def nine(day: date) -> float:
    return datetime(day.year, day.month, day.day, 9, tzinfo=SHANGHAI).timestamp()


def rows_of(day: date, calls: int, first_seq: int) -> tuple[list[dict[str, object]], ...]:
    """``calls`` from 09:00 on, a minute apart: every fifth abandoned after 40 s, the others talk for 100 s with 8001,
    who is there from 09:00 to 09:30 and wraps up a sixth of that.
    """
    at, entries, talked = nine(day), [], []
    for number in range(calls):
        name, gone = f"{day}-{number}", number % 5 == 4
        entries.append(
            {"id": f"q-{name}", "call_id": f"c-{name}", "queue": "sales", "entered_at": at + 60 * number}
            | {"wait_s": 40.0 if gone else 5.0, "outcome": "abandoned" if gone else "answered", "agent": "8001"}
        )
        if not gone:
            talked.append(
                {"id": f"t-{name}", "call_id": f"c-{name}", "agent": "8001", "queue": "sales"}
                | {"started_at": at + 60 * number, "ended_at": at + 60 * number + 100, "talk_s": 90.0, "hold_s": 10.0}
            )
    states = [
        {"seq": first_seq + place, "agent": "8001", "at": at + second, "state": state, "reason": ""}
        for place, (second, state) in enumerate([(0, "available"), (1500, "wrap_up"), (1800, "offline")])
    ]
    return entries, talked, states


async def write(store: Store, days: dict[date, int]) -> None:
    def work(transaction: Transaction) -> None:
        for number, (day, calls) in enumerate(days.items()):
            entries, talked, states = rows_of(day, calls, 1_000_000 + 10 * number)
            for table, rows in ((queue_entries, entries), (talks, talked), (agent_states, states)):
                transaction.connection.execute(insert(table), rows)

    await store.log.write(work)


async def opened(folder: Path, now: float) -> Store:
    clock = VirtualClock(now)
    return await Store.open(f"sqlite:///{folder / 'line400.db'}", clock, Ids(clock, CountingEntropy()))


PAST = {
    date(2025, 4, 21): 1,  # the first day of the log
    date(2025, 4, 30): 20,
    date(2025, 5, 7): 20,
    date(2025, 5, 13): 40,
    date(2025, 5, 14): 20,
    WEDNESDAY: 10,
}


async def test_a_call_that_was_passed_on_is_one_in_the_talk_times(tmp_path: Path) -> None:
    async with await opened(tmp_path, nine(WEDNESDAY) + 40_000) as store:
        await write(store, {WEDNESDAY: 2})
        heir: dict[str, object] = {"id": "t-heir", "call_id": f"c-{WEDNESDAY}-0", "agent": "8002", "queue": "sales"}
        heir |= {"started_at": nine(WEDNESDAY) + 100, "ended_at": nine(WEDNESDAY) + 130, "talk_s": 30.0}
        await store.log.write(lambda transaction: transaction.connection.execute(insert(talks), [heir]))
        times = await store.staffing.talk_times(nine(WEDNESDAY), nine(WEDNESDAY) + 1000, "sales")
    assert times == [130.0, 100.0]


async def test_a_day_is_planned_from_its_weekdays_and_set_against_who_was_there(tmp_path: Path) -> None:
    async with await opened(tmp_path, nine(WEDNESDAY) + 40_000) as store:
        await write(store, PAST)
        report = await store.staffing.plan(StaffingQuery(WEDNESDAY, "sales", frozenset({"8001"})))
    assert report.days == (date(2025, 4, 23), date(2025, 4, 30), date(2025, 5, 7), date(2025, 5, 14))
    assert (report.kind, report.alike) == (DayKind.ORDINARY, Alike.WEEKDAY.value)
    slot = report.slots[18]
    assert 15 < slot.calls < 20 and slot.came == 10  # a Wednesday without a call is among them
    assert (slot.there, slot.usual) == (1.0, 0.75)
    # 90 s talk + 10 s hold, and 3 × 300 s of wrap-up for the 48 talks of those Wednesdays.
    assert report.assumed.talk_s == pytest.approx(100.0)
    assert report.assumed.handle_s == pytest.approx(100.0 + 900 / 48)
    # 101 calls before that day: 20 gave up after 40 s each, 81 waited 5 s.
    assert report.assumed.abandoned == 20
    assert report.assumed.patience_s == pytest.approx((20 * 40 + 81 * 5) / 20)
    assert slot.needed >= 1 and report.slots[40].needed == 0


async def test_what_is_said_is_not_learnt(tmp_path: Path) -> None:
    async with await opened(tmp_path, nine(WEDNESDAY)) as store:
        await write(store, PAST)
        query = StaffingQuery(WEDNESDAY, promise=Promise(0.9, 10.0), handle_s=300.0, patience_s=math.inf)
        report = await store.staffing.plan(query)
        assert (report.assumed.handle_s, report.assumed.patience_s, report.assumed.talks) == (300.0, None, 0)
        patient = await store.staffing.plan(StaffingQuery(WEDNESDAY, handle_s=300.0, patience_s=60.0))
        assert (patient.assumed.patience_s, patient.assumed.abandoned) == (60.0, 0)


async def test_too_little_past_is_said(tmp_path: Path) -> None:
    async with await opened(tmp_path, nine(WEDNESDAY)) as store:
        with pytest.raises(ParseError, match="day: the log has fewer than two days"):
            await store.staffing.plan(StaffingQuery(WEDNESDAY))
        await write(store, {date(2025, 5, 6): 1, date(2025, 5, 7): 3, date(2025, 5, 14): 3})
        with pytest.raises(ParseError, match="aht: the log has only"):
            await store.staffing.plan(StaffingQuery(WEDNESDAY))
        found = await store.staffing.plan(StaffingQuery(WEDNESDAY, handle_s=180.0))
        assert len(found.days) == 2 and found.assumed.patience_s is None


async def test_a_day_to_come_is_planned_without_today(tmp_path: Path) -> None:
    async with await opened(tmp_path, nine(WEDNESDAY)) as store:
        await write(store, PAST)
        report = await store.staffing.plan(StaffingQuery(WEDNESDAY + timedelta(weeks=1), handle_s=180.0))
    assert WEDNESDAY not in report.days
    assert {slot.came for slot in report.slots} == {None}


def test_kinds_of_days_are_those_of_the_calendar() -> None:
    assert kind_of(date(2025, 10, 1)) is DayKind.HOLIDAY
    assert kind_of(date(2025, 9, 28)) is DayKind.MAKE_UP  # a Sunday before the national day
    assert kind_of(date(2025, 9, 21)) is DayKind.ORDINARY
    assert kind_of(WEDNESDAY) is DayKind.ORDINARY


CONFIG = """
[[number]]
number = "*"
to = "queue:sales"
[[agent]]
id = "8001"
password = "x"
queues = ["sales"]
[[queue]]
name = "sales"
service_level_s = 15
"""


def test_the_command_shows_it_as_table_csv_json_and_workbook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "line400.toml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "var").mkdir()

    async def prepare() -> None:
        async with await opened(tmp_path / "var", nine(WEDNESDAY)) as store:
            await write(store, PAST)

    asyncio.run(prepare())
    common = ["staffing", "--day", "2025-05-21", "--queue", "sales"]
    table = CliRunner().invoke(app, common)
    assert table.exit_code == 0 and "09:00" in table.stdout and "15 秒内接通 80 %" in table.stdout
    lines = list(csv.DictReader(io.StringIO(CliRunner().invoke(app, [*common, "--format", "csv"]).stdout)))
    assert [line["from"] for line in lines] == ["09:00", "合计"] and lines[0]["came"] == "10"
    found = json.loads(CliRunner().invoke(app, [*common, "--format", "json", "--patience", "never"]).stdout)
    assert found["assumed"]["patience_s"] is None and found["days"][-1] == "2025-05-14"
    book = CliRunner().invoke(app, [*common, "--format", "xlsx", "-o", "plan.xlsx"])
    assert book.exit_code == 0 and (tmp_path / "plan.xlsx").read_bytes()[:2] == b"PK"
    for wrong, named in (
        (["--queue", "parts"], "--queue"),
        (["--day", "tomorrow"], "--day"),
        (["--patience", "long"], "--patience"),
        (["--share", "1"], "--share"),
        (["--shrinkage", "2"], "shrinkage"),
        (["--day", "2025-01-08"], "day"),
    ):
        refused = CliRunner().invoke(app, ["staffing", *wrong])
        assert refused.exit_code == 1 and named in refused.stderr, wrong


def test_the_day_is_tomorrow_unless_said() -> None:
    assert day_of("", SHANGHAI, nine(WEDNESDAY)) == date(2025, 5, 22)
    assert day_of("2026-05-01", SHANGHAI, 0.0) == date(2026, 5, 1)

"""When weekly reports are made and mailed: on virtual time, over restarts, and when mail fails."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from acd.alarm_facts import AlarmCleared, AlarmRaised
from core.bus import MemoryLog
from core.clock import VirtualClock
from core.errors import Unavailable
from core.house_facts import WeeklyReportFailed, WeeklyReportMade, WeeklyReportMailed
from reports.weeks import parse_week
from service.config_model import Config
from service.config_weekly import MailSettings, WeeklyReportSettings
from service.weekly import MADE, MAILED, WeeklyReports
from service.weekly_plan import Job, MailJob, WeeklyPlan, weekly_plan

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = parse_week("2026-W46").span(ZONE)[1]
"""The Monday after the week 2026-W46, 00:00."""
SEVEN = MONDAY + 7 * 3600.0
DAY = 86_400.0


class Values:
    """Small values on disk."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    async def get(self, key: str) -> str | None:
        return self.kept.get(key)

    async def put(self, key: str, value: str) -> None:
        self.kept[key] = value


class House:
    """A house that may be started again; mail fails as often as ``failing`` says."""

    def __init__(self, folder: Path, now: float, *, to: tuple[str, ...] = ("boss@example.com",)) -> None:
        weekly = WeeklyReportSettings(when="mon 07:00", to=to)
        self.config = Config(
            data_folder=folder, mail=MailSettings(host="mail.example.com", sender="l@example.com"), weekly_report=weekly
        )
        self.clock = VirtualClock(now)
        self.log = MemoryLog(self.clock)
        self.values = Values()
        self.jobs: list[str] = []
        self.failing = 0
        self.start()

    def start(self) -> None:
        self.reports = WeeklyReports(self.plan, self.values, self.log, self.clock, self.work)

    @property
    def plan(self) -> WeeklyPlan:
        return weekly_plan(self.config)

    async def work(self, job: Job) -> tuple[str, ...]:
        kind = "mail" if isinstance(job, MailJob) else "make"
        self.jobs.append(f"{kind} {job.week}")
        if isinstance(job, MailJob):
            if self.failing:
                self.failing -= 1
                raise Unavailable("mail.example.com:587: connection refused")
            return ()
        job.folder.mkdir(parents=True, exist_ok=True)
        (job.folder / f"line400-{job.week}.txt").write_text("x")
        return ("a.html", "a.pdf")

    async def hours(self, count: float, look_s: float = 300.0) -> None:
        """Let so much time pass."""
        end = self.clock.now() + 3600.0 * count
        while self.clock.now() < end:
            await self.reports.look()
            self.clock.advance(look_s)


async def test_each_week_is_made_and_mailed_once(tmp_path: Path) -> None:
    house = House(tmp_path, SEVEN - 600)
    house.values.kept = {MADE: "2026-W45", MAILED: "2026-W45"}
    await house.hours(0.15)
    assert house.jobs == []
    await house.hours(24)
    house.start()  # the machine was started anew
    await house.hours(24)
    assert house.jobs == ["make 2026-W46", "mail 2026-W46"]
    await house.hours(7 * 24)
    assert house.jobs[2:] == ["make 2026-W47", "mail 2026-W47"]
    assert house.log.facts(WeeklyReportMade) == [
        WeeklyReportMade("2026-W46", ("a.html", "a.pdf")),
        WeeklyReportMade("2026-W47", ("a.html", "a.pdf")),
    ]
    assert house.log.facts(WeeklyReportMailed)[0] == WeeklyReportMailed("2026-W46", 1, 0)


async def test_weeks_that_ended_while_we_were_down_are_made_up_for(tmp_path: Path) -> None:
    house = House(tmp_path, SEVEN + 15 * DAY)
    house.values.kept = {MADE: "2026-W45", MAILED: "2026-W45"}
    await house.hours(1)
    weeks = ["2026-W46", "2026-W47", "2026-W48"]
    assert house.jobs == [*(f"make {week}" for week in weeks), *(f"mail {week}" for week in weeks)]


async def test_the_first_start_makes_the_last_week_and_no_older_one(tmp_path: Path) -> None:
    house = House(tmp_path, SEVEN + 2 * DAY)
    await house.hours(1)
    assert house.jobs == ["make 2026-W46", "mail 2026-W46"]


async def test_mail_that_fails_is_tried_again_with_longer_pauses_and_an_alarm(tmp_path: Path) -> None:
    house = House(tmp_path, SEVEN)
    house.failing = 4
    at: list[float] = []
    house.log.bus.subscribe(lambda event: at.append(event.at) if isinstance(event.fact, WeeklyReportFailed) else None)
    await house.hours(2, look_s=30)
    assert house.jobs == ["make 2026-W46", *["mail 2026-W46"] * 5]
    assert [round(moment - at[0]) for moment in at] == [0, 60, 180, 420]
    assert house.log.facts(AlarmRaised) == [AlarmRaised("weekly_report", "weekly_report", "2026-W46 mail", 1.0, 0.0)]
    assert house.log.facts(AlarmCleared) == [
        AlarmCleared("weekly_report", "weekly_report", "2026-W46 mail", 4.0, 900.0)
    ]
    failed = house.log.facts(WeeklyReportFailed)
    assert failed[0] == WeeklyReportFailed("2026-W46", "mailed", "mail.example.com:587: connection refused", 1)
    assert house.values.kept == {MADE: "2026-W46", MAILED: "2026-W46"}


async def test_mail_that_never_goes_keeps_no_report_from_being_made_and_none_is_lost(tmp_path: Path) -> None:
    house = House(tmp_path, SEVEN)
    house.failing = 10_000
    await house.hours(8 * 24)
    assert [job for job in house.jobs if job.startswith("make")] == ["make 2026-W46", "make 2026-W47"]
    assert house.values.kept == {MADE: "2026-W47", MAILED: "2026-W45"}
    house.failing = 0
    house.start()
    house.jobs.clear()
    await house.hours(1)
    assert house.jobs == ["mail 2026-W46", "mail 2026-W47"]
    assert len(house.log.facts(WeeklyReportMailed)) == 2


async def test_a_report_that_was_moved_away_is_made_again_before_it_is_mailed(tmp_path: Path) -> None:
    house = House(tmp_path, SEVEN)
    house.values.kept = {MADE: "2026-W46", MAILED: "2026-W45"}
    await house.hours(1)
    assert house.jobs == ["make 2026-W46", "mail 2026-W46"]


async def test_who_asks_for_mail_later_gets_no_old_reports(tmp_path: Path) -> None:
    house = House(tmp_path, SEVEN, to=())
    await house.hours(1)
    assert (house.jobs, house.values.kept) == (["make 2026-W46"], {MADE: "2026-W46", MAILED: "2026-W46"})
    house.config = replace(house.config, weekly_report=replace(house.config.weekly_report, to=("a@example.com",)))
    house.reports.change(house.plan)
    await house.hours(1)
    assert house.jobs == ["make 2026-W46"]


async def test_a_change_of_the_configuration_is_heard_at_once(tmp_path: Path) -> None:
    house = House(tmp_path, SEVEN)
    wanted, house.config = house.config, replace(house.config, weekly_report=WeeklyReportSettings())
    house.start()
    running = asyncio.create_task(house.reports.run())
    await asyncio.sleep(0)
    assert house.jobs == []
    house.config = wanted
    house.reports.change(house.plan)
    await _until(lambda: len(house.jobs) == 2)
    running.cancel()
    await asyncio.wait({running})


async def _until(what: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not what():  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(0.001)


@pytest.mark.parametrize(
    ("when", "due"),
    [("mon 07:00", 7.0), ("周一 07:00", 7.0), ("30 6 * * 2", 30.5), ("sun 23:59", 6 * 24 + 23 + 59 / 60)],
)
def test_it_is_due_at_the_first_moment_after_the_week(tmp_path: Path, when: str, due: float) -> None:
    config = Config(data_folder=tmp_path, weekly_report=WeeklyReportSettings(when=when))
    assert weekly_plan(config).due_at(parse_week("2026-W46")) == pytest.approx(MONDAY + 3600 * due)

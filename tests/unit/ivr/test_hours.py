"""Opening hours against the calendar that the State Council announced."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from core.errors import ConfigError
from ivr.hours import Hours, HoursStatus, announced_until
from ivr.hours_text import parse_hours

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp()


OFFICE = parse_hours(["mon-fri 08:30-20:00"])


@pytest.mark.parametrize(
    ("moment", "status"),
    [
        ("2025-11-20 08:29:59", HoursStatus.CLOSED),
        ("2025-11-20 08:30:00", HoursStatus.OPEN),
        ("2025-11-20 19:59:59", HoursStatus.OPEN),
        ("2025-11-20 20:00:00", HoursStatus.CLOSED),
        ("2025-11-22 10:00:00", HoursStatus.CLOSED),  # Saturday
        ("2025-10-01 10:00:00", HoursStatus.HOLIDAY),  # National Day, a Wednesday
        ("2025-10-08 10:00:00", HoursStatus.HOLIDAY),  # still the holiday week
        ("2025-10-11 10:00:00", HoursStatus.OPEN),  # Saturday that makes up for it
        ("2025-09-28 19:00:00", HoursStatus.OPEN),  # Sunday that makes up for it
        ("2025-01-28 10:00:00", HoursStatus.HOLIDAY),  # eve of the Spring Festival
        ("2025-02-08 10:00:00", HoursStatus.OPEN),  # Saturday that makes up for the Spring Festival
    ],
)
def test_working_days_holidays_and_make_up_days(moment: str, status: HoursStatus) -> None:
    assert OFFICE.status(at(moment)) is status


def test_overnight_belongs_to_the_day_on_which_it_starts() -> None:
    bar = parse_hours(["fri-sat 20:00-02:00"], holidays="", extra_closed=["2025-11-22"])
    assert bar.is_open(at("2025-11-22 01:59"))  # since Friday
    assert not bar.is_open(at("2025-11-22 02:00"))
    assert bar.status(at("2025-11-22 21:00")) is HoursStatus.HOLIDAY
    assert not bar.is_open(at("2025-11-23 01:00"))
    assert bar.is_open(at("2025-11-30 01:00"))


def test_extra_dates_overrule_weekday_and_holiday() -> None:
    hours = parse_hours(
        ["mon-fri 08:30-20:00"],
        extra_open=["2025-10-03 10:00-16:00", "2025-11-22"],
        extra_closed=["2025-11-19", "2025-12-29..2025-12-31"],
    )
    assert hours.is_open(at("2025-10-03 10:30"))
    assert not hours.is_open(at("2025-10-03 16:30"))
    assert hours.is_open(at("2025-11-22 19:00"))  # usual working hours
    assert hours.status(at("2025-11-19 10:00")) is HoursStatus.HOLIDAY
    assert hours.status(at("2025-12-30 10:00")) is HoursStatus.HOLIDAY


def test_without_holidays_every_day_counts_by_its_weekday() -> None:
    hours = parse_hours(["daily 00:00-24:00"], holidays="")
    assert hours.is_open(at("2025-10-01 00:00"))
    assert hours.is_open(at("2025-10-01 23:59:59"))


@pytest.mark.parametrize(
    "line", ["周一至周五 8:30-20:00", "mon,tue,wed,thu,fri 08:30 - 20:00", "Monday-Friday 08：30–20：00"]
)
def test_days_as_people_write_them(line: str) -> None:
    assert parse_hours([line]).week == OFFICE.week


def test_next_open_skips_the_holiday() -> None:
    assert OFFICE.next_open(at("2025-09-30 20:00")) == at("2025-10-09 08:30")
    assert OFFICE.next_open(at("2025-11-20 09:00")) == at("2025-11-20 09:00")
    split = parse_hours(["daily 09:00-12:00 13:30-20:00"], holidays="")
    assert split.next_open(at("2025-11-20 12:00")) == at("2025-11-20 13:30")
    assert parse_hours([]).next_open(at("2025-11-20 12:00")) is None


def test_years_that_are_not_announced_count_by_weekday() -> None:
    later = f"{announced_until() + 2}-10-04 10:00"
    weekday = datetime.fromisoformat(later).weekday()
    assert OFFICE.is_open(at(later)) is (weekday < 5)


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_hours(
            ["mon-fri", "mon-fry 08:00-12:00", "mon 25:00-26:00", "mon 08:00-08:00"],
            zone="Asia/Peking",
            holidays="DE",
            extra_open=["2025-13-01"],
            extra_closed=["tomorrow", "2025-10-08..2025-10-01"],
        )
    text = "\n".join(caught.value.problems)
    for part in ("'mon-fri': no times", "'fry' is no day", "beyond the clock", "is empty", "Asia/Peking", "'DE'",
                 "'2025-13-01' is no date", "'tomorrow' is no date", "must run forward"):  # fmt: skip
        assert part in text
    assert len(caught.value.problems) == 9


def test_zone_decides_what_day_it_is() -> None:
    week = OFFICE.week
    urumqi_style = Hours(week, ZoneInfo("Europe/London"), chinese_holidays=False)
    assert not urumqi_style.is_open(at("2025-11-20 09:00"))  # one in the morning there
    assert urumqi_style.is_open(at("2025-11-20 17:00"))

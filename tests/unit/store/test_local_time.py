"""Hours and days of a place as the database tells them are those that Python tells."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Integer, create_engine, literal, select

from reports.buckets import week_hour_of
from store.local_time import day_number, in_hour, in_week_hour, local_day, second_of

ENGINE = create_engine("sqlite://")
EPOCH = date(1970, 1, 1)
MOMENTS = st.integers(1_577_836_800, 2_051_222_400)  # 2020 to 2034


def asked(*what: object) -> tuple[object, ...]:
    with ENGINE.connect() as connection:
        return tuple(connection.execute(select(*what)).one())  # type: ignore[call-overload]


@settings(max_examples=25, deadline=None)
@given(second=MOMENTS, name=st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata"]))
def test_hours_and_days_of_a_place(second: int, name: str) -> None:
    zone, at = ZoneInfo(name), literal(second, Integer)
    local, week = datetime.fromtimestamp(second, zone), week_hour_of(second, ZoneInfo(name))
    found = asked(
        in_hour(at, local.hour, zone),
        in_hour(at, (local.hour + 1) % 24, zone),
        in_week_hour(at, week, zone),
        in_week_hour(at, (week + 24) % 168, zone),
        local_day(at, zone),
        second_of(literal(second + 0.75)),
    )
    assert found == (True, False, True, False, (local.date() - EPOCH).days, second)


@settings(deadline=None)
@given(day=st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_days_are_numbered(day: date) -> None:
    assert asked(day_number(literal(day.isoformat()))) == ((day - EPOCH).days,)


@pytest.mark.parametrize("day", ["1970-01-01", "2000-02-29", "2100-03-01", "1999-12-31"])
def test_odd_days_too(day: str) -> None:
    assert asked(day_number(literal(day)), day_number(literal(""))) == ((date.fromisoformat(day) - EPOCH).days, None)

"""Weeks by ISO 8601 and the wall clock."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from core.errors import ParseError
from reports.weeks import Week, last_week, parse_week

SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_a_week_is_named_and_found() -> None:
    week = parse_week("2026-W46")
    assert (str(week), week.monday, week.sunday) == ("2026-W46", date(2026, 11, 9), date(2026, 11, 15))
    assert str(Week.of(date(2026, 11, 15))) == "2026-W46"
    assert (str(week.before), str(week.following)) == ("2026-W45", "2026-W47")


def test_the_turn_of_the_year() -> None:
    assert str(Week.of(date(2027, 1, 3))) == "2026-W53"
    assert str(parse_week("2026-W53").following) == "2027-W01"
    assert parse_week("2026-W53") < parse_week("2027-W01")


def test_it_runs_from_midnight_to_midnight_whatever_clocks_do() -> None:
    since, until = parse_week("2026-W46").span(SHANGHAI)
    assert since == datetime(2026, 11, 9, tzinfo=SHANGHAI).timestamp() and until - since == 7 * 86_400
    paris = ZoneInfo("Europe/Paris")
    since, until = parse_week("2026-W13").span(paris)  # clocks are put forward on its Sunday
    assert until - since == 7 * 86_400 - 3600


def test_the_last_week_is_over() -> None:
    since, until = parse_week("2026-W46").span(SHANGHAI)
    assert str(last_week(until, SHANGHAI)) == "2026-W46"
    assert str(last_week(until - 1, SHANGHAI)) == "2026-W45"
    assert str(last_week(since, SHANGHAI)) == "2026-W45"


@pytest.mark.parametrize("wrong", ["", "46", "2026-46", "2026-W54", "2025-W53", "2026-W00", "0001-W01", "2026-W46x"])
def test_what_is_no_week_is_refused(wrong: str) -> None:
    with pytest.raises(ParseError, match="week"):
        parse_week(wrong)

"""Staffing of a day: half hours, who was there, what is needed; and its table."""

import math
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from core.errors import ParseError
from reports.columns import Entries
from reports.erlang import Demand, Promise, agents_needed, service
from reports.forecast import SLOTS, Alike, DayKind, Expected, Forecast
from reports.patience import mean_patience_s
from reports.render import to_csv, to_xlsx
from reports.rows import EntryRow, StateSpan
from reports.staffing import (
    Assumed,
    Seen,
    StaffingQuery,
    check,
    counts_of,
    half_hours,
    presence,
    staffing_report,
)
from reports.staffing_table import said, staffing_table

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 5, 20)
MIDNIGHT = datetime(2026, 5, 20, tzinfo=SHANGHAI).timestamp()
NINE = MIDNIGHT + 9 * 3600.0
EDGES = half_hours(DAY, SHANGHAI)
ASSUMED = Assumed(handle_s=180.0, talk_s=160.0, patience_s=120.0, talks=400, abandoned=30)


def a_forecast(calls: float = 50.0) -> Forecast:
    slots = [Expected(0.0, 0.0, 0.0)] * SLOTS
    slots[18] = Expected(calls, 0.8 * calls, 1.2 * calls)  # 09:00
    return Forecast(DAY, DayKind.ORDINARY, Alike.WEEKDAY, (date(2026, 5, 6), date(2026, 5, 13)), 1.0, tuple(slots))


def seen(calls: int, there: float) -> Seen:
    return Seen(tuple(calls if slot == 18 else 0 for slot in range(SLOTS)), (there,) * SLOTS)


def test_half_hours_are_those_of_the_wall_clock() -> None:
    assert len(EDGES) == 49 and EDGES[0] == MIDNIGHT and EDGES[18] == NINE and EDGES[48] == MIDNIGHT + 86_400
    berlin = ZoneInfo("Europe/Berlin")
    for day, hours in ((date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 5, 20), 24)):
        edges = half_hours(day, berlin)
        assert list(edges) == sorted(edges) and edges[-1] - edges[0] == hours * 3600
        assert datetime.fromtimestamp(edges[24], berlin).hour == 12


def test_presence_is_time_at_work_in_each_half_hour() -> None:
    spans = [
        StateSpan("amy", "available", NINE - 900, NINE + 900),
        StateSpan("amy", "talking", NINE + 900, NINE + 2700),
        StateSpan("amy", "paused", NINE + 2700, NINE + 7200),
        StateSpan("bob", "wrap_up", NINE, NINE + 1800),
        StateSpan("bob", "ringing", EDGES[47] + 900, EDGES[48]),
    ]
    everybody = presence(spans, EDGES, frozenset())
    assert everybody[17:21] == (0.5, 2.0, 0.5, 0.0) and everybody[47] == 0.5
    assert presence(spans, EDGES, frozenset({"bob"}))[17:21] == (0.0, 1.0, 0.0, 0.0)


def test_counts_by_half_hour() -> None:
    moments = [NINE - 1, NINE, NINE + 1799.9, NINE + 1800, EDGES[48]]
    rows = [EntryRow(f"q{at}", f"c{at}", "sales", at, "answered", 1.0) for at in moments]
    counts = counts_of(Entries.of(rows), EDGES)
    assert counts[17:20] == (1, 2, 1) and sum(counts) == 4


def test_patience_counts_all_waiting_and_those_who_hung_up() -> None:
    ends = [("abandoned", 20.0)] * 10 + [("answered", 5.0)] * 20 + [("", None)]
    rows = [EntryRow(f"q{at}", f"c{at}", "sales", at, end, wait_s) for at, (end, wait_s) in enumerate(ends)]
    assert mean_patience_s(Entries.of(rows)) == pytest.approx((200 + 100) / 10)
    assert mean_patience_s(Entries.of(rows[1:])) is None


def test_needs_are_erlangs_and_are_set_against_who_was_there() -> None:
    query = StaffingQuery(DAY, promise=Promise(0.8, 20.0), shrinkage=0.3)
    report = staffing_report(query, a_forecast(), ASSUMED, seen(47, 5.5), [seen(0, 6.0), seen(0, 8.0)], EDGES[-1])
    slot = report.slots[18]
    assert (slot.label, slot.since, slot.calls, slot.came) == ("09:00", NINE, 50.0, 47)
    assert slot.needed == agents_needed(Demand(100.0, 180.0, 120.0), query.promise) == 7
    assert slot.needed_high > slot.needed
    assert slot.rostered == 10  # 7 / 0.7
    assert (slot.there, slot.usual, slot.gap) == (5.5, 7.0, -1.5)
    assert slot.within == service(Demand(100.0, 180.0, 120.0), 7, 20.0).within
    night = report.slots[2]
    assert (night.needed, night.within, night.came, night.there) == (0, None, 0, 5.5)


def test_what_is_not_over_yet_is_not_counted() -> None:
    report = staffing_report(StaffingQuery(DAY), a_forecast(), ASSUMED, seen(3, 2.0), [], NINE + 1799)
    assert (report.slots[18].came, report.slots[18].there, report.slots[18].gap) == (None, None, None)
    assert report.slots[17].there == 2.0 and report.slots[17].usual == 0.0


def test_the_table_has_the_half_hours_in_which_something_is_and_a_sum() -> None:
    report = staffing_report(StaffingQuery(DAY), a_forecast(), ASSUMED, seen(47, 0.0), [], EDGES[-1])
    table = staffing_table(report)
    assert [line[0] for line in table.lines] == ["09:00", "合计"]
    assert table.lines[1][1] == 50.0 and to_csv(table).splitlines()[0].startswith("from,calls,low,high,came,needed")
    assert to_xlsx(table)[:2] == b"PK"
    assert "Erlang A" in said(report) and "2 days of the same weekday" in said(report, "en")
    endless = staffing_report(
        StaffingQuery(DAY), a_forecast(), Assumed(180.0, None, None, 0, 0), seen(0, 0.0), [], EDGES[-1]
    )
    assert "Erlang C" in said(endless) and staffing_table(endless, "en").lines[-1][0] == "total"
    assert endless.slots[18].needed == 8


@pytest.mark.parametrize(
    ("query", "named"),
    [
        (StaffingQuery(DAY, weeks=0), "weeks"),
        (StaffingQuery(DAY, weeks=27), "weeks"),
        (StaffingQuery(DAY, shrinkage=1.0), "shrinkage"),
        (StaffingQuery(DAY, shrinkage=math.nan), "shrinkage"),
        (StaffingQuery(DAY, handle_s=0.0), "aht"),
        (StaffingQuery(DAY, patience_s=0.0), "patience"),
        (StaffingQuery(DAY, promise=Promise(1.0)), "promise"),
        (StaffingQuery(DAY, promise=Promise(0.8, -1.0)), "within"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(query: StaffingQuery, named: str) -> None:
    with pytest.raises(ParseError, match=named):
        check(query)
    check(StaffingQuery(DAY, patience_s=math.inf))

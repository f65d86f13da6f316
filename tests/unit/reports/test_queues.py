"""Queue metrics against numbers worked out by hand."""

from dataclasses import fields, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ParseError
from reports.columns import OUTCOMES, IdentityBroken
from reports.cuts import week_hours
from reports.figures import behind, figures
from reports.formulas import QUEUE_FORMULAS
from reports.levels import sum_of_ends
from reports.model import Bucket, By, Counts, HistogramBin, QueueReport, ReportQuery
from reports.periods import before
from reports.queues import queue_report
from reports.rows import EntryRow
from reports.tables import queue_table

NINE = 1_772_413_200.0  # Monday 2 March 2026, 09:00 in Shanghai (01:00 UTC)
MORNING = ReportQuery(NINE, NINE + 4 * 3600)


def entry(name: str, minutes: float, outcome: str, wait_s: float | None = None, queue: str = "sales") -> EntryRow:
    return EntryRow(name, f"c-{name}", queue, NINE + 60 * minutes, outcome, wait_s)


# One half hour worked out by hand:
# offered 12 = answered 6 + abandoned 3 (1 short, 1 interrupted) + overflowed 1 + by key 1 + waiting 1.
HALF_HOUR = [
    entry("a1", 0, "answered", 4.0),
    entry("a2", 1, "answered", 8.0),
    entry("a3", 2, "answered", 12.0),
    entry("a4", 3, "answered", 20.0),  # exactly T: in time
    entry("a5", 4, "answered", 30.0),
    entry("a6", 5, "answered", 46.0),
    entry("b1", 6, "abandoned", 3.0),  # short
    entry("b2", 7, "abandoned", 25.0),
    entry("i1", 8, "interrupted", 2.0),  # ours, so never short
    entry("o1", 9, "overflowed", 60.0),
    entry("k1", 10, "left_by_key", 10.0),
    entry("w1", 29.9, ""),
]


def report_of(rows: list[EntryRow], **changes: object) -> QueueReport:
    return queue_report(replace(MORNING, **changes), rows, made_at=NINE + 7200)  # type: ignore[arg-type]


def test_counts_and_rates_by_hand() -> None:
    report = report_of(HALF_HOUR)
    (cell,) = report.cells
    assert (cell.queue, cell.label, cell.since, cell.until) == ("sales", "2026-03-02T09:00+08:00", NINE, NINE + 1800)
    assert cell.counts == Counts(
        offered=12,
        answered=6,
        abandoned=3,
        overflowed=1,
        called_back=0,
        left_by_key=1,
        waiting=1,
        short_abandons=1,
        interrupted=1,
    )
    rates = cell.rates
    assert rates.answer_rate == 6 / 12
    assert rates.answer_rate_without_short == 6 / 11
    assert rates.answer_rate_without_key == 6 / 11
    assert rates.abandon_rate == 3 / 12
    assert rates.abandon_rate_without_short == 2 / 11
    # answered ≤ 20 s: 4, 8, 12, 20; abandoned ≤ 20 s: 3 and the interrupted 2; abandoned after: 25
    assert rates.service_level_a == 4 / 6
    assert rates.service_level_b == 4 / 12
    assert rates.service_level_c == 4 / 7
    assert rates.service_level_d == 6 / 9


def test_waits_by_hand() -> None:
    cell = report_of(HALF_HOUR).total
    assert cell.asa_s == 120 / 6  # (4 + 8 + 12 + 20 + 30 + 46) / 6
    waits = cell.answered_waits
    # ranks of 6: p50 → 3rd, p80 → ⌈4.8⌉ = 5th, p90 → ⌈5.4⌉ = 6th, p95 → 6th
    assert (waits.p50_s, waits.p80_s, waits.p90_s, waits.p95_s, waits.max_s) == (12.0, 30.0, 46.0, 46.0, 46.0)
    gone = cell.abandoned_waits  # 2, 3, 25
    assert (gone.count, gone.mean_s, gone.p50_s, gone.p80_s, gone.max_s) == (3, 10.0, 3.0, 25.0, 25.0)
    assert cell.histogram == (
        HistogramBin(0.0, 10.0, 2, 2),
        HistogramBin(10.0, 20.0, 1, 0),
        HistogramBin(20.0, 30.0, 1, 1),
        HistogramBin(30.0, 40.0, 1, 0),
        HistogramBin(40.0, 50.0, 1, 0),
    )


def test_very_long_waits_share_the_last_open_bin() -> None:
    report = report_of(
        [entry("a", 0, "answered", 599.9), entry("b", 0, "answered", 600.0), entry("c", 0, "abandoned", 9e4)]
    )
    assert report.total.histogram[59] == HistogramBin(590.0, 600.0, 1, 0)
    assert report.total.histogram[60] == HistogramBin(600.0, None, 1, 1)
    assert len(report.total.histogram) == 61


def test_nothing_counted_is_none_not_zero() -> None:
    report = report_of([], queue="sales")
    assert list(report.cells) == []
    assert set(figures(report.total).values()) == {0, None}
    assert [cell.queue for cell in report.queues] == ["sales"]


def test_the_threshold_moves_the_service_levels() -> None:
    cell = report_of(HALF_HOUR, threshold_s=10.0).total
    assert cell.rates.service_level_b == 2 / 12
    assert cell.rates.service_level_c == 2 / 7
    assert cell.rates.service_level_d == 4 / 9


def test_each_queue_is_measured_by_its_own_threshold() -> None:
    rows = [entry(f"s{wait}", 0, "answered", float(wait)) for wait in (5, 15, 25)]
    rows += [entry(f"p{wait}", 1, "answered", float(wait), queue="parts") for wait in (5, 15, 25)]
    rows += [entry("pa", 1, "abandoned", 12.0, queue="parts")]
    report = report_of(rows, thresholds=(("parts", 10.0),))
    parts, sales = report.queues
    assert (parts.threshold_s, sales.threshold_s, report.total.threshold_s) == (10.0, 20.0, None)
    assert (parts.rates.service_level_a, sales.rates.service_level_a) == (1 / 3, 2 / 3)
    assert parts.rates.service_level_c == 1 / 4
    assert report.total.rates.service_level_b == 3 / 7
    assert behind(rows, "service_level_a", report.query).counted == ("s5", "s15", "p5")
    one = report_of(rows, thresholds=(("parts", 10.0),), queue="parts")
    assert one.total.threshold_s == 10.0
    said = {formula.key: formula.formula_en for formula in queue_table(report).formulas}
    assert said["service_level_a"] == "answered within T s / answered"
    assert {line[1]: line[-1] for line in queue_table(report).lines} == {"parts": 10.0, "sales": 20.0, "全部": None}


def test_an_entry_belongs_to_the_half_hour_in_which_it_entered() -> None:
    rows = [entry("a", 29, "answered", 300.0), entry("b", 30, "answered", 1.0), entry("c", 59.99, "abandoned", 1.0)]
    report = report_of(rows)
    assert [(cell.label[11:16], cell.counts.offered) for cell in report.cells] == [("09:00", 1), ("09:30", 2)]
    assert [(cell.label[11:16], cell.counts.offered) for cell in report_of(rows, bucket=Bucket.HOUR).cells] == [
        ("09:00", 3)
    ]


def test_queues_and_all_queues() -> None:
    rows = [
        entry("a", 0, "answered", 5.0),
        entry("b", 0, "abandoned", 5.0, queue="service"),
        entry("c", 31, "answered", 5.0, queue="service"),
    ]
    report = report_of(rows)
    assert [(cell.label[11:16], cell.queue) for cell in report.cells] == [
        ("09:00", "sales"),
        ("09:00", "service"),
        ("09:30", "service"),
    ]
    assert [cell.counts.offered for cell in report.buckets] == [2, 1]
    assert [(cell.queue, cell.counts.offered) for cell in report.queues] == [("sales", 1), ("service", 2)]
    assert (report.total.queue, report.total.counts.offered) == ("", 3)
    only = report_of(rows, queue="service")
    assert (only.total.counts.offered, [cell.queue for cell in only.queues]) == (2, ["service"])


def test_empty_half_hours_are_shown_when_asked_for() -> None:
    report = report_of([entry("a", 65, "answered", 5.0)], fill=True)
    assert [cell.counts.offered for cell in report.buckets] == [0, 0, 1, 0, 0, 0, 0, 0]
    assert [cell.label[11:16] for cell in report.buckets[:3]] == ["09:00", "09:30", "10:00"]


def test_the_ends_of_the_period_cut_the_buckets() -> None:
    rows = [entry("early", 9.9, "answered", 1.0), entry("in", 10, "answered", 1.0), entry("late", 45, "answered", 1.0)]
    report = report_of(rows, since=NINE + 600, until=NINE + 2700)
    assert [(cell.since - NINE, cell.until - NINE, cell.counts.offered) for cell in report.cells] == [
        (600.0, 1800.0, 1)
    ]
    assert report.total.counts.offered == 1


def test_total_is_one_cell_for_each_queue() -> None:
    report = report_of(HALF_HOUR, bucket=Bucket.TOTAL)
    assert list(report.cells) == list(report.queues)
    assert list(report.buckets) == [report.total]


@pytest.mark.parametrize(
    ("key", "counted", "of"),
    [
        ("offered", "a1 a2 a3 a4 a5 a6 b1 b2 i1 o1 k1 w1", None),
        ("answered", "a1 a2 a3 a4 a5 a6", None),
        ("abandoned", "b1 b2 i1", None),
        ("short_abandons", "b1", None),
        ("interrupted", "i1", None),
        ("waiting", "w1", None),
        ("called_back", "", None),
        ("service_level_a", "a1 a2 a3 a4", "a1 a2 a3 a4 a5 a6"),
        ("service_level_c", "a1 a2 a3 a4", "a1 a2 a3 a4 a5 a6 b2"),
        ("service_level_d", "a1 a2 a3 a4 b1 i1", "a1 a2 a3 a4 a5 a6 b1 b2 i1"),
        ("abandon_rate_without_short", "b2 i1", "a1 a2 a3 a4 a5 a6 b2 i1 o1 k1 w1"),
        ("answer_rate_without_key", "a1 a2 a3 a4 a5 a6", "a1 a2 a3 a4 a5 a6 b1 b2 i1 o1 w1"),
    ],
)
def test_every_figure_opens_its_entries(key: str, counted: str, of: str | None) -> None:
    found = behind(HALF_HOUR, key, MORNING)
    assert found.counted == tuple(counted.split())
    assert found.of == tuple((counted if of is None else of).split())


def test_figures_formulas_and_entries_agree() -> None:
    """Each figure has a formula, and is what the entries behind it say."""
    report = report_of(HALF_HOUR)
    by_key = figures(report.total)
    assert list(by_key) == [formula.key for formula in QUEUE_FORMULAS]
    for formula in QUEUE_FORMULAS:
        found = behind(HALF_HOUR, formula.key, report.query)
        if formula.unit == "count":
            assert by_key[formula.key] == len(found.counted)
        elif formula.unit == "share":
            assert by_key[formula.key] == len(found.counted) / len(found.of)
    with pytest.raises(ParseError):
        behind(HALF_HOUR, "luck", report.query)


def test_rows_that_contradict_themselves_are_refused() -> None:
    with pytest.raises(IdentityBroken):
        report_of([entry("a", 0, "answered", 1.0), entry("a", 1, "abandoned", 1.0)])
    with pytest.raises(IdentityBroken):
        report_of([entry("a", 0, "vanished", 1.0)])
    with pytest.raises(IdentityBroken):
        report_of([entry("a", 0, "answered", None)])


def test_periods_and_zones_that_cannot_be_are_refused() -> None:
    with pytest.raises(ParseError):
        report_of([], until=NINE)
    with pytest.raises(ParseError):
        report_of([], zone="Asia/Nowhere")


_rows = st.lists(
    st.builds(
        lambda outcome, queue, at, wait: (outcome, queue, at, wait),
        st.sampled_from(OUTCOMES),
        st.sampled_from(["sales", "service", "销售"]),
        st.floats(0, 4 * 3600 - 0.001),
        st.floats(0, 5000),
    ),
    max_size=60,
)


@settings(max_examples=100, deadline=None)
@given(_rows, st.sampled_from(Bucket), st.sampled_from([0.0, 20.0, 5000.0]))
def test_the_identity_holds_everywhere(
    rows: list[tuple[str, str, float, float]], bucket: Bucket, threshold_s: float
) -> None:
    """In every cell, and the parts add up to the whole: over queues, over buckets, in both histograms."""
    entries = [
        EntryRow(f"q-{number}", f"c-{number}", queue, NINE + at, outcome, wait if outcome else None)
        for number, (outcome, queue, at, wait) in enumerate(rows)
    ]
    report = queue_report(replace(MORNING, bucket=bucket, threshold_s=threshold_s), entries, NINE)
    for cell in (*report.cells, *report.buckets, *report.queues, report.total):
        assert cell.counts.offered == sum_of_ends(cell.counts)
        assert sum(it.answered for it in cell.histogram) == cell.counts.answered
        assert sum(it.abandoned for it in cell.histogram) == cell.counts.abandoned
        rates = [getattr(cell.rates, field.name) for field in fields(cell.rates)]
        assert all(rate is None or 0 <= rate <= 1 for rate in rates)
    assert report.total.counts.offered == len(entries)
    for parts in (report.cells, report.buckets, report.queues):
        for field in fields(Counts):
            total = getattr(report.total.counts, field.name)
            assert sum(getattr(cell.counts, field.name) for cell in parts) == total


def test_rows_by_the_number_that_was_dialled() -> None:
    rows = [
        replace(entry("a", 0, "answered", 5.0), line="4001"),
        replace(entry("b", 1, "abandoned", 30.0), line="4002"),
        replace(entry("c", 2, "answered", 15.0, queue="parts"), line="4001"),
    ]
    report = report_of(rows, by=By.LINE, thresholds=(("parts", 10.0),))
    assert [(cell.line, cell.queue, cell.counts.offered) for cell in report.queues] == [
        ("4001", "", 2),
        ("4002", "", 1),
    ]
    one, other = report.queues
    # each entry against its own queue's T: 5 s of 20 s, 15 s of 10 s
    assert (one.rates.service_level_a, one.threshold_s, other.rates.answer_rate) == (1 / 2, None, 0.0)
    of_line = report_of(rows, line="4001")
    assert [(cell.queue, cell.line, cell.counts.offered) for cell in of_line.queues] == [
        ("parts", "4001", 1),
        ("sales", "4001", 1),
    ]
    assert behind(rows, "answered", of_line.query).counted == ("a", "c")
    assert [line[1] for line in queue_table(report).lines][-3:] == ["4001", "4002", "全部"]


def test_the_hours_of_the_week_gather_the_same_hour_of_all_weeks() -> None:
    week = 7 * 24 * 60
    rows = [entry("a", 0, "answered", 5.0), entry("b", week + 59, "abandoned", 30.0), entry("c", 60, "answered", 5.0)]
    report = report_of(rows, until=NINE + 14 * 86_400, bucket=Bucket.WEEK_HOUR)
    assert len(report.buckets) == 168
    busy = [(cell.label, cell.counts.offered, cell.rates.answer_rate) for cell in report.buckets if cell.counts.offered]
    assert busy == [("1T09", 2, 0.5), ("1T10", 1, 1.0)]
    assert [(cell.label, cell.queue, cell.counts.offered) for cell in report.cells] == [
        ("1T09", "sales", 2),
        ("1T10", "sales", 1),
    ]
    hours = week_hours(replace(report.query, week_hour=9))
    assert [(since - NINE, until - NINE) for since, until in hours] == [(0, 3600), (7 * 86_400, 7 * 86_400 + 3600)]


@pytest.mark.parametrize(
    ("since", "until", "earlier"),
    [
        ("2026-03-01", "2026-04-01", "2026-02-01"),
        ("2026-01-01", "2027-01-01", "2025-01-01"),
        ("2026-03-09", "2026-03-16", "2026-03-02"),
        ("2026-03-09T08:00", "2026-03-09T12:00", "2026-03-09T04:00"),
    ],
)
def test_the_period_before_is_one_of_the_calendar(since: str, until: str, earlier: str) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    first, last, wanted = (
        datetime.fromisoformat(it).replace(tzinfo=zone).timestamp() for it in (since, until, earlier)
    )
    found = before(ReportQuery(first, last, Bucket.DAY, queue="sales"))
    assert (found.since, found.until, found.bucket, found.queue) == (wanted, first, Bucket.TOTAL, "sales")


def test_a_day_before_a_change_of_clocks_is_a_whole_day() -> None:
    zone = ZoneInfo("America/New_York")
    monday, tuesday = (datetime(2026, 3, day, tzinfo=zone).timestamp() for day in (9, 10))  # clocks went on Sunday
    found = before(ReportQuery(monday, tuesday, zone="America/New_York"))
    assert found.until - found.since == 23 * 3600

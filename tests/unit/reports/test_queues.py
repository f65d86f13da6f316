"""Queue metrics against numbers worked out by hand."""

from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ParseError
from reports.columns import OUTCOMES, IdentityBroken
from reports.figures import behind, figures
from reports.formulas import QUEUE_FORMULAS
from reports.model import Bucket, Counts, HistogramBin, QueueReport, ReportQuery
from reports.queues import ends, queue_report
from reports.rows import EntryRow
from reports.tables import queue_table
from reports.waits import percentile

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
    cell = report_of(
        [entry("a", 0, "answered", 599.9), entry("b", 0, "answered", 600.0), entry("c", 0, "abandoned", 9e4)]
    )
    assert cell.total.histogram[59] == HistogramBin(590.0, 600.0, 1, 0)
    assert cell.total.histogram[60] == HistogramBin(600.0, None, 1, 1)
    assert len(cell.total.histogram) == 61


def test_nothing_counted_is_none_not_zero() -> None:
    report = report_of([], queue="sales")
    assert report.cells == ()
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
    assert behind(report.total, "service_level_a", report.query).counted == ("s5", "s15", "p5")
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
    assert report.cells == report.queues
    assert report.buckets == (report.total,)


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
    report = report_of(HALF_HOUR)
    found = behind(report.total, key, report.query)
    assert found.counted == tuple(counted.split())
    assert found.of == tuple((counted if of is None else of).split())


def test_figures_formulas_and_entries_agree() -> None:
    """Each figure has a formula, and is what the entries behind it say."""
    report = report_of(HALF_HOUR)
    by_key = figures(report.total)
    assert list(by_key) == [formula.key for formula in QUEUE_FORMULAS]
    for formula in QUEUE_FORMULAS:
        found = behind(report.total, formula.key, report.query)
        if formula.unit == "count":
            assert by_key[formula.key] == len(found.counted)
        elif formula.unit == "share":
            assert by_key[formula.key] == len(found.counted) / len(found.of)
    with pytest.raises(ParseError):
        behind(report.total, "luck", report.query)


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


@pytest.mark.parametrize(("percent", "expected"), [(50, 5.0), (80, 8.0), (90, 9.0), (95, 10.0), (100, 10.0), (1, 1.0)])
def test_nearest_rank_of_one_to_ten(percent: int, expected: float) -> None:
    assert percentile([float(value) for value in range(1, 11)], percent) == expected


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
        assert cell.counts.offered == ends(cell.counts) == len(cell.rows)
        assert sum(it.answered for it in cell.histogram) == cell.counts.answered
        assert sum(it.abandoned for it in cell.histogram) == cell.counts.abandoned
        rates = [getattr(cell.rates, field.name) for field in fields(cell.rates)]
        assert all(rate is None or 0 <= rate <= 1 for rate in rates)
    for parts in (report.cells, report.buckets, report.queues):
        for field in fields(Counts):
            total = getattr(report.total.counts, field.name)
            assert sum(getattr(cell.counts, field.name) for cell in parts) == total

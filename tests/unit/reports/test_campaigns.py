"""The report of a campaign: counted by hand once, with intervals; surveys by version, NPS."""

from zoneinfo import ZoneInfo

import pytest

from reports.campaigns import CAMPAIGN_FORMULAS, SLOT_S, Progress, Tries, campaign_report
from reports.intervals import net_share, wilson
from reports.shares import share_of
from reports.survey_form import Answered, Asked, Form, asked_of
from reports.surveys import form_reports, nps_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
NINE = int(1_780_275_600 // SLOT_S)  # 2026-06-01 09:00 in Shanghai
NOW = 1_780_329_600.0  # that midnight
TRIES = [
    Tries(NINE, 1, "completed", True, 3),
    Tries(NINE + 1, 1, "busy", False, 4),
    Tries(NINE + 3, 2, "voicemail", True, 1),
    Tries(NINE + 4, 1, "refused", True, 1),  # he declined in the call, at ten
    Tries(NINE + 4, 2, "refused", False, 1),  # his phone did
    Tries(NINE + 5, 3, "talked", True, 3),
    Tries(NINE + 5, 3, "abandoned", True, 1),
]


def test_figures_are_those_of_metrics() -> None:
    report = campaign_report(Progress(20, 12, 9), TRIES, (), SHANGHAI, NOW)
    assert list(report.figures) == [formula.key for formula in CAMPAIGN_FORMULAS]
    assert report.figures == {
        "contacts": 20, "tried": 12, "penetration": 0.6, "finished": 9, "completion": 0.45, "attempts": 14,
        "connected": 9, "connect_rate": 9 / 14, "reached": 8, "contact_rate": 8 / 14, "went_well": 6,
        "success": 6 / 8, "abandoned": 1, "abandon_rate": 1 / 4, "abandon_rate_30": 1 / 4,
    }  # fmt: skip
    low, high = wilson(8, 14)
    assert (report.intervals["contact_rate"].low, report.intervals["contact_rate"].high) == (low, high)


def test_cuts_add_up_and_stand_in_their_order() -> None:
    report = campaign_report(Progress(20, 12, 9), TRIES, (), SHANGHAI, NOW)
    assert [(cut.key, cut.attempts) for cut in report.results][:3] == [("busy", 4), ("completed", 3), ("talked", 3)]
    assert [(cut.key, cut.attempts, cut.connected, cut.reached) for cut in report.hours] == [
        ("9", 8, 4, 3), ("10", 6, 5, 5),
    ]  # fmt: skip
    assert [(cut.key, cut.attempts, cut.reached) for cut in report.nths] == [("1", 8, 4), ("2", 2, 0), ("3", 4, 4)]
    assert [(cut.key, cut.attempts, cut.reached) for cut in report.week] == [("1T09", 8, 3), ("1T10", 6, 5)]
    for cuts in (report.results, report.hours, report.week, report.nths):
        assert sum(cut.attempts for cut in cuts) == 14
    assert sum(cut.share.share or 0 for cut in report.results) == pytest.approx(1)
    assert campaign_report(Progress(0, 0, 0), (), (), SHANGHAI, NOW).figures["connect_rate"] is None


def test_an_answer_without_a_reply_is_no_person() -> None:
    silent = [Tries(NINE, 1, "no_reply", True, 2), Tries(NINE, 1, "hung_up", True, 1)]
    figures = campaign_report(Progress(3, 3, 3), silent, (), SHANGHAI, NOW).figures
    assert (figures["connected"], figures["reached"]) == (3, 1)


def test_the_abandon_rate_of_the_last_30_days_forgets_what_was_before() -> None:
    old = Tries(NINE, 1, "abandoned", True, 4)
    new = [Tries(NINE + 31 * 96, 1, "abandoned", True, 1), Tries(NINE + 31 * 96, 1, "talked", True, 49)]
    at = (NINE + 31 * 96) * SLOT_S + 60.0
    report = campaign_report(Progress(54, 54, 54), [old, *new], (), SHANGHAI, at)
    assert (report.figures["abandon_rate"], report.figures["abandon_rate_30"]) == (5 / 54, 1 / 50)
    assert report.intervals["abandon_rate_30"].of == 50


def test_hours_of_ten_come_after_those_of_nine() -> None:
    late = [Tries(NINE + 4 * hour, 1, "busy", False, 1) for hour in (11, 1, 0)]
    report = campaign_report(Progress(3, 3, 3), late, (), SHANGHAI, NOW)
    assert [cut.key for cut in report.hours] == ["9", "10", "20"]


FORMS = [
    Form(form, "return_visit", since, {name: asked_of(told) for name, told in kept.items()})
    for form, since, kept in (
        ("v1", 100.0, {"quality": [1, 5], "nps": [0, 10], "reason": None}),
        ("v2", 200.0, {"quality": [1, 10], "nps": [0, 10], "reason": None}),
    )
]
"""As they were kept before there were kinds."""
ANSWERS = [
    Answered("v1", "may_i", "yes", 6),
    Answered("v1", "nps", "9", 3),
    Answered("v1", "nps", "10", 1),
    Answered("v1", "nps", "7", 1),
    Answered("v1", "nps", "3", 1),
    Answered("v1", "quality", "5", 4),
    Answered("v1", "quality", "2", 2),
    Answered("v1", "reason", "", 2),
    Answered("v2", "quality", "9", 1),
    Answered("", "quality", "4", 1),
]


def test_versions_of_a_survey_are_kept_apart() -> None:
    newest, older, unknown = form_reports(ANSWERS, FORMS)
    assert [newest.form, older.form, unknown.form] == ["v2", "v1", ""]
    assert [(it.question, it.kind, it.answers) for it in older.questions] == [
        ("quality", "scale", 6), ("nps", "nps", 6), ("reason", "speech", 2), ("may_i", "choice", 6),
    ]  # fmt: skip
    quality, nps = older.questions[0], older.questions[1]
    assert [(it.value, it.share.hits) for it in quality.values] == [("1", 0), ("2", 2), ("3", 0), ("4", 0), ("5", 4)]
    assert quality.mean == 4.0
    assert quality.values[4].share.low == wilson(4, 6)[0]
    assert nps.nps is not None and nps.nps.score == pytest.approx(50)
    assert len(newest.questions[0].values) == 10
    assert unknown.questions[0].kind == "choice", "without its version nobody knows how far the scale went"


def test_nps_is_in_percent_with_the_interval_of_a_net_share() -> None:
    """110 of 200 recommend, 40 advise against; by hand in ``test_intervals``."""
    nps = nps_of({10: 110, 8: 50, 2: 40})
    assert nps is not None and nps.score == 35
    assert (nps.low, nps.high) == (pytest.approx(23.5298, abs=2e-4), pytest.approx(45.3354, abs=2e-4))
    assert (nps.low / 100, nps.high / 100) == net_share(110, 40, 200)
    few = nps_of({9: 1})
    assert few is not None and few.low < few.score == few.high == 100
    assert nps_of({}) is None


def test_scores_say_how_many_have_answered_and_are_content() -> None:
    """Twelve were reached by version v1 (nine went through, two hung up, one declined); one was abandoned."""
    forms = [Form("v1", "visit", 900.0, {"quality": Asked("scale", 1, 5), "nps": Asked("nps", 0, 10)})]
    given = [("quality", "5", 4), ("quality", "4", 3), ("quality", "2", 1), ("nps", "9", 6)]
    answers = [Answered("v1", question, value, times) for question, value, times in given]
    tries = [
        Tries(1, 1, "completed", True, 9), Tries(2, 1, "hung_up", True, 2), Tries(2, 1, "refused", True, 1),
        Tries(3, 1, "abandoned", True, 1), Tries(3, 1, "busy", False, 5),
    ]  # fmt: skip
    report = campaign_report(Progress(18, 18, 18), tries, form_reports(answers, forms), ZoneInfo("UTC"), 9000.0)
    quality, nps = report.forms[0].questions
    assert quality.csat == share_of(7, 8) and quality.response == share_of(8, 12)
    assert nps.csat is None and nps.response == share_of(6, 12)
    later = Form("v2", "visit", 1800.0, {"quality": Asked("scale", 1, 5)})
    both = form_reports([*answers, Answered("v2", "quality", "3", 2)], [*forms, later])
    newest, older = campaign_report(Progress(18, 18, 18), tries, both, ZoneInfo("UTC"), 9000.0).forms
    assert newest.questions[0].response == share_of(2, 3), "each version of those who were reached in its time"
    assert older.questions[0].response == share_of(8, 9)
    yes_no = form_reports(
        [Answered("v3", "happy", "1", 2)], [Form("v3", "visit", 0.0, {"happy": Asked("scale", 0, 1)})]
    )
    assert yes_no[0].questions[0].csat is None, "of two scores both are the best"

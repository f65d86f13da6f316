"""Ratings: what is asked, what is given, and how sure one may be of the share that is satisfied."""

import math

import pytest

from reports.ratings import Rated, rating_report


def test_figures_by_queue_and_agent() -> None:
    report = rating_report(
        0.0,
        86400.0,
        [
            Rated("sales", "101", 5, 5, 6),
            Rated("sales", "101", 4, 5, 2),
            Rated("sales", "102", 1, 5, 1),
            Rated("service", "102", 3, 5, 1),
            Rated("service", "102", None, None, 10),
        ],
    )
    total = report.total
    assert (total.asked, total.rated, total.response_rate) == (20, 10, 0.5)
    assert (total.mean, total.csat) == (4.2, 0.8)
    assert (total.csat_low, total.csat_high) == pytest.approx((0.490162, 0.943318), abs=1e-6)
    assert [(item.name, item.asked, item.rated, item.csat) for item in report.queues] == [
        ("sales", 9, 9, pytest.approx(8 / 9)),
        ("service", 11, 1, 0.0),
    ]
    assert [(item.name, item.rated) for item in report.agents] == [("101", 8), ("102", 2)]


def test_without_a_score_there_is_no_share() -> None:
    asked = rating_report(0.0, 1.0, [Rated("sales", "101", None, None, 3)]).total
    assert (asked.asked, asked.rated, asked.response_rate) == (3, 0, 0.0)
    assert asked.mean is asked.csat is asked.csat_low is asked.csat_high is None
    assert rating_report(0.0, 1.0, []).total.response_rate is None


def test_two_boxes_of_ten_are_nine_and_ten() -> None:
    report = rating_report(0.0, 1.0, [Rated("a", "1", score, 10, 1) for score in range(11)])
    assert report.total.csat == pytest.approx(2 / 11)


def test_nps_of_scores_out_of_ten_with_its_interval() -> None:
    given = [Rated("a", "1", score, 10, times) for score, times in ((10, 40), (9, 20), (8, 15), (6, 20), (0, 5))]
    total = rating_report(0.0, 1.0, [*given, Rated("b", "1", 5, 5, 100)]).total
    assert total.nps == pytest.approx(0.35), "those out of five are no part of it"
    assert total.nps_low is not None and total.nps_high is not None
    wald = 1.959964 * math.sqrt((0.6 + 0.25 - 0.35**2) / 100)  # of the multinomial: near the truth in the middle
    assert total.nps_low == pytest.approx(0.35 - wald, abs=0.02) and total.nps_high == pytest.approx(
        0.35 + wald, abs=0.02
    )
    assert rating_report(0.0, 1.0, [Rated("b", "1", 5, 5, 3)]).total.nps is None

"""Ratings: what is asked, what is given, and how sure one may be of the share that is satisfied."""

import pytest

from reports.ratings import Rated, rating_report, wilson


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(8, 10, 0.490162, 0.943318), (0, 10, 0.0, 0.277533), (10, 10, 0.722467, 1.0), (450, 1000, 0.419415, 0.480967)],
)
def test_the_interval_is_wilson_s(hits: int, of: int, low: float, high: float) -> None:
    """Values of ``scipy.stats.binomtest(hits, of).proportion_ci(method="wilson")``."""
    assert wilson(hits, of) == pytest.approx((low, high), abs=1e-6)


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

"""Intervals of shares and of their differences: against scipy, a published table, sums by hand, and many draws."""

import random
from math import sqrt

import pytest

from reports.intervals import difference, net_share, wilson


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(8, 10, 0.490162, 0.943318), (0, 10, 0.0, 0.277533), (10, 10, 0.722467, 1.0), (450, 1000, 0.419415, 0.480967)],
)
def test_the_interval_is_wilson_s(hits: int, of: int, low: float, high: float) -> None:
    """Values of ``scipy.stats.binomtest(hits, of).proportion_ci(method="wilson")``."""
    assert wilson(hits, of) == pytest.approx((low, high), abs=1e-6)


def test_of_none_it_begins_at_nothing_and_of_all_it_ends_at_one() -> None:
    """Not at 2.8e-17, as the difference of two roundings is for 0 of 6."""
    for of in range(1, 2000):
        assert (wilson(0, of)[0], wilson(of, of)[1]) == (0.0, 1.0)


def test_a_net_share_by_hand() -> None:
    """Zou and Donner 2008, equation (5), for 110 who recommend and 40 who advise against, of 200: the Wilson limits are
    0.480756 to 0.617359 and 0.150452 to 0.260855, the correlation is −√(0.55 · 0.2 / (0.45 · 0.8)) = −0.552771.
    """
    assert wilson(110, 200) == pytest.approx((0.480756, 0.617359), abs=1e-6)
    assert wilson(40, 200) == pytest.approx((0.150452, 0.260855), abs=1e-6)
    tied = -0.552771
    down, up = (0.55 - 0.480756, 0.260855 - 0.2), (0.617359 - 0.55, 0.2 - 0.150452)
    low = 0.35 - sqrt(down[0] ** 2 - 2 * tied * down[0] * down[1] + down[1] ** 2)
    high = 0.35 + sqrt(up[0] ** 2 - 2 * tied * up[0] * up[1] + up[1] ** 2)
    assert (low, high) == pytest.approx((0.235298, 0.453354), abs=2e-6)
    assert net_share(110, 40, 200) == pytest.approx((low, high), abs=2e-6)


def test_a_difference_of_two_groups_is_newcombe_s() -> None:
    """Newcombe 1998, table II, case (a), method 10: 56/70 − 48/80."""
    assert difference(56, 70, 48, 80) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_the_interval_of_nps_holds_95_of_100() -> None:
    chance, held, runs = random.Random(7), 0, 2000
    for _ in range(runs):
        drawn = chance.choices((1, 0, -1), (0.5, 0.2, 0.3), k=60)
        low, high = net_share(drawn.count(1), drawn.count(-1), 60)
        held += low <= 0.2 <= high
    assert 0.935 < held / runs < 0.975
    assert net_share(10, 0, 10) == pytest.approx((wilson(10, 10)[0] - wilson(0, 10)[1], 1.0), abs=0.3)

"""The wait model: its distribution, and whether the 90 % interval holds 90 %."""

import math

import numpy as np
import pytest

from acd.estimate import HandlingTimes, beta_prime_cdf, beta_prime_quantile


@pytest.mark.parametrize(("r", "a"), [(1, 2.0), (3, 2.0), (1, 52.0), (40, 52.0), (200, 12.0)])
def test_the_distribution_is_that_of_a_ratio_of_gammas(r: int, a: float):
    chance = np.random.default_rng(7)
    ratio = chance.gamma(r, size=200_000) / chance.gamma(a, size=200_000)
    for p in (0.05, 0.5, 0.95):
        x = beta_prime_quantile(p, r, a)
        assert beta_prime_cdf(x, r, a) == pytest.approx(p, abs=1e-6)
        assert np.mean(ratio <= x) == pytest.approx(p, abs=0.004)


def test_one_needed_end_has_a_closed_form():
    assert beta_prime_cdf(3.0, 1, 2.0) == pytest.approx(1 - 1 / 16)
    assert beta_prime_quantile(0.95, 1, 2.0) == pytest.approx(math.sqrt(20) - 1)


def test_little_data_gives_a_wide_interval_and_much_a_narrow_one():
    fresh, seasoned = HandlingTimes(180.0), HandlingTimes(180.0)
    for _ in range(50):
        seasoned.add(180.0)
    wide, narrow = fresh.estimate(3, 5), seasoned.estimate(3, 5)
    assert wide.wait_s == pytest.approx(narrow.wait_s, rel=0.05)
    assert wide.high_s - wide.low_s > 1.5 * (narrow.high_s - narrow.low_s)


def test_the_estimate_learns_how_long_calls_take_and_phones_ring():
    times = HandlingTimes(180.0)
    for _ in range(50):
        times.add(60.0)
        times.add_ring(8.0)
    estimate = times.estimate(1, 1)
    assert estimate.wait_s == pytest.approx(60.0 * 50 / 51 + 180 / 51 + times.ring_s)
    assert times.ring_s == pytest.approx(8.0, abs=0.2)
    assert times.estimate(1, 10).wait_s < estimate.wait_s < times.estimate(5, 1).wait_s


@pytest.mark.parametrize("seen", [0, 3, 50])
def test_ninety_percent_of_waits_lie_inside_the_interval(seen: int):
    """Rates drawn from the prior, calls from the rate: the interval holds what it promises, however little was seen."""
    chance = np.random.default_rng(11)
    inside = 0
    for _ in range(2000):
        mean_s = 180.0 / chance.gamma(2.0)
        times = HandlingTimes(180.0)
        for length in chance.exponential(mean_s, size=seen):
            times.add(length)
        estimate = times.estimate(4, 6)
        wait = chance.gamma(4, mean_s / 6) + times.ring_s
        inside += estimate.low_s <= wait <= estimate.high_s
    assert inside / 2000 == pytest.approx(0.9, abs=0.02)

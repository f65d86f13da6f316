"""How much strangers may ask, on virtual time."""

import pytest

from telephony.sip.strangers import Strangers, source_of

STRANGER = "203.0.113.77"


def test_a_burst_then_the_rate() -> None:
    strangers = Strangers(50.0, 100.0)
    assert sum(strangers.lets_in(STRANGER, 10.0) for _ in range(500)) == 100
    assert strangers.dropped == 400
    assert strangers.lets_in("203.0.113.78", 10.0), "others are not held to account"
    assert sum(strangers.lets_in(STRANGER, 10.0 + number / 1000) for number in range(2000)) == pytest.approx(100, abs=1)
    assert sum(strangers.lets_in(STRANGER, 999.0) for _ in range(500)) == 100


def test_time_that_goes_back_gives_nothing() -> None:
    strangers = Strangers(50.0, 1.0)
    assert strangers.lets_in(STRANGER, 10.0)
    assert not strangers.lets_in(STRANGER, 5.0)


def test_many_sources_do_not_fill_the_memory() -> None:
    strangers = Strangers(max_sources=100)
    for number in range(1000):
        assert strangers.lets_in(f"10.0.{number // 250}.{number % 250}", 1.0)
    assert len(strangers) == 100


@pytest.mark.parametrize(
    ("host", "source"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::/64"),
        ("no:address", "no:address"),
    ],
)
def test_what_counts_as_one_source(host: str, source: str) -> None:
    assert source_of(host) == source

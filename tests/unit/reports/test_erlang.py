"""Erlang's formulas against published values, against each other and against plain sums."""

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ParseError
from reports.erlang import Demand, Promise, agents_needed, erlang_b, erlang_c, service

CALLS = Demand(calls_per_h=100.0, handle_s=180.0)
IMPATIENT = Demand(calls_per_h=100.0, handle_s=180.0, patience_s=120.0)


def test_the_published_values_of_erlang_c() -> None:
    found = service(CALLS, 7, 20.0)
    assert found.waits == pytest.approx(0.324150, abs=5e-7)
    assert found.within == pytest.approx(0.740441, abs=5e-7)
    assert found.mean_wait_s == pytest.approx(29.1735, abs=5e-5)
    assert found.occupancy == pytest.approx(5 / 7)


def test_the_published_values_of_erlang_a() -> None:
    found = service(IMPATIENT, 7, 20.0)
    assert found.waits == pytest.approx(0.222116, abs=5e-7)
    assert found.abandoned == pytest.approx(0.060388, abs=5e-7)
    assert found.mean_wait_s == pytest.approx(7.2466, abs=5e-5)
    assert found.within == pytest.approx(0.84566, abs=5e-6)


def test_erlang_b_by_its_own_sum() -> None:
    for agents, erlangs in ((1, 0.5), (5, 5.0), (12, 10.0), (20, 31.0)):
        terms = [erlangs**number / math.factorial(number) for number in range(agents + 1)]
        assert erlang_b(agents, erlangs) == pytest.approx(terms[-1] / sum(terms), rel=1e-12)
    assert erlang_b(0, 3.0) == 1.0


def test_erlang_a_by_the_chain_itself() -> None:
    """All states summed plainly, and the wait in a line of k by the ends and hang-ups before it."""
    for agents, calls_per_h, handle_s, patience_s in ((7, 100, 180, 120), (3, 90, 180, 60), (10, 150, 200, 400)):
        arrivals, end, leave = calls_per_h / 3600, 1 / handle_s, 1 / patience_s
        chances = [1.0]
        for number in range(1, 400):
            out = min(number, agents) * end + max(0, number - agents) * leave
            chances.append(chances[-1] * arrivals / out)
        whole = sum(chances)
        waiting = sum(max(0, number - agents) * chance for number, chance in enumerate(chances)) / whole
        found = service(Demand(calls_per_h, handle_s, patience_s), agents, 20.0)
        assert found.waits == pytest.approx(sum(chances[agents:]) / whole, rel=1e-9)
        assert found.mean_wait_s == pytest.approx(waiting / arrivals, rel=1e-9)
        assert found.abandoned == pytest.approx(found.mean_wait_s / patience_s, rel=1e-12)
        # In the end everybody is answered or has hung up.
        for_ever = service(Demand(calls_per_h, handle_s, patience_s), agents, 86_400.0)
        assert for_ever.within == pytest.approx(1.0 - found.abandoned, abs=1e-4)


def test_endless_patience_is_erlang_c() -> None:
    slow = service(Demand(100.0, 180.0, 86_400.0), 7, 20.0)
    assert slow.waits == pytest.approx(0.324150, rel=0.01)
    assert slow.within == pytest.approx(0.740441, rel=0.01)


def test_hundreds_of_agents_and_overload_stay_numbers() -> None:
    large = service(Demand(calls_per_h=10_000.0, handle_s=180.0), 520, 20.0)  # 500 Erlang
    assert 0 < large.waits < 0.5 and 0.8 < large.within < 1
    overload = service(Demand(20_000.0, 180.0, 3_600.0), 500, 20.0)  # 1,000 Erlang: half of them must go
    assert overload.abandoned == pytest.approx(0.5, abs=0.01)
    assert overload.waits == pytest.approx(1.0) and overload.within < 0.01 and overload.occupancy == pytest.approx(1.0)
    idle = service(Demand(1.0, 10.0, 60.0), 800, 20.0)
    assert (idle.waits, idle.within) == (0.0, 1.0)
    assert erlang_b(900, 0.001) == 0.0


def test_where_the_line_grows_for_ever() -> None:
    found = service(CALLS, 5, 20.0)
    assert (found.waits, found.within, found.mean_wait_s, found.occupancy) == (1.0, 0.0, math.inf, 1.0)
    assert erlang_c(5, 5.0) == 1.0
    nobody = service(IMPATIENT, 0, 20.0)
    assert (nobody.within, nobody.abandoned) == (0.0, 1.0)


def test_nobody_calls() -> None:
    nobody = Demand(0.0, 180.0, 120.0)
    assert service(nobody, 3, 20.0).within == 1.0
    assert agents_needed(nobody, Promise()) == 0


def test_agents_needed_is_the_fewest() -> None:
    for demand in (CALLS, IMPATIENT, Demand(9_000.0, 240.0, 90.0), Demand(3.0, 200.0)):
        for promise in (Promise(0.8, 20.0), Promise(0.95, 0.0), Promise(0.9, 60.0)):
            needed = agents_needed(demand, promise)
            assert service(demand, needed, promise.within_s).within >= promise.share
            assert service(demand, needed - 1, promise.within_s).within < promise.share
    assert agents_needed(CALLS, Promise(0.8, 20.0)) == 8
    assert agents_needed(IMPATIENT, Promise(0.8, 20.0)) == 7


def test_more_can_be_promised_than_quick_answers() -> None:
    assert agents_needed(IMPATIENT, Promise(0.5, 20.0, most_abandoned=0.01)) == 10
    assert service(IMPATIENT, 10, 20.0).abandoned <= 0.01 < service(IMPATIENT, 9, 20.0).abandoned
    relaxed = agents_needed(CALLS, Promise(0.5, 20.0, most_occupancy=0.6))
    assert relaxed == 9  # 5 Erlang / 0.6 = 8.3


@settings(max_examples=50, deadline=None)
@given(
    calls_per_h=st.floats(0.1, 20_000.0),
    handle_s=st.floats(1.0, 600.0),
    patience_s=st.none() | st.floats(5.0, 900.0),
    agents=st.integers(1, 600),
    within_s=st.floats(0.0, 120.0),
)
def test_shares_are_shares_and_more_agents_are_never_worse(
    calls_per_h: float, handle_s: float, patience_s: float | None, agents: int, within_s: float
) -> None:
    demand = Demand(calls_per_h, handle_s, patience_s)
    rows = [service(demand, agents + more, within_s) for more in (0, 1, 10)]
    for found in rows:
        assert 0.0 <= found.waits <= 1.0 + 1e-9 and -1e-9 <= found.within <= 1.0
        assert -1e-9 <= found.abandoned <= 1.0 + 1e-9 and 0.0 <= found.occupancy <= 1.0 + 1e-9
    for fewer, more in pairwise(rows):
        assert more.within >= fewer.within - 1e-6
        assert more.mean_wait_s <= fewer.mean_wait_s * (1 + 1e-9)


@pytest.mark.parametrize(
    ("demand", "agents", "within_s", "named"),
    [
        (CALLS, -1, 20.0, "agents"),
        (CALLS, 10_001, 20.0, "agents"),
        (Demand(math.inf, 180.0), 7, 20.0, "demand"),
        (Demand(math.nan, 180.0), 7, 20.0, "demand"),
        (Demand(100.0, 0.0), 7, 20.0, "demand"),
        (Demand(1e9, 180.0), 7, 20.0, "demand"),
        (Demand(100.0, 180.0, 0.0), 7, 20.0, "patience"),
        (CALLS, 7, math.nan, "within"),
    ],
)
def test_what_cannot_be_is_refused_by_name(demand: Demand, agents: int, within_s: float, named: str) -> None:
    with pytest.raises(ParseError, match=named):
        service(demand, agents, within_s)


def test_a_promise_that_nobody_can_keep_is_refused() -> None:
    with pytest.raises(ParseError, match="promise"):
        agents_needed(CALLS, Promise(1.0, 20.0))
    with pytest.raises(ParseError, match="more than 10000 agents"):
        agents_needed(Demand(100.0, 180.0, 120.0), Promise(0.8, 20.0, most_occupancy=1e-9))

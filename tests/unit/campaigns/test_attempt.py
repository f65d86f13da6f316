"""The attempt's table, and the gate."""

import itertools
from math import inf

import pytest

from campaigns.attempt import Attempt, AttemptInput, AttemptState, Result, refused
from campaigns.gate import CampaignState, Gate, Plan
from core.errors import LocalProtocolError
from telephony.ports import EndReason

PLAN = Plan("visits", "carrier", "02155550100", concurrency=3)


def test_only_the_pairs_of_the_table_are_taken() -> None:
    taken = set()
    for state, given in itertools.product(AttemptState, AttemptInput):
        for result in (None, Result.FAILED):
            try:
                after = Attempt("a", "c", 1, state).step(given, result)
            except LocalProtocolError:
                continue
            taken.add((state.value, given.value, after.state.value))
            assert (after.state is AttemptState.ENDED) == (after.result is not None)
    assert taken == {
        ("claimed", "dial", "dialling"), ("claimed", "withdraw", "ended"), ("claimed", "interrupt", "ended"),
        ("dialling", "answered", "talking"), ("dialling", "not_reached", "ended"), ("dialling", "interrupt", "ended"),
        ("talking", "survey_over", "ended"), ("talking", "hung_up", "ended"), ("talking", "interrupt", "ended"),
        ("talking", "machine", "ended"), ("talking", "talk_over", "ended"), ("talking", "no_agent", "ended"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("status", "cause", "result", "reason", "trunk_fault"),
    [
        (486, None, Result.BUSY, EndReason.BUSY, False),
        (480, 19, Result.NO_ANSWER, EndReason.NO_ANSWER, False),
        (404, None, Result.FAILED, EndReason.NOT_FOUND, False),
        (404, 1, Result.EMPTY_NUMBER, EndReason.NOT_FOUND, False),
        (480, 20, Result.UNREACHABLE, EndReason.UNAVAILABLE, False),
        (502, 27, Result.OUT_OF_SERVICE, EndReason.UNAVAILABLE, False),
        (403, 55, Result.BARRED, EndReason.REJECTED, False),
        (403, 21, Result.REFUSED, EndReason.REJECTED, False),
        (403, None, Result.FAILED, EndReason.REJECTED, True),
        (503, 34, Result.FAILED, EndReason.UNAVAILABLE, True),
        (488, None, Result.FAILED, EndReason.UNAVAILABLE, False),
    ],
)
def test_refusals(status: int, cause: int | None, result: Result, reason: EndReason, trunk_fault: bool) -> None:
    why = refused(status, cause)
    assert (why.result, why.reason, why.status, why.trunk_fault) == (result, reason, status, trunk_fault)


def test_gate_counts_calls_and_faults() -> None:
    gate = Gate(PLAN)
    assert gate.wait_s(100.0, 2) == 0
    assert gate.wait_s(100.0, 3) == inf
    assert not gate.fault(100.0)
    assert gate.wait_s(100.0, 0) == 5
    assert gate.wait_s(200.0, 1) == inf  # one at a time while the trunk is in doubt
    assert [gate.fault(100.0) for _ in range(4)] == [False, False, False, True]
    assert gate.wait_s(100.0, 0) == 80
    gate.forget_faults()
    assert gate.wait_s(100.0, 2) == 0


def test_campaign_states() -> None:
    gate = Gate(PLAN)
    assert gate.change(CampaignState.PAUSED)
    assert not gate.change(CampaignState.PAUSED)
    with pytest.raises(LocalProtocolError):
        gate.change(CampaignState.FINISHED)
    assert gate.change(CampaignState.STOPPED)
    assert not gate.change(CampaignState.RUNNING)

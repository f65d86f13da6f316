"""The life of a leg: what may follow what."""

import itertools

import pytest

from core.errors import LocalProtocolError
from telephony.leg_states import IGNORED, TABLE, LegInput, LegState, next_state


@pytest.mark.parametrize(
    ("begins", "given", "ends"),
    [
        (LegState.ARRIVED, [LegInput.RING, LegInput.RING, LegInput.ANSWER, LegInput.END], LegState.ENDED),
        (LegState.ARRIVED, [LegInput.ANSWER, LegInput.RING, LegInput.ANSWER], LegState.UP),
        (LegState.ARRIVED, [LegInput.END, LegInput.END, LegInput.ANSWER], LegState.ENDED),
        (LegState.DIALLING, [LegInput.ANSWER, LegInput.END], LegState.ENDED),
        (LegState.DIALLING, [LegInput.END, LegInput.ANSWER], LegState.ENDED),
    ],
)
def test_lives(begins: LegState, given: list[LegInput], ends: LegState) -> None:
    state = begins
    for item in given:
        state = next_state(state, item)
    assert state is ends


def test_every_pair_is_decided_once() -> None:
    assert not set(TABLE) & IGNORED
    senseless = set(itertools.product(LegState, LegInput)) - set(TABLE) - IGNORED
    assert senseless == {(LegState.DIALLING, LegInput.RING), (LegState.ENDED, LegInput.RING)}
    for state, given in senseless:
        with pytest.raises(LocalProtocolError, match=f"{state.name} cannot {given.name}"):
            next_state(state, given)


def test_nothing_leads_back() -> None:
    order = [LegState.ARRIVED, LegState.DIALLING, LegState.UP, LegState.ENDED]
    assert all(order.index(after) >= order.index(state) for (state, _), after in TABLE.items())

"""The life of a leg as a table: what may follow what."""

from enum import Enum, auto
from typing import Final

from core.errors import LocalProtocolError


class LegState(Enum):
    """Where a leg stands."""

    ARRIVED = auto()  # incoming: not answered yet
    DIALLING = auto()  # outgoing: not answered yet
    UP = auto()
    ENDED = auto()


class LegInput(Enum):
    """What can happen to it."""

    RING = auto()  # we tell the caller that it rings
    ANSWER = auto()  # we answer, or the far end does
    END = auto()  # either side


TABLE: Final[dict[tuple[LegState, LegInput], LegState]] = {
    (LegState.ARRIVED, LegInput.RING): LegState.ARRIVED,
    (LegState.ARRIVED, LegInput.ANSWER): LegState.UP,
    (LegState.ARRIVED, LegInput.END): LegState.ENDED,
    (LegState.DIALLING, LegInput.ANSWER): LegState.UP,
    (LegState.DIALLING, LegInput.END): LegState.ENDED,
    (LegState.UP, LegInput.END): LegState.ENDED,
}
IGNORED: Final = frozenset(
    {
        (LegState.UP, LegInput.RING),  # a journey rings after another part of it has answered
        (LegState.UP, LegInput.ANSWER),  # answering twice is no error
        (LegState.ENDED, LegInput.END),  # both sides hang up at once
        (LegState.ENDED, LegInput.ANSWER),  # the answer crossed the end
    }
)


def next_state(state: LegState, given: LegInput) -> LegState:
    """The state after ``given``; ``LocalProtocolError`` for a pair that makes no sense."""
    if (state, given) in IGNORED:
        return state
    try:
        return TABLE[(state, given)]
    except KeyError:
        raise LocalProtocolError(f"a leg that is {state.name} cannot {given.name}") from None

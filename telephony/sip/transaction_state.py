"""The vocabulary of the four transaction machines (RFC 3261 §17, RFC 6026): states, inputs, actions, tables."""

from collections.abc import Iterable, Mapping
from enum import auto
from typing import TypeAlias

from core.symbols import Symbol


class State(Symbol):
    """Where a transaction is. A TERMINATED one is forgotten at once."""

    CALLING = auto()
    TRYING = auto()
    PROCEEDING = auto()
    ACCEPTED = auto()
    COMPLETED = auto()
    CONFIRMED = auto()
    TERMINATED = auto()


class Timer(Symbol):
    """The timers of §17 table 4, of RFC 6026 (L, M), and two guards of ours."""

    A = auto()
    B = auto()
    D = auto()
    E = auto()
    F = auto()
    G = auto()
    H = auto()
    I = auto()  # noqa: E741 - its name in the RFC
    J = auto()
    K = auto()
    L = auto()
    M = auto()
    CANCELLED = auto()
    """§9.1: 64·T1 after CANCEL the INVITE transaction is given up."""
    UNANSWERED = auto()
    """The room above never answered a request that it was handed."""


class Input(Symbol):
    """What happens to a transaction: from the wire, from the room above (TU_...), or from time."""

    PROVISIONAL = auto()
    SUCCESS = auto()
    FAILURE = auto()
    REQUEST = auto()
    ACK = auto()
    TU_PROVISIONAL = auto()
    TU_SUCCESS = auto()
    TU_FAILURE = auto()
    UNREACHABLE = auto()
    TIMER_A = auto()
    TIMER_B = auto()
    TIMER_D = auto()
    TIMER_E = auto()
    TIMER_F = auto()
    TIMER_G = auto()
    TIMER_H = auto()
    TIMER_I = auto()
    TIMER_J = auto()
    TIMER_K = auto()
    TIMER_L = auto()
    TIMER_M = auto()
    TIMER_CANCELLED = auto()
    TIMER_UNANSWERED = auto()


TIMER_INPUT: Mapping[Timer, Input] = {timer: Input[f"TIMER_{timer.name}"] for timer in Timer}


class Action(Symbol):
    """What a step makes the transaction do, in the order of the table's tuple."""

    SEND = auto()
    """Send the request (client) or the latest response (server)."""
    PASS = auto()
    """Hand the message up."""
    ACK = auto()
    """Acknowledge a refusal (§17.1.1.3)."""
    TIMED_OUT = auto()
    """Tell the room above that nobody answered."""
    FAILED = auto()
    """Tell the room above that the peer cannot be reached."""
    REPEAT_A = auto()
    """Timer A again, twice as long."""
    REPEAT_E = auto()
    """Timer E again, twice as long up to T2; T2 at once where a provisional response has come."""
    REPEAT_G = auto()
    """Timer G again, twice as long up to T2."""
    START_A = auto()
    START_B = auto()
    START_D = auto()
    START_E = auto()
    START_F = auto()
    START_G = auto()
    START_H = auto()
    START_I = auto()
    START_J = auto()
    START_K = auto()
    START_L = auto()
    START_M = auto()
    START_UNANSWERED = auto()
    STOP_REPEATS = auto()
    """Stop every timer that is running: the next state has its own."""


Step: TypeAlias = tuple[State, tuple[Action, ...]]
Table: TypeAlias = Mapping[tuple[State, Input], Step]


def with_ignored(
    steps: dict[tuple[State, Input], Step], ignored: Iterable[tuple[State, Input]]
) -> dict[tuple[State, Input], Step]:
    """``steps`` plus the pairs that change nothing; a pair in both is a mistake in the table."""
    table = dict(steps)
    for state, happening in ignored:
        if (state, happening) in table:
            raise ValueError(f"({state.name}, {happening.name}) is both a step and ignored")
        table[state, happening] = (state, ())
    return table

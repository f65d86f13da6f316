"""The two client transactions as tables: INVITE (RFC 6026 §7.2, figure 5) and all other methods (RFC 3261 §17.1.2)."""

from typing import Final

from telephony.sip.transaction_state import Action as Do
from telephony.sip.transaction_state import Input as On
from telephony.sip.transaction_state import State, Step, with_ignored

INVITE_CLIENT_START: Final[Step] = (State.CALLING, (Do.SEND, Do.START_A, Do.START_B))

INVITE_CLIENT: Final = with_ignored(
    {
        (State.CALLING, On.TIMER_A): (State.CALLING, (Do.SEND, Do.REPEAT_A)),
        (State.CALLING, On.TIMER_B): (State.TERMINATED, (Do.TIMED_OUT,)),
        (State.CALLING, On.UNREACHABLE): (State.TERMINATED, (Do.FAILED,)),
        (State.CALLING, On.PROVISIONAL): (State.PROCEEDING, (Do.STOP_REPEATS, Do.PASS)),
        (State.CALLING, On.SUCCESS): (State.ACCEPTED, (Do.STOP_REPEATS, Do.START_M, Do.PASS)),
        (State.CALLING, On.FAILURE): (State.COMPLETED, (Do.STOP_REPEATS, Do.ACK, Do.START_D, Do.PASS)),
        (State.CALLING, On.TIMER_CANCELLED): (State.TERMINATED, (Do.TIMED_OUT,)),
        (State.PROCEEDING, On.PROVISIONAL): (State.PROCEEDING, (Do.PASS,)),
        (State.PROCEEDING, On.SUCCESS): (State.ACCEPTED, (Do.STOP_REPEATS, Do.START_M, Do.PASS)),
        (State.PROCEEDING, On.FAILURE): (State.COMPLETED, (Do.STOP_REPEATS, Do.ACK, Do.START_D, Do.PASS)),
        (State.PROCEEDING, On.TIMER_CANCELLED): (State.TERMINATED, (Do.TIMED_OUT,)),
        # Repeats of the 2xx and 2xx of other forks: the room above acknowledges each (§13.2.2.4).
        (State.ACCEPTED, On.SUCCESS): (State.ACCEPTED, (Do.PASS,)),
        (State.ACCEPTED, On.TIMER_M): (State.TERMINATED, ()),
        (State.COMPLETED, On.FAILURE): (State.COMPLETED, (Do.ACK,)),
        (State.COMPLETED, On.TIMER_D): (State.TERMINATED, ()),
        # Only the ACK was sent from here: the room above has its answer already.
        (State.COMPLETED, On.UNREACHABLE): (State.TERMINATED, ()),
    },
    ignored=(
        (State.PROCEEDING, On.UNREACHABLE),  # an answer came, so the peer is there
        (State.ACCEPTED, On.PROVISIONAL),
        (State.ACCEPTED, On.FAILURE),
        (State.ACCEPTED, On.UNREACHABLE),
        (State.COMPLETED, On.PROVISIONAL),
        (State.COMPLETED, On.SUCCESS),
    ),
)

CLIENT_START: Final[Step] = (State.TRYING, (Do.SEND, Do.START_E, Do.START_F))

CLIENT: Final = with_ignored(
    {
        (State.TRYING, On.TIMER_E): (State.TRYING, (Do.SEND, Do.REPEAT_E)),
        (State.TRYING, On.TIMER_F): (State.TERMINATED, (Do.TIMED_OUT,)),
        (State.TRYING, On.UNREACHABLE): (State.TERMINATED, (Do.FAILED,)),
        (State.TRYING, On.PROVISIONAL): (State.PROCEEDING, (Do.PASS,)),
        (State.TRYING, On.SUCCESS): (State.COMPLETED, (Do.STOP_REPEATS, Do.START_K, Do.PASS)),
        (State.TRYING, On.FAILURE): (State.COMPLETED, (Do.STOP_REPEATS, Do.START_K, Do.PASS)),
        (State.PROCEEDING, On.TIMER_E): (State.PROCEEDING, (Do.SEND, Do.REPEAT_E)),
        (State.PROCEEDING, On.TIMER_F): (State.TERMINATED, (Do.TIMED_OUT,)),
        (State.PROCEEDING, On.UNREACHABLE): (State.TERMINATED, (Do.FAILED,)),
        (State.PROCEEDING, On.PROVISIONAL): (State.PROCEEDING, (Do.PASS,)),
        (State.PROCEEDING, On.SUCCESS): (State.COMPLETED, (Do.STOP_REPEATS, Do.START_K, Do.PASS)),
        (State.PROCEEDING, On.FAILURE): (State.COMPLETED, (Do.STOP_REPEATS, Do.START_K, Do.PASS)),
        (State.COMPLETED, On.TIMER_K): (State.TERMINATED, ()),
    },
    ignored=(
        (State.COMPLETED, On.PROVISIONAL),
        (State.COMPLETED, On.SUCCESS),
        (State.COMPLETED, On.FAILURE),
        (State.COMPLETED, On.UNREACHABLE),
    ),
)

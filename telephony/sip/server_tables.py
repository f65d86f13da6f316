"""The two server transactions as tables: INVITE (RFC 6026 §7.1, figure 7) and all other methods (RFC 3261 §17.2.2)."""

from typing import Final

from telephony.sip.transaction_state import Action as Do
from telephony.sip.transaction_state import Input as On
from telephony.sip.transaction_state import State, Step, with_ignored

INVITE_SERVER_START: Final[Step] = (State.PROCEEDING, (Do.PASS,))

INVITE_SERVER: Final = with_ignored(
    {
        (State.PROCEEDING, On.REQUEST): (State.PROCEEDING, (Do.SEND,)),
        (State.PROCEEDING, On.TU_PROVISIONAL): (State.PROCEEDING, (Do.SEND,)),
        (State.PROCEEDING, On.TU_SUCCESS): (State.ACCEPTED, (Do.SEND, Do.START_L)),
        (State.PROCEEDING, On.TU_FAILURE): (State.COMPLETED, (Do.SEND, Do.START_G, Do.START_H)),
        # The room above repeats its 2xx by itself (§13.3.1.4).
        (State.ACCEPTED, On.TU_SUCCESS): (State.ACCEPTED, (Do.SEND,)),
        (State.ACCEPTED, On.ACK): (State.ACCEPTED, (Do.PASS,)),
        (State.ACCEPTED, On.TIMER_L): (State.TERMINATED, ()),
        (State.COMPLETED, On.REQUEST): (State.COMPLETED, (Do.SEND,)),
        (State.COMPLETED, On.TIMER_G): (State.COMPLETED, (Do.SEND, Do.REPEAT_G)),
        # Nobody acknowledged a refusal: the call never was, so nothing is to be told.
        (State.COMPLETED, On.TIMER_H): (State.TERMINATED, ()),
        (State.COMPLETED, On.ACK): (State.CONFIRMED, (Do.STOP_REPEATS, Do.START_I)),
        (State.CONFIRMED, On.TIMER_I): (State.TERMINATED, ()),
    },
    ignored=(
        # RFC 6026 §7.1: a transport error changes no server state; the repeats go on and the timers end it.
        (State.PROCEEDING, On.UNREACHABLE),
        (State.ACCEPTED, On.UNREACHABLE),
        (State.COMPLETED, On.UNREACHABLE),
        (State.CONFIRMED, On.UNREACHABLE),
        (State.PROCEEDING, On.ACK),  # a stray: nothing final was sent yet
        (State.ACCEPTED, On.REQUEST),
        (State.CONFIRMED, On.ACK),
        (State.CONFIRMED, On.REQUEST),
    ),
)

SERVER_START: Final[Step] = (State.TRYING, (Do.START_UNANSWERED, Do.PASS))

SERVER: Final = with_ignored(
    {
        (State.TRYING, On.TU_PROVISIONAL): (State.PROCEEDING, (Do.SEND,)),
        (State.TRYING, On.TU_SUCCESS): (State.COMPLETED, (Do.STOP_REPEATS, Do.SEND, Do.START_J)),
        (State.TRYING, On.TU_FAILURE): (State.COMPLETED, (Do.STOP_REPEATS, Do.SEND, Do.START_J)),
        (State.TRYING, On.TIMER_UNANSWERED): (State.TERMINATED, ()),
        (State.PROCEEDING, On.REQUEST): (State.PROCEEDING, (Do.SEND,)),
        (State.PROCEEDING, On.TU_PROVISIONAL): (State.PROCEEDING, (Do.SEND,)),
        (State.PROCEEDING, On.TU_SUCCESS): (State.COMPLETED, (Do.STOP_REPEATS, Do.SEND, Do.START_J)),
        (State.PROCEEDING, On.TU_FAILURE): (State.COMPLETED, (Do.STOP_REPEATS, Do.SEND, Do.START_J)),
        (State.PROCEEDING, On.TIMER_UNANSWERED): (State.TERMINATED, ()),
        (State.COMPLETED, On.REQUEST): (State.COMPLETED, (Do.SEND,)),
        (State.COMPLETED, On.TIMER_J): (State.TERMINATED, ()),
    },
    ignored=(
        (State.TRYING, On.REQUEST),
        (State.TRYING, On.UNREACHABLE),
        (State.PROCEEDING, On.UNREACHABLE),
        (State.COMPLETED, On.UNREACHABLE),
    ),
)

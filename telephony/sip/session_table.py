"""A session (one call as SIP sees it) as two tables: we called (UAC, RFC 3261 §13.2) and we were called (UAS, §13.3).

The races live here: 200 crossing CANCEL, BYE before ACK, hang-up before any answer, silence at every point.
"""

from collections.abc import Mapping
from enum import auto
from typing import Final, TypeAlias

from core.symbols import Symbol


class State(Symbol):
    """Where a session is."""

    CALLING = auto()
    """INVITE sent, nothing heard."""
    EARLY = auto()
    """A provisional answer came."""
    ABANDONED = auto()
    """Hung up before any answer: §9.1 lets CANCEL go only after a provisional one."""
    CANCELLING = auto()
    """CANCEL sent; the final answer is awaited."""
    OFFERED = auto()
    """2xx with the peer's offer came; the rooms above owe the answer that the ACK will carry."""
    INVITED = auto()
    """A peer called; no final answer given."""
    ACCEPTED = auto()
    """200 sent, its ACK awaited."""
    LEAVING = auto()
    """Hung up before the ACK: §15 forbids BYE until it has come."""
    UP = auto()
    ENDING = auto()
    """BYE sent, its answer awaited."""
    ENDED = auto()


class On(Symbol):
    """What happens to a session: from the peer, from the rooms above, or from time."""

    PROVISIONAL = auto()
    ANSWER = auto()
    LATE_OFFER = auto()
    REFUSAL = auto()
    SILENCE = auto()
    CANCEL = auto()
    ACK = auto()
    NO_ACK = auto()
    BYE = auto()
    BYE_OVER = auto()
    LOST = auto()
    TOO_LONG = auto()
    DO_ACCEPT = auto()
    DO_REJECT = auto()
    DO_LATE_ANSWER = auto()
    DO_HANG_UP = auto()


class Do(Symbol):
    """What a step does, in the order of the table's tuple."""

    SEND_ACK = auto()
    SEND_CANCEL = auto()
    SEND_BYE = auto()
    SEND_OK = auto()
    SEND_REFUSAL = auto()
    SEND_TERMINATED = auto()
    """487 to the INVITE."""
    SEND_UNAVAILABLE = auto()
    """480 to the INVITE."""
    STOP_REPEATS = auto()
    BE_QUIET = auto()
    """The rooms above have hung up: they hear no more."""
    TELL_PROGRESS = auto()
    TELL_ANSWER = auto()
    TELL_REFUSAL = auto()
    TELL_TIMEOUT = auto()
    TELL_CONFIRMED = auto()
    TELL_CANCELLED = auto()
    TELL_HUNG_UP = auto()


Table: TypeAlias = Mapping[tuple[State, On], tuple[State, tuple[Do, ...]]]

_ESTABLISHED: Final = {
    (State.UP, On.DO_HANG_UP): (State.ENDING, (Do.BE_QUIET, Do.SEND_BYE)),
    (State.UP, On.BYE): (State.ENDED, (Do.TELL_HUNG_UP,)),
    (State.UP, On.LOST): (State.ENDING, (Do.TELL_HUNG_UP, Do.SEND_BYE)),
    (State.UP, On.NO_ACK): (State.ENDING, (Do.TELL_TIMEOUT, Do.SEND_BYE)),  # of our 200 to a re-INVITE
    # Both hung up at once: ours is answered by 481 or 200, theirs by 200.
    (State.ENDING, On.BYE): (State.ENDING, ()),
    (State.ENDING, On.BYE_OVER): (State.ENDED, ()),
    (State.ENDING, On.DO_HANG_UP): (State.ENDING, ()),
    (State.ENDING, On.LOST): (State.ENDING, ()),
    (State.ENDING, On.NO_ACK): (State.ENDING, ()),
    (State.ENDING, On.ACK): (State.ENDING, ()),
    (State.UP, On.ACK): (State.UP, ()),
}

OUTGOING: Final[Table] = {
    **_ESTABLISHED,
    (State.CALLING, On.PROVISIONAL): (State.EARLY, (Do.TELL_PROGRESS,)),
    (State.CALLING, On.ANSWER): (State.UP, (Do.SEND_ACK, Do.TELL_ANSWER)),
    (State.CALLING, On.LATE_OFFER): (State.OFFERED, (Do.TELL_ANSWER,)),
    (State.CALLING, On.REFUSAL): (State.ENDED, (Do.TELL_REFUSAL,)),
    (State.CALLING, On.SILENCE): (State.ENDED, (Do.TELL_TIMEOUT,)),
    (State.CALLING, On.TOO_LONG): (State.ABANDONED, (Do.TELL_TIMEOUT,)),
    (State.CALLING, On.DO_HANG_UP): (State.ABANDONED, (Do.BE_QUIET,)),
    (State.EARLY, On.PROVISIONAL): (State.EARLY, (Do.TELL_PROGRESS,)),
    (State.EARLY, On.ANSWER): (State.UP, (Do.SEND_ACK, Do.TELL_ANSWER)),
    (State.EARLY, On.LATE_OFFER): (State.OFFERED, (Do.TELL_ANSWER,)),
    (State.EARLY, On.REFUSAL): (State.ENDED, (Do.TELL_REFUSAL,)),
    (State.EARLY, On.SILENCE): (State.ENDED, (Do.TELL_TIMEOUT,)),
    (State.EARLY, On.TOO_LONG): (State.CANCELLING, (Do.TELL_TIMEOUT, Do.SEND_CANCEL)),
    (State.EARLY, On.DO_HANG_UP): (State.CANCELLING, (Do.BE_QUIET, Do.SEND_CANCEL)),
    # §15.1.1 forbids it to a callee before ACK, but it says clearly enough that the call is over.
    (State.EARLY, On.BYE): (State.CANCELLING, (Do.TELL_HUNG_UP, Do.SEND_CANCEL)),
    (State.ABANDONED, On.PROVISIONAL): (State.CANCELLING, (Do.SEND_CANCEL,)),
    (State.ABANDONED, On.ANSWER): (State.ENDING, (Do.SEND_ACK, Do.SEND_BYE)),
    (State.ABANDONED, On.LATE_OFFER): (State.ENDING, (Do.SEND_ACK, Do.SEND_BYE)),
    (State.ABANDONED, On.REFUSAL): (State.ENDED, ()),
    (State.ABANDONED, On.SILENCE): (State.ENDED, ()),
    (State.ABANDONED, On.DO_HANG_UP): (State.ABANDONED, ()),
    (State.CANCELLING, On.PROVISIONAL): (State.CANCELLING, ()),
    # The 200 crossed our CANCEL.
    (State.CANCELLING, On.ANSWER): (State.ENDING, (Do.SEND_ACK, Do.SEND_BYE)),
    (State.CANCELLING, On.LATE_OFFER): (State.ENDING, (Do.SEND_ACK, Do.SEND_BYE)),
    (State.CANCELLING, On.REFUSAL): (State.ENDED, ()),
    (State.CANCELLING, On.SILENCE): (State.ENDED, ()),
    (State.CANCELLING, On.BYE): (State.CANCELLING, ()),
    (State.CANCELLING, On.DO_HANG_UP): (State.CANCELLING, ()),
    (State.OFFERED, On.DO_LATE_ANSWER): (State.UP, (Do.SEND_ACK,)),
    (State.OFFERED, On.DO_HANG_UP): (State.ENDING, (Do.BE_QUIET, Do.SEND_ACK, Do.SEND_BYE)),
    (State.OFFERED, On.BYE): (State.ENDED, (Do.TELL_HUNG_UP,)),
    (State.OFFERED, On.TOO_LONG): (State.ENDING, (Do.TELL_TIMEOUT, Do.SEND_ACK, Do.SEND_BYE)),
}

INCOMING: Final[Table] = {
    **_ESTABLISHED,
    (State.INVITED, On.DO_ACCEPT): (State.ACCEPTED, (Do.SEND_OK,)),
    (State.INVITED, On.DO_REJECT): (State.ENDED, (Do.BE_QUIET, Do.SEND_REFUSAL)),
    (State.INVITED, On.DO_HANG_UP): (State.ENDED, (Do.BE_QUIET, Do.SEND_UNAVAILABLE)),
    (State.INVITED, On.CANCEL): (State.ENDED, (Do.SEND_TERMINATED, Do.TELL_CANCELLED)),
    # §15: a caller may end an early dialog by BYE too.
    (State.INVITED, On.BYE): (State.ENDED, (Do.SEND_TERMINATED, Do.TELL_CANCELLED)),
    (State.INVITED, On.TOO_LONG): (State.ENDED, (Do.SEND_UNAVAILABLE, Do.TELL_TIMEOUT)),
    (State.ACCEPTED, On.ACK): (State.UP, (Do.STOP_REPEATS, Do.TELL_CONFIRMED)),
    # The ACK was lost or comes later: the BYE proves that the 200 arrived.
    (State.ACCEPTED, On.BYE): (State.ENDED, (Do.STOP_REPEATS, Do.TELL_HUNG_UP)),
    (State.ACCEPTED, On.CANCEL): (State.ACCEPTED, ()),
    (State.ACCEPTED, On.NO_ACK): (State.ENDING, (Do.TELL_TIMEOUT, Do.SEND_BYE)),
    (State.ACCEPTED, On.DO_HANG_UP): (State.LEAVING, (Do.BE_QUIET,)),
    (State.LEAVING, On.ACK): (State.ENDING, (Do.STOP_REPEATS, Do.SEND_BYE)),
    (State.LEAVING, On.NO_ACK): (State.ENDING, (Do.SEND_BYE,)),
    (State.LEAVING, On.BYE): (State.ENDED, (Do.STOP_REPEATS,)),
    (State.LEAVING, On.CANCEL): (State.LEAVING, ()),
    (State.LEAVING, On.DO_HANG_UP): (State.LEAVING, ()),
    (State.UP, On.CANCEL): (State.UP, ()),
    (State.ENDING, On.CANCEL): (State.ENDING, ()),
}

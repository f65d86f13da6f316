"""A promise to call somebody back, as a state machine, and the book of those that are open. Pure.

The promise keeps the moment at which its caller was due. While it ``WAITS`` it stands in the line of its queue and is
served like anybody else; it ``RESTS`` where it may not be tried now (the customer was not reached a moment ago, or the
centre is closed). Once an agent has taken it, the customer is ``DIALLED``: from then on nobody else can be rung for it.
What happens meanwhile (he calls again, somebody cancels it) takes effect if that try fails.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from acd.skills import SkillNeed
from core.errors import LocalProtocolError

MOST_OPEN: Final = 1000
"""So many promises may be open in one house."""


class CallbackState(StrEnum):
    """Where a promise stands."""

    RESTING = "resting"
    WAITING = "waiting"
    DIALLED = "dialled"
    ENDED = "ended"


class CallbackInput(StrEnum):
    """What can happen to a promise."""

    ENTER = "enter"  # it stands in the line
    LEAVE = "leave"  # it does no more, and no agent has taken it
    DIAL = "dial"  # an agent has taken it
    MISS = "miss"  # the customer was not reached
    REACH = "reach"  # he answered
    END = "end"  # without that


class CallbackOutcome(StrEnum):
    """How a promise ended."""

    REACHED = "reached"
    UNREACHED = "unreached"  # not within the tries
    EXPIRED = "expired"  # nobody had time for it while it held
    CANCELLED = "cancelled"  # by a supervisor, or its queue is gone
    MERGED = "merged"  # he has called again and has his place


TABLE: Final[dict[tuple[CallbackState, CallbackInput], CallbackState]] = {
    (CallbackState.RESTING, CallbackInput.ENTER): CallbackState.WAITING,
    (CallbackState.WAITING, CallbackInput.LEAVE): CallbackState.RESTING,
    (CallbackState.WAITING, CallbackInput.DIAL): CallbackState.DIALLED,
    (CallbackState.DIALLED, CallbackInput.MISS): CallbackState.RESTING,
    (CallbackState.DIALLED, CallbackInput.REACH): CallbackState.ENDED,
    (CallbackState.RESTING, CallbackInput.END): CallbackState.ENDED,
    (CallbackState.WAITING, CallbackInput.END): CallbackState.ENDED,
}


@dataclass(frozen=True, slots=True)
class CallbackRules:
    """``tries`` in all, ``retry_s`` apart; the promise holds ``holds_s`` (seconds)."""

    tries: int = 3
    retry_s: float = 600.0
    holds_s: float = 8 * 3600.0


@dataclass(slots=True)
class Callback:
    """One promise. ``call_id`` is the call in which it was made; times are epoch seconds. It is not tried before
    ``not_before``. ``given_up`` says how it ends if the try that goes on fails, ``given_up_by`` whose wish that is.
    """

    id: str
    queue: str
    number: str
    call_id: str
    promised_at: float
    due: float
    expires_at: float
    skills: tuple[SkillNeed, ...] = ()
    tries: int = 0
    not_before: float = 0.0
    state: CallbackState = CallbackState.RESTING
    agent: str = ""
    given_up: CallbackOutcome | None = None
    given_up_by: str = "system"

    def step(self, item: CallbackInput) -> None:
        """Feed one input; ``LocalProtocolError`` for what cannot happen in this state."""
        following = TABLE.get((self.state, item))
        if following is None:
            raise LocalProtocolError(f"callback {self.id}: {item} in state {self.state}")
        self.state = following

    def dial(self, agent: str) -> None:
        """``agent`` has taken it: another try begins."""
        self.step(CallbackInput.DIAL)
        self.agent = agent
        self.tries += 1

    def miss(self, now: float, rules: CallbackRules, *, counts: bool) -> None:
        """The customer was not reached; ``counts`` unless it was our side's fault."""
        self.step(CallbackInput.MISS)
        if not counts:
            self.tries -= 1
        self.not_before = now + rules.retry_s

    def over(self, now: float, rules: CallbackRules) -> CallbackOutcome | None:
        """How it ends now, while it rests: given up, tried in vain, too late. None where it is to be tried again."""
        if self.given_up is not None:
            return self.given_up
        if self.tries >= rules.tries:
            return CallbackOutcome.UNREACHED
        return CallbackOutcome.EXPIRED if now >= self.expires_at else None


class CallbackBook:
    """The promises that are open, the oldest first."""

    def __init__(self) -> None:
        self._open: dict[str, Callback] = {}

    def __iter__(self) -> Iterator[Callback]:
        return iter(self._open.values())

    @property
    def full(self) -> bool:
        """No further promise may be made."""
        return len(self._open) >= MOST_OPEN

    def add(self, one: Callback) -> None:
        """It has been made."""
        self._open[one.id] = one

    def remove(self, one: Callback) -> None:
        """It is over; a second time is no error."""
        self._open.pop(one.id, None)

    def get(self, callback: str) -> Callback | None:
        """The open promise of that id."""
        return self._open.get(callback)

    def of(self, number: str, queue: str) -> Callback | None:
        """What is promised to ``number`` in ``queue``; None where nothing is, or it has been given up."""
        for one in self._open.values():
            if one.number == number and one.queue == queue and one.given_up is None:
                return one
        return None

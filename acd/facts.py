"""What can become true of queues, offers and agents."""

from dataclasses import dataclass
from enum import StrEnum

from core.events import Fact, fact


class AgentStatus(StrEnum):
    """The state of an agent as shown and logged."""

    OFFLINE = "offline"  # no phone registered, or signed out
    AVAILABLE = "available"
    RINGING = "ringing"  # an offer is out
    TALKING = "talking"
    WRAP_UP = "wrap_up"
    PAUSED = "paused"


class OfferResult(StrEnum):
    """How an offer to an agent ended."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    TIMED_OUT = "timed_out"
    WITHDRAWN = "withdrawn"  # the caller left, or another agent took the call
    FAILED = "failed"  # the phone could not be reached


class QueueOutcome(StrEnum):
    """How a queue entry ended without (or, for ANSWERED, with) an agent: the terms of the identity in METRICS."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"
    OVERFLOWED = "overflowed"
    CALLED_BACK = "called_back"  # he keeps his place and is called back: see ``acd.callback_facts``
    LEFT_BY_KEY = "left_by_key"
    INTERRUPTED = "interrupted"  # our process died while it waited; counted with the abandoned


@fact("queue.entered")
@dataclass(frozen=True, slots=True)
class QueueEntered(Fact):
    """The call waits in ``queue`` as ``entry``."""

    entry: str
    queue: str


@fact("queue.closed")
@dataclass(frozen=True, slots=True)
class QueueClosed(Fact):
    """The caller was led to ``queue`` outside of its opening hours and has not entered it: ``why`` is closed or
    holiday.
    """

    queue: str
    why: str


@fact("queue.told")
@dataclass(frozen=True, slots=True)
class WaitTold(Fact):
    """The caller was told ``ahead`` (callers before him) and a wait of ``wait_s``, 90 % interval ``low_s``–``high_s``.

    All three times are -1 where he was told his place only; ``ahead`` is -1 where only the wait.
    """

    entry: str
    queue: str
    ahead: int
    wait_s: float
    low_s: float
    high_s: float


@fact("queue.left")
@dataclass(frozen=True, slots=True)
class QueueLeft(Fact):
    """The entry ended, said once: ``outcome`` of ``QueueOutcome`` after ``wait_s``; ``agent`` where answered (through
    his offer, or because he has pulled the caller), ``why`` where overflowed (of ``acd.decisions.OverflowWhy``).
    """

    entry: str
    queue: str
    outcome: str
    wait_s: float
    agent: str = ""
    why: str = ""


@fact("offer.made")
@dataclass(frozen=True, slots=True)
class OfferMade(Fact):
    """``agent``'s phone is being rung for ``entry``."""

    offer: str
    entry: str
    queue: str
    agent: str


@fact("offer.ended")
@dataclass(frozen=True, slots=True)
class OfferEnded(Fact):
    """The ringing is over: ``result`` of ``OfferResult`` after ``ring_s``."""

    offer: str
    entry: str
    queue: str
    agent: str
    result: str
    ring_s: float


@fact("agent.state")
@dataclass(frozen=True, slots=True)
class AgentStateChanged(Fact):
    """``agent`` is now ``state`` (of ``AgentStatus``); ``reason`` of a pause, or why he was set offline; ``until`` is
    when the state ends by itself (a wrap-up) or is planned to (a pause), in epoch seconds, 0 where neither is known.
    """

    agent: str
    state: str
    reason: str = ""
    until: float = 0.0


@fact("call.undisposed")
@dataclass(frozen=True, slots=True)
class CallUndisposed(Fact):
    """``queue`` demands a disposition of its calls; ``agent`` has given none until the end of the longest wrap-up."""

    agent: str
    queue: str


@fact("wrap_up.extended")
@dataclass(frozen=True, slots=True)
class WrapUpExtended(Fact):
    """The wrap-up of ``agent`` lasts until ``until`` now (epoch seconds); it may be extended ``left`` times more."""

    agent: str
    until: float
    left: int

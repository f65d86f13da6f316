"""One attempt to reach one contact: its states, what ends it and with which result.

The machine is a table of (state, input) → state; ``Attempt.step`` refuses any other pair. Results are what the list
shows in the end, so each says something that a supervisor would act on differently.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from asr.progress.verdict import What, of_cause
from core.errors import CallRejected, LocalProtocolError, TransactionTimeout, Unavailable
from telephony.causes import meaning_of
from telephony.ports import EndReason


class Result(StrEnum):
    """How an attempt ended."""

    COMPLETED = "completed"  # the survey was gone through, the notice heard, to its end
    PARTIAL = "partial"  # some questions were answered (of a notice: words heard), then he hung up or fell silent
    REFUSED = "refused"  # the contact declined, on the phone or in the survey
    HUNG_UP = "hung_up"  # answered the phone and hung up before any answer, or the first words of a notice
    NO_REPLY = "no_reply"  # answered the phone but gave no usable input
    POSTPONED = "postponed"  # he said when he would rather be called, and was promised that
    BUSY = "busy"
    NO_ANSWER = "no_answer"  # rang in vain; without recognised announcements also: the phone is off
    POWERED_OFF = "powered_off"
    EMPTY_NUMBER = "empty_number"  # nobody has this number
    OUT_OF_SERVICE = "out_of_service"  # suspended: not paid, mostly
    UNREACHABLE = "unreachable"  # out of reach for the moment, or the network is full
    BARRED = "barred"  # it takes no calls, or not ours
    VOICEMAIL = "voicemail"  # a mailbox or an answering machine
    ASSISTANT = "assistant"  # the phone's own assistant spoke
    FAX = "fax"
    FAILED = "failed"  # the network refused the call before it reached anyone
    INTERRUPTED = "interrupted"  # our side ended it: stopped, or the process died
    WITHDRAWN = "withdrawn"  # claimed, but not one packet was sent; the contact is pending again
    TALKED = "talked"  # an agent talked with him; what came of it says the disposition
    ABANDONED = "abandoned"  # a person answered and no agent came in time: he heard the apology


class AttemptState(StrEnum):
    """Where an attempt stands."""

    CLAIMED = "claimed"  # AttemptStarted is on disk, nothing was sent
    DIALLING = "dialling"
    TALKING = "talking"
    ENDED = "ended"


class AttemptInput(StrEnum):
    """What happens to an attempt."""

    DIAL = "dial"
    WITHDRAW = "withdraw"
    ANSWERED = "answered"
    NOT_REACHED = "not_reached"
    MACHINE = "machine"  # no person answered
    SURVEY_OVER = "survey_over"
    TALK_OVER = "talk_over"  # with an agent
    NO_AGENT = "no_agent"
    HUNG_UP = "hung_up"
    INTERRUPT = "interrupt"


_TABLE: Final[Mapping[tuple[AttemptState, AttemptInput], AttemptState]] = {
    (AttemptState.CLAIMED, AttemptInput.DIAL): AttemptState.DIALLING,
    (AttemptState.CLAIMED, AttemptInput.WITHDRAW): AttemptState.ENDED,
    (AttemptState.CLAIMED, AttemptInput.INTERRUPT): AttemptState.ENDED,
    (AttemptState.DIALLING, AttemptInput.ANSWERED): AttemptState.TALKING,
    (AttemptState.DIALLING, AttemptInput.NOT_REACHED): AttemptState.ENDED,
    (AttemptState.DIALLING, AttemptInput.INTERRUPT): AttemptState.ENDED,
    (AttemptState.TALKING, AttemptInput.MACHINE): AttemptState.ENDED,
    (AttemptState.TALKING, AttemptInput.SURVEY_OVER): AttemptState.ENDED,
    (AttemptState.TALKING, AttemptInput.TALK_OVER): AttemptState.ENDED,
    (AttemptState.TALKING, AttemptInput.NO_AGENT): AttemptState.ENDED,
    (AttemptState.TALKING, AttemptInput.HUNG_UP): AttemptState.ENDED,
    (AttemptState.TALKING, AttemptInput.INTERRUPT): AttemptState.ENDED,
}


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt. ``result`` is set when it has ended; ``status`` is the SIP status of a refusal, else 0;
    ``answered`` says whether anybody or anything has answered.
    """

    id: str
    campaign: str
    contact: int
    state: AttemptState = AttemptState.CLAIMED
    result: Result | None = None
    status: int = 0
    answered: bool = False

    def step(self, given: AttemptInput, result: Result | None = None, status: int = 0) -> "Attempt":
        """The attempt after ``given``; an input that ends it brings its ``result``."""
        following = _TABLE.get((self.state, given))
        if following is None:
            raise LocalProtocolError(f"attempt {self.id}: {given} in {self.state}")
        if (following is AttemptState.ENDED) != (result is not None):
            raise LocalProtocolError(f"attempt {self.id}: {given} with result {result}")
        answered = self.answered or following is AttemptState.TALKING
        return replace(self, state=following, result=result, status=status, answered=answered)


@dataclass(frozen=True, slots=True)
class NotReached:
    """Why nobody was reached. ``trunk_fault``: it lies with our trunk, so the next contact would fare no better.
    ``status`` and ``cause`` are those of a refusal, SIP's and the telephone network's, else 0.
    """

    result: Result
    reason: EndReason
    status: int = 0
    trunk_fault: bool = False
    cause: int = 0


class Announced(CallRejected):
    """The network said that nobody will answer, or a machine did, before the call was answered; it was given up."""

    def __init__(self, what: What) -> None:
        super().__init__(487, what.value)
        self.what = what


class AgentLeft(CallRejected):
    """The agent for whom the contact was being called has hung up; it was given up."""

    def __init__(self) -> None:
        super().__init__(487, "the agent has hung up")


_BY_WHAT: Final[Mapping[What, NotReached]] = {
    What.POWERED_OFF: NotReached(Result.POWERED_OFF, EndReason.UNAVAILABLE),
    What.EMPTY_NUMBER: NotReached(Result.EMPTY_NUMBER, EndReason.NOT_FOUND),
    What.OUT_OF_SERVICE: NotReached(Result.OUT_OF_SERVICE, EndReason.UNAVAILABLE),
    What.BUSY: NotReached(Result.BUSY, EndReason.BUSY),
    What.UNREACHABLE: NotReached(Result.UNREACHABLE, EndReason.UNAVAILABLE),
    What.NO_ANSWER: NotReached(Result.NO_ANSWER, EndReason.NO_ANSWER),
    What.BARRED: NotReached(Result.BARRED, EndReason.REJECTED),
    What.VOICEMAIL: NotReached(Result.VOICEMAIL, EndReason.NO_ANSWER),
    What.ASSISTANT: NotReached(Result.ASSISTANT, EndReason.NO_ANSWER),
    What.BEEP: NotReached(Result.VOICEMAIL, EndReason.NO_ANSWER),
    What.FAX: NotReached(Result.FAX, EndReason.NO_ANSWER),
}
"""All but ``ringing`` and ``person``, which end no attempt."""
_BY_CAUSE: Final = {
    21: Result.REFUSED,  # call rejected
    28: Result.FAILED,  # invalid number format
}
"""Causes of Q.850 that say nothing of the number itself; for the others see ``asr.progress.verdict``."""
_BY_STATUS: Final = {
    486: Result.BUSY,
    600: Result.BUSY,
    408: Result.NO_ANSWER,
    480: Result.NO_ANSWER,
    487: Result.NO_ANSWER,
    603: Result.REFUSED,
    404: Result.FAILED,
    410: Result.FAILED,
    484: Result.FAILED,
    604: Result.FAILED,
}
_TRUNK_STATUSES: Final = frozenset({401, 402, 403, 407})
AGENT_LEFT: Final = NotReached(Result.INTERRUPTED, EndReason.CANCELLED)
RANG_OUT: Final = NotReached(Result.NO_ANSWER, EndReason.NO_ANSWER, 0)
TRUNK_AWAY: Final = NotReached(Result.FAILED, EndReason.UNAVAILABLE, 0, trunk_fault=True)


def not_reached(error: CallRejected | TransactionTimeout | Unavailable) -> NotReached:
    """What it means that dialling ended with ``error``, as far as the network says it."""
    match error:
        case CallRejected():
            return refused(error.status, error.cause)
        case TransactionTimeout():
            return RANG_OUT
        case Unavailable():
            return TRUNK_AWAY


def refused(status: int, cause: int | None) -> NotReached:
    """What a SIP refusal means. A Q.850 ``cause`` that names the called person's state goes before the status.

    Refusals of our credentials or rights (401, 402, 403, 407) and failures of the carrier (5xx) are the trunk's fault.
    """
    reason = meaning_of(status, cause).reason
    result = _result_of_cause(cause) or _BY_STATUS.get(status)
    if result is not None:
        return NotReached(result, reason, status, cause=cause or 0)
    trunk_fault = status in _TRUNK_STATUSES or 500 <= status < 600
    return NotReached(Result.FAILED, reason, status, trunk_fault, cause or 0)


def _result_of_cause(cause: int | None) -> Result | None:
    if cause is None:
        return None
    said = announced(of_cause(cause))
    return said.result if said is not None else _BY_CAUSE.get(cause)


def announced(what: What | None) -> NotReached | None:
    """What it means for the attempt that ``what`` answered; None where the attempt goes on."""
    return None if what is None else _BY_WHAT.get(what)

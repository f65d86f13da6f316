"""Which stage of a live call follows from which fact: the whole of it, in one table.

A fact that stands in no table leaves the call where it is. Whoever has left a line without an agent is ``answered``
until the next fact tells where he has come to; a message that is taken is one when its recording runs, and that is a
recording of the caller alone (roles caller and system), whether a flow or a queue's step has led there.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from acd.facts import QueueEntered, QueueLeft, QueueOutcome
from acd.phone_facts import CallParked
from core.events import Fact
from ivr.facts import FlowEntered, FlowLeft, MenuChosen, VoicemailLeft
from telephony.facts import CallAnswered, RecordingStarted, TalkEnded, TalkHeld, TalkResumed, TalkStarted


class Stage(StrEnum):
    """Where a call that is up stands, as the live board shows it."""

    RINGING = "ringing"
    ANSWERED = "answered"  # by us, and nobody has him yet
    IVR = "ivr"
    WAITING = "waiting"
    TALKING = "talking"
    HELD = "held"
    PARKED = "parked"
    VOICEMAIL = "voicemail"
    ENDING = "ending"


_BY_FACT: Final[Mapping[type[Fact], Stage]] = {
    CallAnswered: Stage.ANSWERED,
    FlowEntered: Stage.IVR,
    MenuChosen: Stage.IVR,
    QueueEntered: Stage.WAITING,
    TalkStarted: Stage.TALKING,
    TalkHeld: Stage.HELD,
    TalkResumed: Stage.TALKING,
    TalkEnded: Stage.ENDING,
    CallParked: Stage.PARKED,
    VoicemailLeft: Stage.ENDING,
}

_BY_WORD: Final[Mapping[tuple[type[Fact], str], Stage]] = {
    (FlowLeft, "voicemail"): Stage.VOICEMAIL,
    (RecordingStarted, "caller, system"): Stage.VOICEMAIL,
    (QueueLeft, QueueOutcome.OVERFLOWED): Stage.ANSWERED,
    (QueueLeft, QueueOutcome.LEFT_BY_KEY): Stage.ANSWERED,
    (QueueLeft, QueueOutcome.CALLED_BACK): Stage.ENDING,
    (QueueLeft, QueueOutcome.ABANDONED): Stage.ENDING,
    (QueueLeft, QueueOutcome.INTERRUPTED): Stage.ENDING,
}
"""Facts that mean different things by a word of theirs (``_word``)."""

_ONLY_FROM: Final[Mapping[type[Fact], Stage]] = {
    CallAnswered: Stage.RINGING,  # said again where a caller who talks is put through
    QueueLeft: Stage.WAITING,
}
"""Facts that say nothing new to a call in any other stage."""


def _word(fact: Fact) -> str:
    match fact:
        case FlowLeft(outcome=outcome) | QueueLeft(outcome=outcome):
            return outcome
        case RecordingStarted(left=left, right=right):
            return f"{left}, {right}"
        case _:
            return ""


def stage_after(stage: Stage, fact: Fact) -> Stage | None:
    """The stage into which ``fact`` brings a call that stands in ``stage``; None where it does not touch it."""
    kind = type(fact)
    if _ONLY_FROM.get(kind, stage) is not stage:
        return None
    return _BY_FACT.get(kind) or _BY_WORD.get((kind, _word(fact)))

"""The words between interpreter and runner: phases, inputs, actions and the state of one call in a flow.

What is heard comes in the recogniser's own words (``asr.protocol``).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from asr.protocol import Heard, NothingHeard, SpeechStarted
from core.events import Fact
from ivr.flow import Answer, Outcome

HEARING_GRACE_S: Final = 3.0
"""How long after the longest utterance the recogniser may take before the flow goes on without it."""


class Phase(StrEnum):
    """Where a call stands within its node."""

    TELLING = "telling"  # something is said, no input is taken
    ASKING = "asking"  # the prompts of a menu or question are said
    WAITING = "waiting"  # they are over; the no-input time runs
    HEARING = "hearing"  # the caller speaks
    COLLECTING = "collecting"  # some keys of a number came; the inter-digit time runs
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class PromptOver:
    """What ``Say`` began has been said to the end."""


@dataclass(frozen=True, slots=True)
class Key:
    """The caller pressed ``digit``."""

    digit: str


@dataclass(frozen=True, slots=True)
class Deadline:
    """``State.deadline`` has come."""


Input: TypeAlias = PromptOver | Key | SpeechStarted | Heard | NothingHeard | Deadline


@dataclass(frozen=True, slots=True)
class Say:
    """Begin to say ``prompts`` (never empty), in order."""

    prompts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StopSpeaking:
    """Stop what is said, at once."""


@dataclass(frozen=True, slots=True)
class Listen:
    """Begin to listen for one utterance of at most ``max_s``, in which ``phrases`` are expected."""

    phrases: tuple[str, ...]
    max_s: float


@dataclass(frozen=True, slots=True)
class StopListening:
    """Listen no more."""


@dataclass(frozen=True, slots=True)
class ForgetKeys:
    """Drop the keys that were pressed so far."""


@dataclass(frozen=True, slots=True)
class Note:
    """Post ``fact`` to the log."""

    fact: Fact


@dataclass(frozen=True, slots=True)
class Leave:
    """The flow is over."""

    outcome: Outcome
    result: str = ""


Action: TypeAlias = Say | StopSpeaking | Listen | StopListening | ForgetKeys | Note | Leave
Actions: TypeAlias = tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class State:
    """Everything that the interpreter knows of a call.

    ``deadline`` is the moment at which the runner must give ``Deadline``; ``keys`` says whether keys are wanted now
    (keys pressed before wait in the leg's buffer). ``entered`` counts nodes and repeats, against endless loops.
    """

    node: str
    phase: Phase
    deadline: float | None = None
    keys: bool = False
    listening: bool = False
    failures: int = 0
    digits: str = ""
    remark: str = ""
    entered: int = 0
    answers: tuple[Answer, ...] = ()
    call_at: float | None = None
    """When he wants to be called (epoch seconds), and how he said it."""
    wished: str = ""
    spare_key: str = ""
    """What ends a number, after one that was complete without it: until ``spare_until`` (epoch seconds) it says
    nothing.
    """
    spare_until: float = 0.0

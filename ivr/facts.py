"""What can become true while a caller is in a flow."""

from dataclasses import dataclass

from core.events import Fact, fact


@fact("ivr.entered")
@dataclass(frozen=True, slots=True)
class FlowEntered(Fact):
    """The caller hears flow ``flow``."""

    flow: str


@fact("ivr.chosen")
@dataclass(frozen=True, slots=True)
class MenuChosen(Fact):
    """At ``node`` the caller chose ``choice``; ``how`` is key or speech, ``distance`` of speech 0 (exact) to 1."""

    node: str
    choice: str
    how: str
    distance: float = 0.0


@fact("ivr.failed")
@dataclass(frozen=True, slots=True)
class InputFailed(Fact):
    """At ``node`` no usable input came: ``why`` is no_input, invalid (key) or rejected (speech)."""

    node: str
    why: str


@fact("ivr.answered")
@dataclass(frozen=True, slots=True)
class QuestionAnswered(Fact):
    """At question ``node`` the answer is ``value``; ``how`` is key or speech; ``text`` what was heard."""

    node: str
    value: str
    how: str
    text: str = ""


@fact("ivr.left")
@dataclass(frozen=True, slots=True)
class FlowLeft(Fact):
    """The flow is over: ``outcome`` is queue, voicemail, agent, hangup, caller_hung_up or interrupted (by us).

    ``detail`` is e.g. the queue's name.
    """

    flow: str
    outcome: str
    detail: str = ""


@fact("ivr.voicemail")
@dataclass(frozen=True, slots=True)
class VoicemailLeft(Fact):
    """The caller left a message in ``recording``, ``box`` says for whom."""

    recording: str
    box: str
    duration_s: float

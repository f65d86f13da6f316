"""What can become true of surveys that agents fill in, beside ``campaigns.facts.SurveyAnswered``."""

from dataclasses import dataclass
from typing import Final

from core.events import Fact, fact

_BY_HAND: Final = "hand:"


def by_hand(call_id: str) -> str:
    """In place of an attempt: an agent has called the contact by himself, in ``call_id``."""
    return f"{_BY_HAND}{call_id}"


def is_by_hand(attempt: str) -> bool:
    """Whether it is no attempt of the campaign."""
    return attempt.startswith(_BY_HAND)


@fact("survey.taken_back")
@dataclass(frozen=True, slots=True)
class AnswerTakenBack(Fact):
    """What was answered to ``question`` in ``attempt`` counts no more: the agent has taken it back, or another answer
    leads past it.
    """

    campaign: str
    contact: int
    attempt: str
    question: str


@fact("attempt.result")
@dataclass(frozen=True, slots=True)
class AttemptResulted(Fact):
    """By the form that ``agent`` fills in ``attempt`` has the ``result`` (of ``campaigns.attempt.Result``).
    ``late``: the attempt was over by then, so that the contact is done with it now.
    """

    attempt: str
    campaign: str
    contact: int
    result: str
    agent: str
    late: bool

"""Which score in a survey calls for somebody: what the customer says of us is so bad that he is to be called."""

import hashlib
from typing import Final

from campaigns.survey import Survey
from ivr.flow import Kind, Question

_NPS: Final = (0, 10)
_AGAINST: Final = 6
_LOWEST: Final = 0.3


def is_low(score: int, low: int, high: int) -> bool:
    """From 0 to 10 (NPS) who advises against us: 6 or less; on other scales the lowest 30 %, which is 1 and 2 of 5."""
    if (low, high) == _NPS:
        return score <= _AGAINST
    return score - low <= _LOWEST * (high - low)


def low_score_task(campaign: str, attempt: str) -> str:
    """The id of the task behind low scores of ``attempt`` (of the call, where an agent has called by himself) in the
    form of ``campaign``: always the same, so that nothing opens a second one.
    """
    digits = hashlib.sha256(f"{campaign}\n{attempt}".encode()).hexdigest()
    return f"t-{digits[:10]}-{digits[10:20]}"


def low_score(survey: Survey, question: str, value: str) -> str:
    """What a task says of the answer ``value`` to ``question``: "quality 1/5"; "" where it is not low, or no score."""
    node = survey.flow.nodes.get(question)
    if not isinstance(node, Question) or node.kind is Kind.NUMBER or not value.isdecimal():
        return ""
    score = int(value)
    if not (is_low(score, node.low, node.high) if node.low_score is None else score <= node.low_score):
        return ""
    return f"{question} {value}/{node.high}"

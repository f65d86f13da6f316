"""A survey as its report needs it: what was asked, in which version, and how often each answer was given."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

SCALE: Final = "scale"
NPS: Final = "nps"
CHOICE: Final = "choice"
YES_NO: Final = "yes_no"
NUMBER: Final = "number"
SPEECH: Final = "speech"


@dataclass(frozen=True, slots=True)
class Text:
    """What people read, in Chinese and English; either may be missing."""

    zh: str = ""
    en: str = ""


WORDLESS: Final = Text()


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: its ``kind`` ("" in logs of before kinds were kept: a choice or speech), the bounds of a scale or
    number, the ``unit`` of a number, what each of the ``options`` of a choice says.
    """

    kind: str
    low: int = 0
    high: int = 0
    text: Text = WORDLESS
    unit: Text = WORDLESS
    options: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Form:
    """A version of ``survey``: ``questions`` in the order of its file; what only ``leads`` the way ("may we ask?") has
    its words here, and is in no figure.
    """

    form: str
    survey: str
    since: float
    questions: Mapping[str, Asked]
    leads: Mapping[str, Asked] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answered:
    """``times`` people gave ``value`` to ``question`` of version ``form`` ("" is older than versions are kept); an
    answer that was given again counts as it was given last. ``how``: key, speech or agent.
    """

    form: str
    question: str
    value: str
    times: int
    how: str = ""


def asked_of(told: object) -> Asked:
    """What ``campaigns.plan_facts.SurveyFormSeen`` says of one question, those of older logs included."""
    if isinstance(told, list):
        low, high = (int(bound) for bound in told)
        return Asked(NPS if (low, high) == (0, 10) else SCALE, low, high)
    if not isinstance(told, dict):
        return Asked("")
    options = told.get("options")
    return Asked(
        kind=str(told.get("kind", "")),
        low=int(told.get("low", 0)),
        high=int(told.get("high", 0)),
        text=_text(told.get("text")),
        unit=_text(told.get("unit")),
        options={str(value): _text(said) for value, said in options.items()} if isinstance(options, dict) else {},
    )


def leads_only(told: object) -> bool:
    """Whether what ``asked_of`` reads is no question that counts."""
    return isinstance(told, dict) and told.get("counts") is False


def _text(told: object) -> Text:
    return Text(*map(str, told)) if isinstance(told, list) and len(told) == 2 else WORDLESS

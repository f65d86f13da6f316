"""A form: the questions of a flow, whoever asks them, a voice (``ivr.interpreter``) or an agent who reads them from his
screen. Pure: what is asked, whether an answer is one, and what is asked next.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from ivr.flow import WORDLESS, Exit, Flow, Goto, HoursCheck, Kind, Menu, Play, Question, Remark, Words
from ivr.graph import goto_after

MAX_TEXT: Final = 2000
"""Characters of a remark."""
_NUMERAL: Final = re.compile(r"-?\d{1,9}")
_GROUPED: Final = re.compile(r"\d{1,3}(?:[ ,]\d{3})+")


@dataclass(frozen=True, slots=True)
class Option:
    """One of the answers to a choice, or to yes and no (then ``value`` is ``yes`` or ``no``)."""

    value: str
    words: Words
    key: str = ""


@dataclass(frozen=True, slots=True)
class FormQuestion:
    """What is asked at node ``name``: ``words`` is what an agent reads out ("" where the file has none).

    ``options`` of a choice and of yes and no; ``low`` and ``high`` of a scale and of a number, both included; ``unit``
    of a number. ``counts``: it is a question of the form; else it only leads the way ("may I ask?"). ``required``: the
    form is not filled in without an answer to it.
    """

    name: str
    kind: Kind
    words: Words
    options: tuple[Option, ...] = ()
    low: int = 0
    high: int = 0
    unit: Words = WORDLESS
    counts: bool = True
    required: bool = True


@dataclass(frozen=True, slots=True)
class Given:
    """An answer that the question takes, as it is kept: the option's or the number as ``value``; of speech the ``text``
    alone, "" where nothing was said.
    """

    value: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Unfit:
    """No answer to the question: why, and what would be one."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Turn:
    """What comes next: ``said`` is read out, then ``question`` asked; where that is None the form is over with
    ``result``, as the exit says it ("" is completed).
    """

    said: tuple[Words, ...]
    question: FormQuestion | None
    result: str = ""


def question_at(node: Menu | Question | Remark) -> FormQuestion:
    """What ``node`` asks."""
    match node:
        case Menu():
            kind, counts = node.kind or Kind.CHOICE, node.kind is not None
            options = tuple(Option(choice.name, choice.words, choice.key) for choice in node.choices)
            return FormQuestion(node.name, kind, node.words, options, counts=counts, required=counts and node.required)
        case Question():
            words, low, high = node.words, node.low, node.high
            return FormQuestion(node.name, node.kind, words, low=low, high=high, unit=node.unit, required=node.required)
        case Remark():
            return FormQuestion(node.name, Kind.SPEECH, node.words, required=node.required)


def form_questions(flow: Flow) -> tuple[FormQuestion, ...]:
    """All that ``flow`` may ask, in the order of its file."""
    return tuple(question_at(node) for node in flow.nodes.values() if isinstance(node, Menu | Question | Remark))


def check_answer(question: FormQuestion, said: str) -> Given | Unfit:
    """``said`` as it is kept: the value of an option, a whole number, or the words of a remark."""
    text = unicodedata.normalize("NFKC", said).strip()
    match question.kind:
        case Kind.SPEECH:
            if len(said) > MAX_TEXT:
                return Unfit(f"最多 {MAX_TEXT} 个字", f"must have at most {MAX_TEXT} characters")
            return Given("", said.strip())
        case Kind.CHOICE | Kind.YES_NO:
            values = [option.value for option in question.options]
            if text in values:
                return Given(text)
            shown = "、".join(option.words.zh or option.value for option in question.options)
            return Unfit(f"请选择其中一项：{shown}", f"must be one of {', '.join(values)}")
        case Kind.SCALE | Kind.NPS | Kind.NUMBER:
            plain = re.sub("[ ,]", "", text) if _GROUPED.fullmatch(text) else text
            if _NUMERAL.fullmatch(plain) and question.low <= int(plain) <= question.high:
                return Given(str(int(plain)))
            low, high = question.low, question.high
            return Unfit(f"请填 {low} 到 {high} 之间的整数", f"must be a whole number from {low} to {high}")


def first_turn(flow: Flow) -> Turn:
    """What the form begins with."""
    return turn_from(flow, flow.start)


def next_turn(flow: Flow, question: str, given: Given) -> Turn:
    """What comes after the answer ``given`` to ``question``, the name of one of ``form_questions``."""
    node = flow.nodes[question]
    if not isinstance(node, Menu | Question | Remark):
        raise KeyError(question)
    return turn_from(flow, goto_after(node, given.value, given.text))


def turn_from(flow: Flow, name: str) -> Turn:
    """From node ``name`` on to the next question, past what is only said. No flow that was read is endless."""
    said: list[Words] = []
    while True:
        node = flow.nodes[name]
        match node:
            case Menu() | Question() | Remark():
                return Turn(tuple(said), question_at(node))
            case Play():
                said += [node.words] if node.words != WORDLESS else []
                name = node.goto
            case Goto():
                name = node.goto
            case HoursCheck():  # an agent is at work
                name = node.open
            case Exit():
                said += [node.words] if node.words != WORDLESS else []
                return Turn(tuple(said), None, node.result)

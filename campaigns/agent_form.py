"""A survey that an agent fills in while he talks: what he asks, in order, what is missing, and what has come of it.
Pure: it follows from the answers alone, so that nothing is lost with a page, a call or a process.

``ivr.form`` says what a question is, whether an answer is one, and where it leads. The way on behind a question without
an answer is the usual one, so that the agent sees what comes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from campaigns.attempt import Result
from campaigns.survey import DO_NOT_CALL, RESULTS, Survey
from core.errors import ParseError
from ivr.flow import Choice, Kind, Menu, Question, Remark, Words
from ivr.form import (
    FormQuestion,
    Given,
    Turn,
    Unfit,
    check_answer,
    first_turn,
    form_questions,
    next_turn,
    turn_from,
)
from ivr.load import CALL_AGAIN

BY_AGENT: Final = "agent"
"""How an answer came that an agent has put down."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question on the agent's page: ``said`` is read out before it; ``given`` None while it has no answer. One that
    is not ``needed`` may be left out: what the customer says in his own words, or whether he has a moment.
    """

    question: FormQuestion
    said: tuple[Words, ...] = ()
    given: Given | None = None

    @property
    def needed(self) -> bool:
        """Without an answer to it the form is not filled in."""
        return self.question.required


@dataclass(frozen=True, slots=True)
class FormState:
    """How far a form is: ``asked`` in order, then ``said``; ``leads_to`` is the word of the exit behind them."""

    asked: tuple[Asked, ...]
    said: tuple[Words, ...]
    leads_to: str

    @property
    def missing(self) -> tuple[str, ...]:
        """Questions that need an answer and have none."""
        return tuple(one.question.name for one in self.asked if one.needed and one.given is None)

    @property
    def result(self) -> Result | None:
        """What it makes of the attempt; None while nothing of weight was answered."""
        answered = [one for one in self.asked if one.given is not None]
        if answered and not self.missing:
            return RESULTS[self.leads_to]
        return Result.PARTIAL if any(one.needed for one in answered) else None

    @property
    def bars(self) -> bool:
        """The customer wants no more calls."""
        return self.leads_to == DO_NOT_CALL and self.result is not None

    def find(self, question: str) -> Asked | None:
        """``question``, where it is asked on this way."""
        return next((one for one in self.asked if one.question.name == question), None)


def state_of(survey: Survey, answers: Mapping[str, Given]) -> FormState:
    """Where ``answers`` lead; those off the way do not count."""
    asked: list[Asked] = []
    turn, seen = first_turn(survey.flow), set[str]()
    while turn.question is not None and turn.question.name not in seen:
        name = turn.question.name
        seen.add(name)
        given = answers.get(name)
        asked.append(Asked(turn.question, turn.said, given))
        turn = _usual_turn(survey, name) if given is None else next_turn(survey.flow, name, given)
    return FormState(tuple(asked), turn.said, turn.result)


def off_the_way(survey: Survey, answers: Mapping[str, Given]) -> Sequence[str]:
    """Questions that have an answer, and are not asked any more since another answer has changed."""
    on_it = {one.question.name for one in state_of(survey, answers).asked}
    return [name for name in answers if name not in on_it]


def checked(state: FormState, question: str, said: str) -> Given:
    """The answer as it is kept; ``ParseError`` (in Chinese and English) where it is none, or is not asked."""
    asked = state.find(question)
    if asked is None:
        raise ParseError(
            f"没有这一题，或按现在的回答不问 / {question[:64]!r} is not asked on this way", where="question"
        )
    given = check_answer(asked.question, said)
    if isinstance(given, Unfit):
        raise ParseError(f"{given.zh} / {given.en}", where="answer")
    return given


def known_answers(survey: Survey, kept: Mapping[str, Given]) -> dict[str, Given]:
    """Of the ``kept`` answers those that this version of the survey takes: its file may have changed in mid call."""
    found: dict[str, Given] = {}
    for question in form_questions(survey.flow):
        given = kept.get(question.name)
        if given is None:
            continue
        fit = check_answer(question, given.text if question.kind is Kind.SPEECH else given.value)
        if not isinstance(fit, Unfit):
            found[question.name] = fit
    return found


def barring(survey: Survey, question: FormQuestion) -> frozenset[str]:
    """Which options of ``question`` mean that the customer wants no more calls at all."""
    ways = ((option.value, next_turn(survey.flow, question.name, Given(option.value))) for option in question.options)
    return frozenset(value for value, turn in ways if turn.question is None and turn.result == DO_NOT_CALL)


def wished(survey: Survey, state: FormState) -> str:
    """When the customer wants to be called, as the option says it that he has taken (明天上午); "": he does not."""
    if state.leads_to != CALL_AGAIN:
        return ""
    taken = (_choice(survey, one.question.name, one.given.value) for one in state.asked if one.given is not None)
    return next((choice.moment for choice in reversed(list(taken)) if choice is not None and choice.moment), "")


def promising(survey: Survey, question: FormQuestion) -> frozenset[str]:
    """Which options of ``question`` say when the customer wants to be called."""
    choices = ((option.value, _choice(survey, question.name, option.value)) for option in question.options)
    return frozenset(value for value, choice in choices if choice is not None and choice.moment)


def _choice(survey: Survey, question: str, value: str) -> Choice | None:
    node = survey.flow.nodes[question]
    return next((it for it in node.choices if it.name == value), None) if isinstance(node, Menu) else None


def _usual_turn(survey: Survey, question: str) -> Turn:
    """What mostly follows: the first choice of a menu, else where no branch leads."""
    node = survey.flow.nodes[question]
    match node:
        case Menu():
            return turn_from(survey.flow, node.choices[0].goto)
        case Question() | Remark():
            return turn_from(survey.flow, node.goto)
        case _:
            raise KeyError(question)

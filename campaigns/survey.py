"""A survey is a flow whose questions are those of a form (``ivr.form``); its exits say how it went (``result``).

An exit's ``result`` is ``completed`` (also when none is given), ``refused`` (the contact does not want to),
``do_not_call`` (he does not want to be called again, which bars his number) or ``no_reply`` (no usable input came). An
exit of kind promise has ``call_again``: he has said when he would rather be called.
Answers become ``SurveyAnswered`` facts as they are given. One without questions is a notice (``campaigns.notice``).
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from campaigns.attempt import Result
from campaigns.facts import ContactPromised, SurveyAnswered
from campaigns.notice import HEARD, HEARD_KEPT, heard_to_end, words_of_notice
from campaigns.plan_facts import SurveyFormSeen
from campaigns.rule_facts import NumberBarred
from campaigns.rules.values import BarKind
from core.errors import ConfigError
from ivr.flow import Answer, Exit, Flow, FlowResult, HangUp, Kind, Menu, Question, Remark, ToPromise, Words
from ivr.form import FormQuestion, form_questions
from ivr.graph import endless, goto_after, reachable
from ivr.load import CALL_AGAIN, load_flow
from ivr.section import suggestion

SHIPPED: Final = Path(__file__).parent / "surveys"
_ENDLESS: Final = "whoever answers comes to no end from here; lead one way to a node of kind hangup"
_VERSION_DIGITS: Final = 12
DO_NOT_CALL: Final = "do_not_call"
RESULTS: Final = {
    "": Result.COMPLETED,
    "completed": Result.COMPLETED,
    "refused": Result.REFUSED,
    DO_NOT_CALL: Result.REFUSED,
    "no_reply": Result.NO_REPLY,
    CALL_AGAIN: Result.POSTPONED,
}


@dataclass(frozen=True, slots=True)
class Survey:
    """A flow that was checked to be a survey. ``version`` is the beginning of the SHA-256 of its file, so that answers
    to one wording are not counted with those to another.
    """

    flow: Flow
    version: str = ""

    @property
    def form(self) -> SurveyFormSeen:
        """The fact that keeps what its questions are."""
        asked = {HEARD: HEARD_KEPT} if self.is_notice else {it.name: _kept(it) for it in form_questions(self.flow)}
        return SurveyFormSeen(self.version, self.flow.name, json.dumps(asked, ensure_ascii=False))

    @property
    def questions(self) -> tuple[str, ...]:
        """Names of its questions in the file's order: the columns of the result table."""
        return (HEARD,) if self.is_notice else tuple(it.name for it in _questions(self.flow))

    @property
    def is_notice(self) -> bool:
        """It asks nothing."""
        return not _questions(self.flow)


def _questions(flow: Flow) -> list[FormQuestion]:
    return [it for it in form_questions(flow) if it.counts]


def _kept(question: FormQuestion) -> dict[str, object]:
    """What ``SurveyFormSeen`` says of a question."""
    kept: dict[str, object] = {"kind": question.kind.value, "text": _pair(question.words)}
    if question.kind in (Kind.SCALE, Kind.NPS, Kind.NUMBER):
        kept |= {"low": question.low, "high": question.high, "unit": _pair(question.unit)}
    if not question.counts:
        kept["counts"] = False
    if question.options:
        kept["options"] = {option.value: _pair(option.words) for option in question.options}
    return kept


def _pair(words: Words) -> list[str]:
    return [words.zh, words.en]


def load_survey(path: Path) -> Survey:
    """Read a survey file; ``ConfigError`` with all faults."""
    flow = load_flow(path)
    if faults := survey_faults(flow):
        raise ConfigError([f"{path.name}: {f'node {node}: ' if node else ''}{text}" for node, text in faults])
    return Survey(flow, version_of(path.read_bytes()))


def version_of(written: bytes) -> str:
    """Which version of a survey it is that is ``written`` so."""
    return hashlib.sha256(written).hexdigest()[:_VERSION_DIGITS]


def survey_faults(flow: Flow) -> list[tuple[str, str]]:
    """What keeps ``flow`` from being a survey: the node ("": the whole), and what is wrong with it."""
    faults = []
    for node in flow.nodes.values():
        if isinstance(node, Exit) and node.result not in RESULTS:
            known = ", ".join(word for word in RESULTS if word)
            faults.append((node.name, f"result {node.result!r} is unknown; use {known}"))
        if isinstance(node, Exit) and (wrong := _wrong_end(node)):
            faults.append((node.name, wrong))
    faults += [(name, _ENDLESS) for name in endless(flow.nodes, flow.start)]
    if not _questions(flow) and not words_of_notice(flow):
        faults.append(
            (
                "",
                f"nothing is asked and no voice says anything; a survey needs a question ({', '.join(Kind)}), "
                "a notice a node of kind play or hangup with prompts",
            )
        )
    return faults


def _wrong_end(node: Exit) -> str:
    """What is wrong with an exit of a survey."""
    if not isinstance(node.outcome, HangUp | ToPromise):
        return "a survey ends with kind hangup or promise, there is no queue behind it"
    if isinstance(node.outcome, ToPromise) and node.outcome.campaign:
        return "the campaign that has called him is to call again; leave campaign out"
    if isinstance(node.outcome, ToPromise) != (node.result == CALL_AGAIN):
        return f"{CALL_AGAIN} is the result of kind promise, and of no other"
    return ""


def find_survey(
    name: str, files: Mapping[str, Path] = MappingProxyType({}), made: Mapping[str, Survey] = MappingProxyType({})
) -> Survey:
    """The survey ``name`` of the house's ``files``, else of the shipped ones, else one ``made`` on the page;
    ``ConfigError`` if there is none.
    """
    known = survey_files(files)
    if name in known:
        return load_survey(known[name])
    if name in made:
        return made[name]
    names = sorted({*known, *made})
    meant, listed = suggestion(name, names), ", ".join(names)
    raise ConfigError([f"survey {name!r}: there is none of that name{meant}; known: {listed}"])


def survey_files(files: Mapping[str, Path]) -> Mapping[str, Path]:
    """Where each survey is written: the shipped ones, and those of the house, which stand in for them."""
    return {path.stem: path for path in sorted(SHIPPED.glob("*.toml"))} | dict(files)


def result_of(survey: Survey, flow_result: FlowResult) -> Result:
    """How a survey that ran to an exit went. Silence after some answers is ``partial``."""
    result = RESULTS[flow_result.result]
    if result is Result.NO_REPLY and _answered_any(survey, flow_result.answers):
        return Result.PARTIAL
    return result


def result_of_hang_up(survey: Survey, answered: Sequence[Answer], told: Sequence[str] = ()) -> Result:
    """How a survey went that the contact cut short after ``answered``: who left during the goodbye has completed it.
    ``told`` are the nodes that were said whole: of a notice they decide.
    """
    if survey.is_notice:
        cut_short = Result.PARTIAL if told else Result.HUNG_UP
        return Result.COMPLETED if heard_to_end(survey.flow, told) else cut_short
    if not _answered_any(survey, answered):
        return Result.HUNG_UP
    last = answered[-1]
    node = survey.flow.nodes[last.node]
    if not isinstance(node, Menu | Question | Remark):
        return Result.PARTIAL
    more = _asks_more(survey.flow, goto_after(node, last.value, last.text))
    return Result.PARTIAL if more else Result.COMPLETED


def _answered_any(survey: Survey, answered: Sequence[Answer]) -> bool:
    """True where a question (not only the request for a moment) was answered."""
    return not {answer.node for answer in answered}.isdisjoint(survey.questions)


def _asks_more(flow: Flow, start: str) -> bool:
    """True where a question that needs an answer (not only the wish for a remark) can still follow."""
    ahead = reachable(flow.nodes, start)
    return any(it.required and it.name in ahead for it in form_questions(flow))


def fact_of(survey: Survey, answer: Answer, *, campaign: str, contact: int, attempt: str) -> SurveyAnswered:
    """The fact that keeps ``answer``."""
    given = (answer.node, answer.value, answer.how, answer.text)
    return SurveyAnswered(campaign, contact, attempt, *given, form=survey.version)


def heard_fact(survey: Survey, told: Sequence[str], where: tuple[str, int, str]) -> SurveyAnswered | None:
    """The fact that keeps whether a notice was heard to its end; None: it is no notice. ``told`` as with
    ``result_of_hang_up``; ``where``: campaign, contact, attempt.
    """
    if not survey.is_notice:
        return None
    return SurveyAnswered(*where, HEARD, "yes" if heard_to_end(survey.flow, told) else "no", "", form=survey.version)


def promise_of(flow_result: FlowResult, campaign: str, contact: int) -> ContactPromised | None:
    """The fact that promises the contact the call that he has asked for; None where he has not."""
    if not isinstance(flow_result.outcome, ToPromise) or flow_result.call_at is None:
        return None
    return ContactPromised(campaign, contact, flow_result.call_at, note=flow_result.wished)


def bar_of(flow_result: FlowResult, number: str, campaign: str, contact: int) -> NumberBarred | None:
    """The fact that bars ``number`` where the survey ended so; None where it did not."""
    if flow_result.result != DO_NOT_CALL:
        return None
    how = flow_result.answers[-1].how if flow_result.answers else "key"
    return NumberBarred(number, BarKind.REFUSED.value, how, campaign=campaign, contact=contact)

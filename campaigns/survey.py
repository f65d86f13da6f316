"""A survey is a flow: its questions are ``question`` nodes, its exits say how it went (``result``).

An exit's ``result`` is ``completed`` (also when none is given), ``refused`` (the contact does not want to),
``do_not_call`` (he does not want to be called again, which bars his number) or ``no_reply`` (no usable input came).
Answers become ``SurveyAnswered`` facts as they are given.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from campaigns.attempt import Result
from campaigns.facts import SurveyAnswered
from campaigns.plan_facts import SurveyFormSeen
from campaigns.rule_facts import NumberBarred
from campaigns.rules.values import BarKind
from core.errors import ConfigError
from ivr.flow import Answer, Exit, Flow, FlowResult, HangUp, Question, Remark
from ivr.graph import goto_after, reachable
from ivr.load import load_flow

SHIPPED: Final = Path(__file__).parent / "surveys"
_VERSION_DIGITS: Final = 12
DO_NOT_CALL: Final = "do_not_call"
_RESULTS: Final = {
    "": Result.COMPLETED,
    "completed": Result.COMPLETED,
    "refused": Result.REFUSED,
    DO_NOT_CALL: Result.REFUSED,
    "no_reply": Result.NO_REPLY,
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
        asked = {
            name: [node.low, node.high] if isinstance(node, Question) else None
            for name, node in self.flow.nodes.items()
            if isinstance(node, Question | Remark)
        }
        return SurveyFormSeen(self.version, self.flow.name, json.dumps(asked, ensure_ascii=False))

    @property
    def questions(self) -> tuple[str, ...]:
        """Names of the question and remark nodes, in the file's order: the columns of the result table."""
        return tuple(name for name, node in self.flow.nodes.items() if isinstance(node, Question | Remark))


def load_survey(path: Path) -> Survey:
    """Read a survey file; ``ConfigError`` with all faults."""
    flow = load_flow(path)
    faults = []
    for node in flow.nodes.values():
        if isinstance(node, Exit) and node.result not in _RESULTS:
            known = ", ".join(word for word in _RESULTS if word)
            faults.append(f"{path.name}: node {node.name}: result {node.result!r} is unknown; use {known}")
        if isinstance(node, Exit) and not isinstance(node.outcome, HangUp):
            faults.append(f"{path.name}: node {node.name}: a survey ends with kind hangup, there is no queue behind it")
    if not any(isinstance(node, Question) for node in flow.nodes.values()):
        faults.append(f"{path.name}: a survey needs at least one node of kind question")
    if faults:
        raise ConfigError(faults)
    return Survey(flow, hashlib.sha256(path.read_bytes()).hexdigest()[:_VERSION_DIGITS])


def find_survey(name: str, folder: Path | None = None) -> Survey:
    """The survey ``name`` from the house's ``folder``, else of the shipped ones; ``ConfigError`` if there is none."""
    folders = [SHIPPED] if folder is None else [folder, SHIPPED]
    for place in folders:
        for ending in (".toml", ".yaml", ".yml"):
            path = place / f"{name}{ending}"
            if path.is_file():
                return load_survey(path)
    shipped = ", ".join(sorted(path.stem for path in SHIPPED.glob("*.toml")))
    raise ConfigError([f"survey {name!r}: no such file; shipped are: {shipped}"])


def result_of(survey: Survey, flow_result: FlowResult) -> Result:
    """How a survey that ran to an exit went. Silence after some answers is ``partial``."""
    result = _RESULTS[flow_result.result]
    if result is Result.NO_REPLY and _answered_any(survey, flow_result.answers):
        return Result.PARTIAL
    return result


def result_of_hang_up(survey: Survey, answered: Sequence[Answer]) -> Result:
    """How a survey went that the contact cut short after ``answered``: who left during the goodbye has completed it."""
    if not _answered_any(survey, answered):
        return Result.HUNG_UP
    last = answered[-1]
    node = survey.flow.nodes[last.node]
    if isinstance(node, Question) and not _asks_more(survey.flow, goto_after(node, int(last.value))):
        return Result.COMPLETED
    return Result.PARTIAL


def _answered_any(survey: Survey, answered: Sequence[Answer]) -> bool:
    """True where a question (not only the request for a moment) was answered."""
    return not {answer.node for answer in answered}.isdisjoint(survey.questions)


def _asks_more(flow: Flow, start: str) -> bool:
    """True where a question (not only the wish for a remark) can still follow."""
    return any(isinstance(flow.nodes[name], Question) for name in reachable(flow.nodes, start))


def fact_of(survey: Survey, answer: Answer, *, campaign: str, contact: int, attempt: str) -> SurveyAnswered:
    """The fact that keeps ``answer``."""
    given = (answer.node, answer.value, answer.how, answer.text)
    return SurveyAnswered(campaign, contact, attempt, *given, form=survey.version)


def bar_of(flow_result: FlowResult, number: str, campaign: str, contact: int) -> NumberBarred | None:
    """The fact that bars ``number`` where the survey ended so; None where it did not."""
    if flow_result.result != DO_NOT_CALL:
        return None
    how = flow_result.answers[-1].how if flow_result.answers else "key"
    return NumberBarred(number, BarKind.REFUSED.value, how, campaign=campaign, contact=contact)

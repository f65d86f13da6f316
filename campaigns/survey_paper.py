"""A survey as people write it on the page: the nodes of its flow in one list, each with the keys that the file has for
its kind (docs/surveys.md). Pure.

There is no second language and no second checker: ``written`` turns a paper into what its file would say, and
``judge_paper`` has that read by ``ivr.load``. Two things are left to the list: the first node is where the survey
starts, and a node that does not say where it leads, leads to the next one.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from campaigns.papers import Node, SurveyPaper
from campaigns.survey import Survey, survey_faults, version_of
from core.errors import ConfigError
from core.toml_lines import KeyPath
from ivr.check import prompts_of
from ivr.flow import WORDLESS, Exit, Flow, Menu, Play, Question, Remark
from ivr.graph import reachable
from ivr.load import flow_of
from ivr.source import Source, Value

MOST_NODES: Final = 200
_NODE_NAME: Final = re.compile(r"\w[\w-]{0,39}")
_PLACE: Final = re.compile(r"form:(\d+): (\S+): (.*)", re.DOTALL)
_LEADING: Final = frozenset({"play", "choice", "yes_no", "question", "scale", "nps", "number", "remark", "speech"})
"""Kinds that have a ``goto``."""
_FALLING: Final = frozenset({"menu", "choice", "yes_no", "question", "scale", "nps", "number"})
"""Kinds that have a ``fallback``."""
_LEFT_OUT: Final = frozenset(
    f"{key}{tongue}" for key in ("text", "unit", "yes_text", "no_text") for tongue in ("", "_en")
) | {"goto", "fallback", "yes", "no", "silent", "call_again", "result"}
"""Keys that mean nothing where they are empty."""
_SILENT: Final = "no_reply"


@dataclass(frozen=True, slots=True)
class PaperRemark:
    """What is to be said of ``key`` of ``node``; either is "" where it is about the whole."""

    node: str
    key: str
    text: str


@dataclass(frozen=True, slots=True)
class JudgedPaper:
    """The survey, None where the paper has ``faults``; ``warnings`` are of what works but deserves a second look."""

    survey: Survey | None
    faults: tuple[PaperRemark, ...]
    warnings: tuple[PaperRemark, ...] = ()


def written(paper: SurveyPaper) -> dict[str, Value]:
    """What the file of ``paper`` would say."""
    names = [str(node.get("name", "")) for node in paper.nodes]
    silent = next((name for name, node in zip(names, paper.nodes, strict=True) if _is_silent(node)), "")
    nodes: dict[str, Value] = {}
    for at, node in enumerate(paper.nodes):
        kind = node.get("kind")
        said = _without_blanks(node)
        following = names[at + 1] if at + 1 < len(names) else ""
        choices = said.get("choices")
        if isinstance(choices, list):
            said["choices"] = _by_name(choices, "" if kind != "menu" else following)
        if kind in _LEADING and following:
            said.setdefault("goto", following)
        if kind in _FALLING and (following or silent):
            needed = said.get("required", True) and kind != "menu"
            said.setdefault("fallback", silent if silent and needed else said.get("goto", silent or following))
        nodes[names[at]] = said
    return {"name": paper.name, "start": names[0] if names else "", "nodes": nodes}


def paper_of(name: str, values: Mapping[str, Value]) -> SurveyPaper:
    """The paper that would be ``written`` as the file of a survey that was read without faults, under ``name``."""
    tables = values.get("nodes")
    nodes = {str(key): node for key, node in tables.items()} if isinstance(tables, dict) else {}
    start = values.get("start")
    order = sorted(nodes, key=lambda node: node != start)  # stable: the others in the order of the file
    listed = [_listed(node, nodes[node], after) for node, after in zip(order, [*order[1:], ""], strict=True)]
    usual = written(SurveyPaper(name, tuple({**node, "fallback": ""} for node in listed)))["nodes"]
    for node in listed:
        like = usual.get(node["name"]) if isinstance(usual, dict) else None
        if isinstance(like, dict) and "fallback" in node and like.get("fallback") == node["fallback"]:
            del node["fallback"]
    return SurveyPaper(name, tuple(listed))


def _listed(name: str, node: Value, after: str) -> dict[str, Value]:
    """``node`` of a file as it stands in a paper before the node ``after``."""
    said: dict[str, Value] = {"name": name, **node} if isinstance(node, dict) else {"name": name}
    if said.get("kind") in _LEADING and said.get("goto") == after:
        del said["goto"]
    if isinstance(choices := said.get("choices"), dict):
        listed = [{"name": str(key), **one} for key, one in choices.items() if isinstance(one, dict)]
        if said.get("kind") == "menu":
            listed = [{key: it for key, it in one.items() if (key, it) != ("goto", after)} for one in listed]
        said["choices"] = listed
    return said


def judge_paper(paper: SurveyPaper) -> JudgedPaper:
    """``paper`` as the reader of files finds it."""
    if faults := _of_the_list(paper):
        return JudgedPaper(None, tuple(faults))
    values = written(paper)
    names = [str(node["name"]) for node in paper.nodes]
    lines: dict[KeyPath, int] = {("nodes", name): at + 2 for at, name in enumerate(names)}  # line 1 is the whole
    try:
        flow, warnings = flow_of(Source("form", values, lines), paper.name)
    except ConfigError as error:
        return JudgedPaper(None, tuple(_remark(each, names) for each in error.problems))
    told = tuple(_remark(each, names) for each in warnings)
    if wrong := survey_faults(flow):
        return JudgedPaper(None, tuple(PaperRemark(node, "", text) for node, text in wrong), told)
    text = json.dumps(values, ensure_ascii=False)
    return JudgedPaper(Survey(flow, version_of(text.encode())), (), told)


def unspoken(flow: Flow, prompts: frozenset[str]) -> list[tuple[str, tuple[str, ...]]]:
    """What keeps a voice from asking ``flow``: nodes with words that have no recording, or with recordings that are not
    among ``prompts`` (named).
    """
    found = []
    for name in reachable(flow.nodes, flow.start):
        node = flow.nodes[name]
        own = prompts_of(node)
        missing = tuple(dict.fromkeys(prompt for prompt in own if prompt not in prompts))
        said = node.asking.prompts if isinstance(node, Menu | Question) else own
        asks = isinstance(node, Menu | Question | Remark)
        has_words = isinstance(node, Play | Exit) and node.words != WORDLESS
        if missing or (not said and (asks or has_words)):
            found.append((name, missing))
    order = list(flow.nodes)
    return sorted(found, key=lambda one: order.index(one[0]))


def _is_silent(node: Node) -> bool:
    return node.get("kind") == "hangup" and node.get("result") == _SILENT


def _without_blanks(node: Node) -> dict[str, Value]:
    return {
        key: value
        for key, value in node.items()
        if key != "name" and value is not None and not (value == "" and key in _LEFT_OUT)
    }


def _by_name(choices: Sequence[Value], goto: str) -> dict[str, Value]:
    """Choices as the tables of a file; those that do not say where they lead, lead to ``goto`` ("": as the file has
    it).
    """
    found: dict[str, Value] = {}
    for choice in choices:
        if isinstance(choice, Mapping):
            said = _without_blanks(choice)
            if goto:
                said.setdefault("goto", goto)
            found[str(choice.get("name", ""))] = said
    return found


def _of_the_list(paper: SurveyPaper) -> list[PaperRemark]:
    """What is wrong with the list itself, which no file could say."""
    faults = []
    if not paper.nodes:
        faults.append(PaperRemark("", "nodes", "nothing is asked; add a question"))
    if len(paper.nodes) > MOST_NODES:
        faults.append(PaperRemark("", "nodes", f"more than {MOST_NODES} items"))
    faults += _names(paper.nodes, "")
    for node in paper.nodes:
        choices = node.get("choices")
        if isinstance(choices, list):
            if not all(isinstance(choice, Mapping) for choice in choices):
                faults.append(PaperRemark(str(node.get("name", "")), "choices", "must be a list of tables"))
            else:
                faults += _names(choices, str(node.get("name", "")))
    return faults


def _names(items: Sequence[Node], of: str) -> list[PaperRemark]:
    """Of nodes, or of the choices ``of`` a node."""
    faults, seen = [], set[str]()
    for item in items:
        name = item.get("name")
        if not isinstance(name, str) or not _NODE_NAME.fullmatch(name):
            text = f"{str(name)[:64]!r} is no name; take 1 to 40 letters, digits, '_' or '-'"
        elif name in seen:
            text = f"{name!r} is there twice; give another name"
        else:
            seen.add(name)
            continue
        faults.append(PaperRemark(of or str(name), "choices" if of else "name", text))
    return faults


def _remark(problem: str, names: Sequence[str]) -> PaperRemark:
    """From what ``ivr.load`` says: form:LINE: nodes.NAME.KEY: text."""
    found = _PLACE.fullmatch(problem)
    if found is None:
        return PaperRemark("", "", problem)
    line, path, text = int(found[1]), found[2], found[3]
    if line < 2:
        return PaperRemark("", path, text)
    node = names[line - 2]
    return PaperRemark(node, path.removeprefix(f"nodes.{node}").removeprefix("."), text)

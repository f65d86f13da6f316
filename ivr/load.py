"""Reads a flow file and checks it: every fault at once, each with file, line, key and how to mend it.

The format is described in ``ivr/flows/README.md``. Unknown keys are refused, every ``goto`` must name a node, loops in
which the caller is never asked are refused, nodes that nothing leads to are warned of.
"""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from core.errors import ConfigError
from core.skill_text import parse_skill
from ivr.flow import (
    DIGITS,
    Asking,
    Branch,
    Choice,
    Exit,
    Flow,
    Goto,
    HangUp,
    HoursCheck,
    Menu,
    Node,
    Outcome,
    Play,
    Question,
    Remark,
    ToAgent,
    ToQueue,
    ToVoicemail,
)
from ivr.graph import leads_to, reachable, silent_loops
from ivr.section import Section, suggestion
from ivr.source import Source, read_source

_log = logging.getLogger("line400.ivr")
MAX_NODES: Final = 1000


def load_flow(path: Path) -> Flow:
    """The flow in ``path``; ``ConfigError`` lists all faults. Warnings go to the log."""
    flow, warnings = read_flow(path)
    for warning in warnings:
        _log.warning("%s", warning)
    return flow


def read_flow(path: Path) -> tuple[Flow, tuple[str, ...]]:
    """The flow in ``path`` and what a person should look at although it works; ``ConfigError`` lists all faults."""
    source = read_source(path)
    faults: list[str] = []
    top = Section(source, (), source.values, faults)
    name = top.text("name", path.stem)
    nodes = {node_name: node for node_name, section in top.tables("nodes") if (node := _node(node_name, section))}
    start = top.text("start")
    max_nodes = top.whole("max_nodes", 100, 1, 10_000)
    top.done()
    given = source.values.get("nodes")
    names = tuple(given) if isinstance(given, dict) else ()
    if not names:
        top.fault("nodes", "a flow needs at least one node: [nodes.NAME] with a kind")
    if len(names) > MAX_NODES:
        top.fault("nodes", f"more than {MAX_NODES} nodes")
    if start and start not in names:
        top.fault("start", f"there is no node {start!r}{suggestion(start, names)}")
    _check_ways(source, nodes, names, faults)
    if faults:
        raise ConfigError(sorted(faults, key=_line_of))
    flow = Flow(name, start, MappingProxyType(nodes), max_nodes)
    lost = nodes.keys() - reachable(nodes, start)
    warnings = [f"{source.place(('nodes', node))}: nodes.{node}: nothing leads here" for node in lost]
    return flow, tuple(sorted(warnings, key=_line_of))


def _check_ways(source: Source, nodes: Mapping[str, Node], names: tuple[str, ...], faults: list[str]) -> None:
    for name, node in nodes.items():
        for key, goto in leads_to(node):
            if goto and goto not in names:
                path = ("nodes", name, *key.split("."))
                place = source.place((*path, "goto") if (*path, "goto") in source.lines else path)
                faults.append(f"{place}: nodes.{name}.{key}: there is no node {goto!r}{suggestion(goto, names)}")
    for loop in silent_loops(nodes):
        round_trip = " → ".join((*loop, loop[0]))
        place = source.place(("nodes", loop[0]))
        faults.append(f"{place}: nodes.{loop[0]}: endless loop {round_trip}; put a menu, a question or an exit in it")


def _node(name: str, section: Section) -> Node | None:
    kind = section.one_of("kind", tuple(_READERS))
    if not kind:
        return None
    node = _READERS[kind](name, section)
    section.done()
    return node


def _play(name: str, section: Section) -> Play:
    return Play(name, section.texts("prompts"), section.text("goto"))


def _goto(name: str, section: Section) -> Goto:
    return Goto(name, section.text("goto"))


def _hours(name: str, section: Section) -> HoursCheck:
    closed = section.text("closed")
    return HoursCheck(name, section.text("calendar"), section.text("open"), closed, section.text("holiday", closed))


def _exit(name: str, section: Section) -> Exit:
    outcome: Outcome
    match section.text("kind"):
        case "queue":
            callback = section.flag("callback", False)
            outcome = ToQueue(section.text("queue"), section.text("priority", ""), _skills(section), callback)
        case "agent":
            outcome = ToAgent(section.text("agent"))
        case "voicemail":
            outcome = ToVoicemail(section.text("box", "main"))
        case _:
            outcome = HangUp()
    return Exit(name, outcome, section.texts("prompts"), section.text("result", ""))


def _skills(section: Section) -> tuple[tuple[str, int], ...]:
    found = []
    for text in section.texts("skills"):
        try:
            found.append(parse_skill(text))
        except ValueError as error:
            section.fault("skills", str(error))
    return tuple(found)


def _asking(section: Section) -> Asking:
    prompts = section.texts("prompts")
    if not prompts:
        section.fault("prompts", 'is missing or empty; say what is asked for, such as ["menu_main"]')
    repeat_key = section.text("repeat_key", "")
    if repeat_key and repeat_key not in DIGITS:
        section.fault("repeat_key", f"{repeat_key!r} is no key; use one of 0-9 * # A-D")
    usual = Asking((), (), "")
    return Asking(
        prompts=prompts,
        again=section.texts("again", prompts),
        fallback=section.text("fallback"),
        no_input=section.texts("no_input", usual.no_input),
        invalid=section.texts("invalid", usual.invalid),
        rejected=section.texts("rejected", usual.rejected),
        tries=section.whole("tries", usual.tries, 1, 10),
        no_input_s=section.seconds("no_input_s", usual.no_input_s, 1.0, 60.0),
        max_speech_s=section.seconds("max_speech_s", usual.max_speech_s, 1.0, 30.0),
        repeat_key=repeat_key,
        repeat_phrases=section.texts("repeat_phrases"),
        barge_in_key=section.flag("barge_in_key", usual.barge_in_key),
        barge_in_voice=section.flag("barge_in_voice", usual.barge_in_voice),
        type_ahead=section.flag("type_ahead", usual.type_ahead),
    )


def _menu(name: str, section: Section) -> Menu:
    asking = _asking(section)
    choices = []
    taken = {asking.repeat_key: "repeat_key"} if asking.repeat_key else {}
    said = dict.fromkeys(asking.repeat_phrases, "repeat_phrases")
    for choice_name, part in section.tables("choices"):
        choice = Choice(choice_name, part.text("goto"), part.text("key", ""), part.texts("phrases"))
        part.done()
        if choice.key and choice.key not in DIGITS:
            part.fault("key", f"{choice.key!r} is no key; use one of 0-9 * # A-D")
        if choice.key and choice.key in taken:
            part.fault("key", f"{choice.key} is already used by {taken[choice.key]}; give another key")
        for phrase in choice.phrases:
            if phrase in said:
                part.fault("phrases", f"{phrase} is already used by {said[phrase]}; say it once")
        if not choice.key and not choice.phrases:
            part.fault("", "can neither be pressed nor said; give a key or phrases")
        taken.setdefault(choice.key, choice_name)
        said.update(dict.fromkeys(choice.phrases, choice_name))
        choices.append(choice)
    if not choices:
        section.fault("choices", "a menu needs choices: [nodes.NAME.choices.CHOICE] with key, phrases and goto")
    return Menu(name, asking, tuple(choices), section.flag("keep", False))


def _question(name: str, section: Section) -> Question:
    asking = _asking(section)
    low, high = section.whole("low", None, 0, 9999), section.whole("high", None, 0, 9999)
    if low >= high:
        section.fault("high", f"must be above low, which is {low}")
    terminator = section.text("terminator", "#")
    if terminator and (terminator not in DIGITS or terminator.isdigit()):
        section.fault("terminator", 'must be "#", "*" or "" for none')
    if terminator and terminator == asking.repeat_key:
        section.fault("repeat_key", f"{terminator} already ends the number; give another key")
    branches = []
    for _, part in section.tables("branches"):
        branches.append(
            Branch(part.whole("from", None, low, high), part.whole("to", None, low, high), part.text("goto"))
        )
        part.done()
        if branches[-1].low > branches[-1].high:
            part.fault("to", "must not be below from")
    spoken = section.table("phrases")
    for value in spoken.names():
        if not value.isdigit() or not low <= int(value) <= high:
            spoken.fault(value, f"must be a value from {low} to {high}")
    phrases = {value: spoken.texts(value) for value in spoken.names()}
    return Question(
        name=name,
        asking=asking,
        low=low,
        high=high,
        goto=section.text("goto"),
        branches=tuple(branches),
        phrases=MappingProxyType(phrases),
        terminator=terminator,
        inter_digit_s=section.seconds("inter_digit_s", 2.5, 0.5, 30.0),
    )


def _remark(name: str, section: Section) -> Remark:
    prompts = section.texts("prompts")
    if not prompts:
        section.fault("prompts", 'is missing or empty; say what is asked for, such as ["survey_reason"]')
    terminator = section.text("terminator", "#")
    if terminator not in DIGITS:
        section.fault("terminator", f"{terminator!r} is no key; use one of 0-9 * # A-D")
    usual = Remark(name, prompts, "")
    return Remark(
        name=name,
        prompts=prompts,
        goto=section.text("goto"),
        terminator=terminator,
        no_input_s=section.seconds("no_input_s", usual.no_input_s, 1.0, 60.0),
        pause_s=section.seconds("pause_s", usual.pause_s, 0.5, 10.0),
        max_speech_s=section.seconds("max_speech_s", usual.max_speech_s, 1.0, 30.0),
    )


_READERS: Final[Mapping[str, Callable[[str, Section], Node]]] = {
    "play": _play,
    "menu": _menu,
    "question": _question,
    "remark": _remark,
    "hours": _hours,
    "queue": _exit,
    "agent": _exit,
    "voicemail": _exit,
    "hangup": _exit,
    "goto": _goto,
}


def _line_of(fault: str) -> tuple[str, int]:
    file, _, rest = fault.partition(":")
    line = rest.partition(":")[0]
    return file, int(line) if line.isdigit() else 0

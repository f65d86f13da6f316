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
    Exit,
    Flow,
    Goto,
    HangUp,
    HoursCheck,
    Node,
    Outcome,
    Play,
    ToAgent,
    ToPromise,
    ToQueue,
    ToVoicemail,
)
from ivr.graph import leads_to, reachable, silent_loops, untimed
from ivr.load_asking import ASKING_READERS, words_of
from ivr.section import Section, suggestion
from ivr.source import Source, read_source

_log = logging.getLogger("line400.ivr")
MAX_NODES: Final = 1000
CALL_AGAIN: Final = "call_again"
"""The result of an exit that promises a call."""


def load_flow(path: Path) -> Flow:
    """The flow in ``path``; ``ConfigError`` lists all faults. Warnings go to the log."""
    flow, warnings = read_flow(path)
    for warning in warnings:
        _log.warning("%s", warning)
    return flow


def read_flow(path: Path) -> tuple[Flow, tuple[str, ...]]:
    """The flow in ``path`` and what a person should look at although it works; ``ConfigError`` lists all faults."""
    return flow_of(read_source(path), path.stem)


def flow_of(source: Source, usual_name: str) -> tuple[Flow, tuple[str, ...]]:
    """The same of what a file says; ``usual_name`` is the flow's where it says none."""
    faults: list[str] = []
    top = Section(source, (), source.values, faults)
    name = top.text("name", usual_name)
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
    unready = untimed(nodes, start)
    for node_name, node in nodes.items():
        if isinstance(node, Exit) and isinstance(node.outcome, ToPromise) and node_name in unready:
            place = f"{source.place(('nodes', node_name))}: nodes.{node_name}"
            faults.append(f"{place}: callers come here who have not said when; lead here by call_again or a moment")
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
    return Play(name, section.texts("prompts"), section.text("goto"), words_of(section))


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
        case "promise":
            outcome = ToPromise(section.text("campaign", ""), section.flag("same_agent", False))
        case _:
            outcome = HangUp()
    result = section.text("result", CALL_AGAIN if isinstance(outcome, ToPromise) else "")
    return Exit(name, outcome, section.texts("prompts"), result, words_of(section))


def _skills(section: Section) -> tuple[tuple[str, int], ...]:
    found = []
    for text in section.texts("skills"):
        try:
            found.append(parse_skill(text))
        except ValueError as error:
            section.fault("skills", str(error))
    return tuple(found)


_READERS: Final[Mapping[str, Callable[[str, Section], Node]]] = {
    "play": _play,
    **ASKING_READERS,
    "hours": _hours,
    "queue": _exit,
    "agent": _exit,
    "voicemail": _exit,
    "promise": _exit,
    "hangup": _exit,
    "goto": _goto,
}


def _line_of(fault: str) -> tuple[str, int]:
    file, _, rest = fault.partition(":")
    line = rest.partition(":")[0]
    return file, int(line) if line.isdigit() else 0

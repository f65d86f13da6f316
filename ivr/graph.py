"""A flow as a graph: where nodes lead, what can be reached, and loops in which the caller is never asked. Pure."""

from collections.abc import Iterator, Mapping
from typing import Final

from ivr.flow import Exit, Flow, Goto, HoursCheck, Kind, Menu, Node, Play, Question, Remark

_WITHOUT_AN_ANSWER: Final = frozenset({"fallback", "silent", "call_again"})


def goto_after(node: Menu | Question | Remark, value: str, text: str = "") -> str:
    """Where the answer ``value`` (of a remark: its ``text``) leads: the first branch that holds it, else ``goto``. The
    value is one that the node takes, see ``ivr.form.check_answer``.
    """
    match node:
        case Menu():
            return next(choice.goto for choice in node.choices if choice.name == value)
        case Question():
            number = int(value)
            return next((branch.goto for branch in node.branches if branch.low <= number <= branch.high), node.goto)
        case Remark():
            if not text:
                return node.silent or node.goto
            if not node.branches:
                return node.goto
            from asr.phrases import nearest  # noqa: PLC0415 - who only reads a flow needs no dictionary

            said = (branch.goto for branch in node.branches if nearest(text, {"": branch.phrases}) is not None)
            return next(said, node.goto)


def score_question(flow: Flow) -> Question | None:
    """The question whose answer is the score of a rating: the first in the file; None where nothing is asked."""
    return next((node for node in flow.nodes.values() if isinstance(node, Question)), None)


def leads_to(node: Node) -> tuple[tuple[str, str], ...]:
    """The node's ways on, each as (key in the file, name of the node that it leads to)."""
    match node:
        case Play() | Goto():
            return (("goto", node.goto),)
        case Remark():
            said = ((f"branches.{index}", branch.goto) for index, branch in enumerate(node.branches))
            return (*said, ("goto", node.goto), *((("silent", node.silent),) if node.silent else ()))
        case HoursCheck():
            return (("open", node.open), ("closed", node.closed), ("holiday", node.holiday))
        case Menu():
            place = "" if node.kind is Kind.YES_NO else "choices."
            choices = ((f"{place}{choice.name}", choice.goto) for choice in node.choices)
            return (*choices, ("fallback", node.asking.fallback), *_wish(node))
        case Question():
            branches = ((f"branches.{index}", branch.goto) for index, branch in enumerate(node.branches))
            return (*branches, ("goto", node.goto), ("fallback", node.asking.fallback), *_wish(node))
        case Exit():
            return ()


def _wish(node: Menu | Question) -> tuple[tuple[str, str], ...]:
    return (("call_again", node.asking.call_again),) if node.asking.call_again else ()


def untimed(nodes: Mapping[str, Node], start: str) -> frozenset[str]:
    """Names of the nodes to which a caller may come who has not said when he wants to be called."""
    found: set[str] = set()
    todo = [start]
    while todo:
        name = todo.pop()
        if name in nodes and name not in found:
            found.add(name)
            node = nodes[name]
            timed = {choice.name for choice in node.choices if choice.moment} if isinstance(node, Menu) else set()
            ways = ((key, goto) for key, goto in leads_to(node) if key != "call_again")
            todo.extend(goto for key, goto in ways if key.removeprefix("choices.") not in timed)
    return frozenset(found)


def reachable(nodes: Mapping[str, Node], start: str) -> frozenset[str]:
    """Names of the nodes that can be reached from ``start``, itself included; names without a node are passed over."""
    found: set[str] = set()
    todo = [start]
    while todo:
        name = todo.pop()
        if name in nodes and name not in found:
            found.add(name)
            todo.extend(goto for _, goto in leads_to(nodes[name]))
    return frozenset(found)


def endless(nodes: Mapping[str, Node], start: str) -> tuple[str, ...]:
    """Names of the nodes that can be reached from ``start``, from which whoever answers comes to no exit ever, whatever
    he says; in the order of ``nodes``.
    """
    ends = {name for name, node in nodes.items() if isinstance(node, Exit)}
    ways = {
        name: {goto for key, goto in leads_to(node) if key not in _WITHOUT_AN_ANSWER} for name, node in nodes.items()
    }
    while more := {name for name in nodes if name not in ends and not ways[name].isdisjoint(ends)}:
        ends |= more
    found = reachable(nodes, start) - ends
    return tuple(name for name in nodes if name in found)


def silent_loops(nodes: Mapping[str, Node]) -> Iterator[tuple[str, ...]]:
    """Each loop of nodes that take no input, as the names on it: a caller in it could only hang up."""
    silent = {name: node for name, node in nodes.items() if isinstance(node, Play | Goto | HoursCheck)}
    seen: set[str] = set()
    for name in silent:
        yield from _loops_from(name, silent, (), seen)


def _loops_from(
    name: str, silent: Mapping[str, Node], path: tuple[str, ...], seen: set[str]
) -> Iterator[tuple[str, ...]]:
    if name in path:
        yield path[path.index(name) :]
    elif name in silent and name not in seen:
        for _, goto in leads_to(silent[name]):
            yield from _loops_from(goto, silent, (*path, name), seen)
        seen.add(name)

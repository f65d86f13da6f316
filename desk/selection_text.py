"""Conditions as one line of text each, for the command line: ``model=轩逸,逍客``, ``not visited=0..180:保养``."""

import re
from typing import Final

from core.errors import ParseError
from desk.selection import SHAPES, Condition, Reason

_SPAN: Final = re.compile(r"(\d{0,9})\.\.(\d{0,9})")
_NAME: Final = re.compile(r'"([^"]*)"|([^,，]+)')
_NOT: Final = "not "
_LONGEST: Final = 12_000


def read_condition(text: str) -> Condition:
    """``[not ]REASON[=SPAN][:NAMES]``, where SPAN is ``30..90``, ``30..`` or ``..90`` and NAMES have commas between (a
    name that has one stands in ``"``); of reasons without a span ``REASON=NAMES``. ``ParseError`` for anything else;
    whether the values can be is for ``desk.selection.check``.
    """
    if len(text) > _LONGEST:
        raise ParseError("the condition is too long")
    plain = text.strip()
    negated = plain.startswith(_NOT)
    name, _, rest = plain.removeprefix(_NOT).strip().partition("=")
    if name.strip() not in set(Reason):
        raise ParseError(f"no such condition: {name.strip()!r}; known: {', '.join(Reason)}")
    reason = Reason(name.strip())
    least: int | None = None
    most: int | None = None
    names = rest
    if SHAPES[reason].unit:
        span, _, names = rest.partition(":")
        if span.strip():
            least, most = _span(span.strip())
    chosen = tuple(each.strip() for each in map("".join, _NAME.findall(names)) if each.strip())
    return Condition(reason, least, most, chosen, negated)


def said(condition: Condition) -> str:
    """The line that ``read_condition`` reads."""
    span = "" if condition.least is None else str(condition.least)
    until = "" if condition.most is None else str(condition.most)
    parts = [f"{span}..{until}"] if span or until else []
    if condition.names:
        parts.append((":" if SHAPES[condition.reason].unit else "") + ",".join(map(_quoted, condition.names)))
    return f"{_NOT if condition.negated else ''}{condition.reason}{'=' if parts else ''}{''.join(parts)}"


def _quoted(name: str) -> str:
    return f'"{name}"' if re.search("[,，]", name) else name


def _span(text: str) -> tuple[int | None, int | None]:
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ParseError(f"not a span: {text!r}; write it as 30..90, 30.. or ..90")
    first, last = found.groups()
    return int(first) if first else None, int(last) if last else None

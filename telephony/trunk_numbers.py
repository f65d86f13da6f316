"""How a carrier wants numbers written: rules that rewrite them, one after the other until one fits.

A rule is ``pattern -> replacement``: a regular expression (RE2's) for the whole number, and what it becomes, with
``\\1`` to ``\\9`` for groups (one digit, whatever follows). ``\\+?86(1\\d{10}) -> 0\\1`` puts a 0 before mobile
numbers.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.errors import ParseError
from telephony.linear_patterns import Match, Pattern, compiled

_ARROW: Final = re.compile(r"\s*->\s*")
_GROUP: Final = re.compile(r"\\([1-9])")
_NUMBER: Final = re.compile(r"[+0-9*#A-Za-z._-]{1,64}")
_REPLACEMENT: Final = re.compile(r"(?:\\[1-9]|[+0-9*#A-Za-z._-])+")
MAX_PATTERN: Final = 200
MAX_NUMBER: Final = 255
"""Characters; no rule is tried on what is longer, or is not ASCII."""


@dataclass(frozen=True, slots=True)
class NumberRule:
    """One rule."""

    pattern: Pattern
    replacement: str


def parse_rule(text: str) -> NumberRule:
    """Read ``pattern -> replacement``; ``ParseError`` says what is wrong with it."""
    parts = _ARROW.split(text)
    if len(parts) != 2 or not parts[0].strip() or len(text) > MAX_PATTERN:
        raise ParseError(r"write a rule as 'pattern -> replacement', such as '\+86(\d+) -> 0\1'")
    pattern, replacement = parts[0].strip(), parts[1].strip()
    ready = compiled(pattern)
    for escape in re.findall(r"\\(.?)", replacement):
        if escape not in set("123456789") or int(escape) > ready.groups:
            raise ParseError(rf"\{escape} in {replacement!r} is no group of {pattern!r}")
    if _REPLACEMENT.fullmatch(replacement) is None:
        raise ParseError(
            rf"{replacement!r} makes no number: write digits, letters and + * # . _ -, and \1 to \9 for groups"
        )
    return NumberRule(ready, replacement)


def rewrite(number: str, rules: Sequence[NumberRule]) -> str:
    """``number`` by the first rule that fits the whole of it; as it is where none fits or nonsense would come out."""
    if len(number) > MAX_NUMBER or not number.isascii():
        return number
    for rule in rules:
        match = rule.pattern.fullmatch(number)
        if match is not None:
            written = _written(match, rule.replacement)
            return written if _NUMBER.fullmatch(written) else number
    return number


def _written(match: Match, replacement: str) -> str:
    """``replacement`` with its groups; not by ``expand``, which would take ``\\12`` for group 12."""
    return _GROUP.sub(lambda group: match[int(group[1])] or "", replacement)

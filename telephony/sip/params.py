"""``;name=value`` parameters of headers and URIs: ordered, names compared without case, immutable.

A value is None for a flag such as ``;lr``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from core.errors import ParseError
from telephony.sip.grammar import QUOTED, TOKEN_CHARS, BeyondBound, is_token, quote, unquote

MAX_PARAMS: Final = 64

# RFC 3261 generic-param: token, host or quoted-string. Deviation: ":/@" also stand in values, as peers put bare IPv6
# addresses in "received" and mail-like text in tags.
_PARAM: Final = re.compile(rf"\s*;\s*([{TOKEN_CHARS}]+)(?:\s*=\s*([{TOKEN_CHARS}\[\]:/@]+|{QUOTED}))?\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Params:
    """Parameters in their order."""

    items: tuple[tuple[str, str | None], ...] = ()

    def get(self, name: str) -> str | None:
        """The value of the first parameter of that name; None where it is missing or a flag."""
        for key, value in self.items:
            if key == name or key.lower() == name.lower():
                return value
        return None

    def __contains__(self, name: object) -> bool:
        if not self.items or not isinstance(name, str):
            return False
        wanted = name.lower()
        return wanted in [key.lower() for key, _ in self.items]

    def __iter__(self) -> Iterator[tuple[str, str | None]]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __bool__(self) -> bool:
        return bool(self.items)

    def set(self, name: str, value: str | None = None) -> "Params":
        """A copy in which ``name`` has ``value`` (in its old place, or last)."""
        wanted = name.lower()
        if name not in self:
            return Params((*self.items, (name, value)))
        return Params(tuple((key, value if key.lower() == wanted else old) for key, old in self.items))

    def remove(self, name: str) -> "Params":
        """A copy without ``name``."""
        wanted = name.lower()
        return Params(tuple(item for item in self.items if item[0].lower() != wanted))

    def __str__(self) -> str:
        """As header parameters, ``;name=value`` each; values that are no token, host or address are quoted."""
        text = ""
        for name, value in self.items:
            if value is None:
                text += f";{name}"
            elif is_token(value) or _BARE.fullmatch(value):
                text += f";{name}={value}"
            else:
                text += f";{name}={quote(value)}"
        return text


_BARE: Final = re.compile(rf"[{TOKEN_CHARS}\[\]:]+")
NO_PARAMS: Final = Params()


def parse_params(text: str) -> Params:
    """Header parameters from ``;name=value;…`` (spaces allowed around); ``ParseError`` for anything else."""
    if not text:
        return NO_PARAMS
    items: list[tuple[str, str | None]] = []
    position = 0
    end = len(text)
    while position < end:
        match = _PARAM.match(text, position)
        if match is None:
            raise ParseError(f"not a parameter: {text[position : position + 20]!r}")
        name, value = match.groups()
        if value is not None and value[0] == '"':
            value = unquote(value)
        items.append((name, value))
        position = match.end()
    if len(items) > MAX_PARAMS:
        raise BeyondBound(f"More Than {MAX_PARAMS} Parameters")
    return Params(tuple(items))

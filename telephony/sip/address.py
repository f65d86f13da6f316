"""``name-addr`` and ``addr-spec`` with header parameters: From, To, Contact, Route, Record-Route (RFC 3261 §20.10)."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from core.errors import ParseError
from telephony.sip.grammar import QUOTED, TOKEN_CHARS, quote, split_list, unquote
from telephony.sip.params import NO_PARAMS, Params, parse_params
from telephony.sip.uri import Uri, parse_uri

_CACHED_LENGTH: Final = 512

# Deviation: an unquoted display name may hold letters outside ASCII (Chinese names, as phones send them);
# separators such as a comma still make it malformed (RFC 4475 §3.1.2.15).
# The quantifiers are possessive, so that no text can make the match try all ways to part its words.
_WORD: Final = rf"[{TOKEN_CHARS}\u0080-\U0010ffff]++"
_NAME_ADDRESS: Final = re.compile(
    rf"\s*+(?:({QUOTED})\s*+|({_WORD}(?:\s++{_WORD})*+)\s*+|)<([^<>\s]+)>\s*+(;.*)?", re.DOTALL
)
# §20.10: without angle brackets, a URI ends at the first ";" and may hold neither "?" nor ",".
_ADDRESS: Final = re.compile(r"\s*([^<>\s;,?\"]+)\s*(;.*)?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class NameAddress:
    """``"display" <uri>;params``; ``display`` is "" where not given."""

    uri: Uri
    display: str = ""
    params: Params = NO_PARAMS

    @property
    def tag(self) -> str | None:
        """The ``tag`` parameter of From and To."""
        return self.params.get("tag")

    def with_tag(self, tag: str) -> "NameAddress":
        """A copy with that tag."""
        return NameAddress(self.uri, self.display, self.params.set("tag", tag))

    def without_tag(self) -> "NameAddress":
        """A copy without a tag."""
        return NameAddress(self.uri, self.display, self.params.remove("tag"))

    def __str__(self) -> str:
        return f"{quote(self.display)} <{self.uri}>{self.params}" if self.display else f"<{self.uri}>{self.params}"


def parse_address(text: str) -> NameAddress:
    """One address with its parameters, and nothing else in ``text``; ``ParseError`` otherwise."""
    return _parse_cached(text) if len(text) <= _CACHED_LENGTH else _parse(text)


def parse_addresses(text: str) -> list[NameAddress]:
    """The addresses of a comma-separated header value."""
    return [parse_address(item) for item in split_list(text)]


def _parse(text: str) -> NameAddress:
    match = _NAME_ADDRESS.fullmatch(text)
    if match is not None:
        quoted, tokens, uri, params = match.groups()
        display = unquote(quoted) if quoted is not None else (tokens or "")
        return NameAddress(parse_uri(uri), display, parse_params(params or ""))
    match = _ADDRESS.fullmatch(text)
    if match is None:
        raise ParseError("malformed address")
    uri, params = match.groups()
    return NameAddress(parse_uri(uri), "", parse_params(params or ""))


_parse_cached = lru_cache(maxsize=4096)(_parse)

"""The pieces of RFC 3261 §25.1 that several headers share: tokens, quoted strings, lists.

Every function takes text from the wire and either gives a value or raises ``ParseError``.
"""

import re
from typing import Final

from core.errors import ParseError

TOKEN_CHARS: Final = r"A-Za-z0-9\-.!%*_+`'~"
"""Inside a character class: what a ``token`` is made of."""

QUOTED: Final = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
"""``quoted-string``; §25.1 allows UTF-8 and, escaped, any ASCII but CR and LF."""

MAX_ITEMS: Final = 256
"""Items of one comma-separated header line."""

_TOKEN: Final = re.compile(rf"[{TOKEN_CHARS}]+")
_UNSENDABLE: Final = re.compile(r"[\r\n\0]")
_BREAKS: Final = re.compile(r"[\r\n]|(?<!\\)\0")
_UNESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_LIST_ITEM: Final = re.compile(rf"(?:{QUOTED}|<[^<>]*+>|[^,\"<>]++)+", re.DOTALL)

MAX_CSEQ: Final = 2**32 - 1
"""§8.1.1.5 asks senders to stay below 2**31; §25 and RFC 4475 §3.1.2.4 set the bound of what is read."""


class BeyondBound(ParseError):  # noqa: N818 - the trade's word
    """Text is longer, or holds more, than is read; ``reason`` says so to whoever sent it, as a reason phrase."""

    def __init__(self, reason: str, *, where: str = "") -> None:
        super().__init__(reason.lower(), where=where)
        self.reason = reason


def is_token(text: str) -> bool:
    """Whether ``text`` is a ``token``."""
    return _TOKEN.fullmatch(text) is not None


def quote(text: str) -> str:
    """``text`` as a ``quoted-string``. Line ends and NULs, which a peer may have smuggled in, become spaces."""
    return '"' + _UNSENDABLE.sub(" ", text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def is_one_line(text: str) -> bool:
    """Whether ``text`` can stand in a header: no line end, and no NUL but an escaped one (§25.1, quoted-pair)."""
    return _UNSENDABLE.search(text) is None or _BREAKS.search(text) is None


def unquote(text: str) -> str:
    """What the ``quoted-string`` says (``text`` with its quotes)."""
    inner = text[1:-1]
    return _UNESCAPE.sub(r"\1", inner) if "\\" in inner else inner


def split_list(text: str) -> list[str]:
    """The items of a comma-separated header value; commas in quotes and angle brackets do not part.

    ``ParseError`` where an item is empty or a quote or bracket stays open.
    """
    if "," not in text:
        item = text.strip()
        if not item:
            raise ParseError("empty list item")
        return [item]
    items = []
    position = 0
    while True:
        match = _LIST_ITEM.match(text, position)
        item = match.group().strip() if match else ""
        if match is None or not item:
            raise ParseError(f"empty or broken list item at character {position}")
        items.append(item)
        if len(items) > MAX_ITEMS:
            raise BeyondBound(f"More Than {MAX_ITEMS} List Items")
        position = match.end()
        if position == len(text):
            return items
        if text[position] != ",":
            raise ParseError(f"unbalanced quote or bracket at character {position}")
        position += 1


def parse_count(text: str, limit: int = MAX_CSEQ) -> int:
    """An unsigned decimal number of at most ``limit``; ``ParseError`` for all else."""
    if not (text.isascii() and text.isdigit()) or len(text) > 32:
        raise ParseError(f"not a number: {text[:20]!r}")
    value = int(text)
    if value > limit:
        raise ParseError(f"number larger than {limit}")
    return value

"""All faults of a configuration in one round: what stands in for a value that is wrong, while the parts are checked
against each other, and which of the faults that are found then say nothing new.
"""

import re
from collections.abc import Sequence
from typing import Final

from core.toml_lines import KeyPath

_NAMES: Final = frozenset(
    {"name", "id", "code", "number", "user", "auth_user", "password", "host", "caller_id", "trunk", "queue", "hours"}
)
"""Texts of list elements that others only compare: a wrong one is still the one that is meant."""
_STAND_INS: Final[dict[tuple[str, str], object]] = {("number", "to"): "flow:main"}
_PARSED: Final = frozenset({("alarm", "kind")})
"""What no text stands in for: the element is left out."""
NOTHING: Final = object()
"""There is no stand-in."""


def stand_in(path: KeyPath, table: str, hint: object, raw: object, *, needed: bool) -> object:
    """For the value ``raw`` (None: there is none) at ``path`` in ``table``; ``NOTHING`` where the default holds, or
    where the element cannot be made (``needed``).
    """
    name = str(path[-1])
    in_element = len(path) > 1 and isinstance(path[-2], int)
    compared = name in _NAMES if in_element else name == "trunk"
    if hint is str and compared and isinstance(raw, str | int) and not isinstance(raw, bool):
        return str(raw)
    if not needed or (table, name) in _PARSED:
        return NOTHING
    if (table, name) in _STAND_INS:
        return _STAND_INS[table, name]
    if hint is str:
        return ""
    return () if hint in (tuple[str, ...], tuple[int, ...]) else NOTHING


class Wrong:
    """What is wrong by itself. A fault that names such a key of the same table, or somebody whose name could not be
    read, would blame the wrong one: it waits until that is mended.
    """

    def __init__(self) -> None:
        self._keys: list[KeyPath] = []
        self._unnamed: set[str] = set()
        self._left_out: set[str] = set()

    def key(self, path: KeyPath) -> None:
        """The value at ``path`` is wrong, or missing."""
        self._keys.append(path)
        if len(path) == 3 and path[2] in ("name", "id", "code", "number"):
            self._unnamed.add(_kind(path[0]))

    def element(self, table: str) -> None:
        """An element of ``[[table]]`` could not be made at all, so those behind it have other places now."""
        self._left_out.add(table)
        self._unnamed.add(_kind(table))

    def explains(self, path: KeyPath, text: str) -> bool:
        """Whether a fault at ``path`` with these words comes of what is wrong already."""
        if path and path[0] in self._left_out:
            return True
        if any(re.search(rf"\bno (?:\[\[)?{kind}\b", text) for kind in self._unnamed):
            return True
        return any(path[: len(key)] == key or _names(key, path, text) for key in self._keys)


def _names(key: Sequence[str | int], path: KeyPath, text: str) -> bool:
    *table, last = key
    near = path[: len(table)] == tuple(table)
    return (near and re.search(rf"\b{re.escape(str(last))}\b", text) is not None) or f"[{key[0]}] {last}" in text


def _kind(table: object) -> str:
    return "trunk" if table == "trunk_group" else str(table)

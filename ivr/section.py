"""One table of a flow file being read: typed getters that note each fault, with its place and mend, and go on.

Every key that was asked for is remembered; ``done`` refuses the rest by name and suggests what may have been meant.
"""

import difflib
from collections.abc import Iterator, Mapping, Sequence

from core.toml_lines import KeyPath
from ivr.source import Source, Value


class Section:
    """The table at ``path`` of ``source``. Faults go to the common list ``faults``."""

    def __init__(self, source: Source, path: KeyPath, values: Mapping[str, Value], faults: list[str]) -> None:
        self._source = source
        self._path = path
        self._values = values
        self._faults = faults
        self._known: dict[str, None] = {}

    def fault(self, key: str, text: str) -> None:
        """Note a fault at ``key`` ("" for the table itself)."""
        path = (*self._path, key) if key else self._path
        self._faults.append(f"{self._source.place(path)}: {self.dotted(key)}: {text}")

    def dotted(self, key: str = "") -> str:
        """The dotted name of ``key`` or of the table, as people would say it."""
        return ".".join(str(part) for part in (*self._path, key) if part != "") or "file"

    def has(self, key: str) -> bool:
        """True where ``key`` is given."""
        self._known[key] = None
        return key in self._values

    def text(self, key: str, default: str | None = None) -> str:
        """A text that is not empty; needed unless there is a ``default``. A single digit may stand without quotes."""
        value = self._get(key, default is None, "a text in quotes")
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 9:
            return str(value)
        if value is None or isinstance(value, str):
            return (default or "") if value is None else value
        self.fault(key, f"must be a text in quotes, not {_kind(value)}")
        return default or ""

    def texts(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """A list of texts; one text may stand for a list of one."""
        value = self._get(key, False, "")
        if value is None:
            return default
        if isinstance(value, str):
            return (value,)
        if isinstance(value, list) and all(isinstance(item, str) and item for item in value):
            return tuple(str(item) for item in value)
        self.fault(key, 'must be a list of texts such as ["welcome"]')
        return default

    def whole(self, key: str, default: int | None, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``; needed where ``default`` is None."""
        value = self._get(key, default is None, f"a whole number from {low} to {high}")
        fallback = low if default is None else default
        if value is None:
            return fallback
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        self.fault(key, f"must be a whole number from {low} to {high}")
        return fallback

    def seconds(self, key: str, default: float, low: float, high: float) -> float:
        """Seconds from ``low`` to ``high``."""
        value = self._get(key, False, "")
        if value is None:
            return default
        if isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high:
            return float(value)
        self.fault(key, f"must be seconds from {low:g} to {high:g}")
        return default

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        value = self._get(key, False, "")
        if value is None or isinstance(value, bool):
            return default if value is None else value
        self.fault(key, "must be true or false")
        return default

    def one_of(self, key: str, words: Sequence[str]) -> str:
        """One of ``words``; "" (and a fault) where it is none of them."""
        value = self._get(key, True, f"one of {', '.join(words)}")
        if value is None:
            return ""
        if isinstance(value, str) and value in words:
            return value
        self.fault(key, f"{value!r} is unknown{suggestion(str(value), words)}; use one of {', '.join(words)}")
        return ""

    def tables(self, key: str) -> Iterator[tuple[str, "Section"]]:
        """The tables below ``key``, by name; a list of tables has its indices as names."""
        value = self._get(key, False, "")
        if value is None:
            return
        if isinstance(value, dict):
            items: list[tuple[str | int, Value]] = list(value.items())
        elif isinstance(value, list):
            items = list(enumerate(value))
        else:
            self.fault(key, "must be a table")
            return
        for name, item in items:
            path = (*self._path, key, name)
            if isinstance(item, dict):
                yield str(name), Section(self._source, path, item, self._faults)
            else:
                self._faults.append(f"{self._source.place(path)}: {'.'.join(map(str, path))}: must be a table")

    def table(self, key: str) -> "Section":
        """The one table at ``key``; an empty one where it is not given."""
        value = self._get(key, False, "")
        if value is not None and not isinstance(value, dict):
            self.fault(key, "must be a table")
        values = value if isinstance(value, dict) else {}
        return Section(self._source, (*self._path, key), values, self._faults)

    def names(self) -> tuple[str, ...]:
        """All keys that are given."""
        return tuple(self._values)

    def done(self) -> None:
        """Refuse every key that nobody asked for."""
        for key in self._values:
            if key not in self._known:
                self.fault(key, f"unknown key{suggestion(key, tuple(self._known))}; known: {', '.join(self._known)}")

    def _get(self, key: str, needed: bool, what: str) -> Value:
        self._known[key] = None
        value = self._values.get(key)
        if value is None and needed:
            self.fault(key if key in self._values else "", f"{key} is missing; give {what}")
        if value == "" and needed:
            self.fault(key, f"is empty; give {what}")
        return value


def suggestion(word: str, known: Sequence[str]) -> str:
    """``, did you mean x?`` where one of ``known`` is near."""
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f", did you mean {near[0]}?" if near else ""


def _kind(value: Value) -> str:
    return {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "a table"}.get(
        type(value), type(value).__name__
    )

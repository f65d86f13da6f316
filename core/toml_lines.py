"""Where in a TOML file each key stands. ``tomllib`` gives values without places; messages to people need both.

Works on text that ``tomllib`` has accepted, so it only has to find its way, not to judge. TOML 1.0; pure.
"""

import re
import tomllib
from bisect import bisect_right
from typing import Final, TypeAlias

KeyPath: TypeAlias = tuple[str | int, ...]
"""Keys from the top, array elements by index: ``("nodes", "menu", "prompts", 0)``."""

_SPACE: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BLANK: Final = re.compile(r"[ \t]*")
_KEY_PART: Final = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*'""")
_SCALAR: Final = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}' r"|'''(?:.|\n)*?'{3,5}" r'|"(?:[^"\\]|\\.)*"' r"|'[^']*'" r"|[^,\]}\n#]+", re.DOTALL
)


def toml_lines(text: str) -> dict[KeyPath, int]:
    """The line (from 1) of every table, key and array element of ``text``."""
    return _Finder(text).find()


class _Finder:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._newlines = [match.start() for match in re.finditer("\n", text)]
        self._lines: dict[KeyPath, int] = {}
        self._elements: dict[KeyPath, int] = {}

    def find(self) -> dict[KeyPath, int]:
        table: KeyPath = ()
        self._skip(_SPACE)
        while self._at < len(self._text):
            line = self._line()
            if self._text.startswith("[[", self._at):
                self._at += 2
                table = self._array_table(self._key())
                self._at += 2
                self._lines.setdefault(table, line)
            elif self._text[self._at] == "[":
                self._at += 1
                table = self._resolve(self._key())
                self._at += 1
                self._note(table, line)
            else:
                self._pair(table)
            self._skip(_SPACE)
        return self._lines

    def _pair(self, table: KeyPath) -> None:
        line = self._line()
        path = (*table, *self._key())
        self._at += 1  # the equals sign
        self._note(path, line)
        self._value(path)

    def _value(self, path: KeyPath) -> None:
        self._skip(_SPACE)
        opening = self._text[self._at]
        if opening == "[":
            self._elements_of(path)
        elif opening == "{":
            self._inline_table(path)
        else:
            self._skip(_SCALAR)

    def _elements_of(self, path: KeyPath) -> None:
        self._at += 1
        index = 0
        while self._ahead() != "]":
            self._lines[*path, index] = self._line()
            self._value((*path, index))
            index += 1
            if self._ahead() == ",":
                self._at += 1
        self._at += 1

    def _inline_table(self, path: KeyPath) -> None:
        self._at += 1
        while self._ahead() != "}":
            self._pair(path)
            if self._ahead() == ",":
                self._at += 1
        self._at += 1

    def _key(self) -> tuple[str, ...]:
        parts: list[str] = []
        while True:
            self._skip(_BLANK)
            found = _KEY_PART.match(self._text, self._at)
            if found is None:
                raise ValueError(f"line {self._line()}: no key; the text was not checked by tomllib")
            self._at = found.end()
            raw = found[0]
            parts.append(next(iter(tomllib.loads(f"{raw} = 0"))) if raw[0] in "\"'" else raw)
            self._skip(_BLANK)
            if not self._text.startswith(".", self._at):
                return tuple(parts)
            self._at += 1

    def _resolve(self, keys: tuple[str, ...]) -> KeyPath:
        path: KeyPath = ()
        for key in keys:
            path = (*path, key)
            if path in self._elements:
                path = (*path, self._elements[path])
        return path

    def _array_table(self, keys: tuple[str, ...]) -> KeyPath:
        path = (*self._resolve(keys[:-1]), keys[-1])
        self._lines.setdefault(path, self._line())
        self._elements[path] = self._elements.get(path, -1) + 1
        return (*path, self._elements[path])

    def _note(self, path: KeyPath, line: int) -> None:
        for length in range(1, len(path) + 1):
            self._lines.setdefault(path[:length], line)

    def _ahead(self) -> str:
        self._skip(_SPACE)
        return self._text[self._at]

    def _skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self._text, self._at)
        if found is not None:
            self._at = found.end()

    def _line(self) -> int:
        return bisect_right(self._newlines, self._at - 1) + 1

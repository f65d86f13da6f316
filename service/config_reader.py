"""Turns the tables of a TOML file into the frozen dataclasses of ``service.config_model``, by their field types.

Every fault is collected as ``file:line: key: what is wrong and how to mend it``; reading goes on after each.
"""

import dataclasses
import difflib
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar, cast, get_type_hints

from core.toml_lines import KeyPath
from service.config_stand_ins import NOTHING, Wrong, stand_in

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Record = TypeVar("Record", bound=DataclassInstance)

Table: TypeAlias = Mapping[str, object]
Check: TypeAlias = Callable[[object], str | None]
"""Says what is wrong with a value and how to mend it; None where it is right."""

SECRET_KEYS: Final = frozenset({"password", "metrics_token", "secret"})
PROSE_KEYS: Final = frozenset({"script", "script_en"})
"""Texts of several lines; what else they may hold is said by their checks."""
_FROM_ENVIRONMENT: Final = "env:"


class ConfigReader:
    """Reads one file. Relative paths count from ``folder``; passwords ``env:NAME`` come from ``environment``."""

    def __init__(
        self,
        name: str,
        lines: Mapping[KeyPath, int],
        folder: Path,
        environment: Mapping[str, str],
        checks: Mapping[tuple[str, str], Check],
    ) -> None:
        self._faults: list[tuple[int, str]] = []
        self._warnings: list[tuple[int, str]] = []
        self._name = name
        self._lines = lines
        self._folder = folder
        self._environment = environment
        self._checks = checks
        self._wrong = Wrong()
        self._together = False

    def fault(self, path: KeyPath, text: str) -> None:
        """Note what is wrong at ``path`` and how to mend it."""
        if not self._together:
            self._wrong.key(path)
        elif self._wrong.explains(path, text):
            return
        self._faults.append(self._at(path, text))

    def judge_together(self) -> None:
        """Each value has been looked at by itself; faults from now on are of values that do not go together, and only
        those that do not come of one that is wrong already are noted.
        """
        self._together = True

    def explains(self, text: str) -> bool:
        """Whether a fault that is found elsewhere comes of what is wrong here already."""
        return self._wrong.explains((), text)

    def warn(self, path: KeyPath, text: str) -> None:
        """Note what works at ``path`` but deserves a second look."""
        self._warnings.append(self._at(path, text))

    @property
    def problems(self) -> list[str]:
        """All faults so far, in the order of their lines."""
        return [text for _, text in sorted(self._faults, key=lambda fault: fault[0])]

    @property
    def warnings(self) -> list[str]:
        """All warnings so far, in the order of their lines."""
        return [text for _, text in sorted(self._warnings, key=lambda warning: warning[0])]

    def _at(self, path: KeyPath, text: str) -> tuple[int, str]:
        """The line of ``path``, or of what it stands in, and what is said of it."""
        near = path
        while near and near not in self._lines:
            near = near[:-1]
        line = self._lines.get(near, 1)
        return line, f"{self._name}:{line}: {_dotted(path)}: {text}"

    def record(
        self, kind: "type[Record]", table: str, path: KeyPath, values: object, *, anyhow: bool = False
    ) -> "Record | None":
        """The dataclass ``kind`` from the table at ``path``; None where a fault forbids to make it. ``table`` names the
        section for the checks ("" for the top of the file). ``anyhow``: with something in place of what is wrong, as
        far as it can be made.
        """
        if not isinstance(values, Mapping):
            self.fault(path, f"must be a table; write [{_dotted(path)}] and its keys below it")
            self._wrong.element(table)
            return None
        hints = get_type_hints(kind)
        fields = {field.name: field for field in dataclasses.fields(kind)}
        faults_before = len(self._faults)
        self.refuse_unknown(path, values, fields)
        arguments: dict[str, object] = {}
        lacking = False
        for name, field in fields.items():
            needed = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
            if name not in values:
                if not needed:
                    continue
                self._faults.append(self._at(path, f"{name} is missing; every [[{table}]] needs it"))
                self._wrong.key((*path, name))
                value: object = _WRONG
            elif dataclasses.is_dataclass(hints[name]):  # a table of its own: [campaign.retry]
                kind_of = cast("type[DataclassInstance]", hints[name])
                inner = self.record(kind_of, f"{table}.{name}", (*path, name), values[name], anyhow=anyhow)
                if inner is not None:
                    arguments[name] = inner
                continue
            else:
                value = self._value((*path, name), name, hints[name], values[name])
            if value is not _WRONG:
                complaint = self._checks.get((table, name), _no_complaint)(value)
                if not complaint:
                    arguments[name] = value
                    continue
                self.fault((*path, name), complaint)
            value = stand_in((*path, name), table, hints[name], values.get(name), needed=needed)
            if value is not NOTHING:
                arguments[name] = value
            lacking = lacking or (needed and value is NOTHING)
        if lacking:
            self._wrong.element(table)
        if lacking or (len(self._faults) > faults_before and not anyhow):
            return None
        make: Callable[..., Record] = kind
        return make(**arguments)

    def refuse_unknown(self, path: KeyPath, values: Table, known: Iterable[str]) -> None:
        """Note every key that is not ``known``, with what may have been meant."""
        names = tuple(known)
        for key in values:
            if key not in names:
                near = [name for name in names if len(key) > 2 and name.endswith(f"_{key}")]  # port: one of several
                near = near or difflib.get_close_matches(key, names, n=1, cutoff=0.6)
                hint = f"did you mean {' or '.join(map(repr, near))}?" if near else f"known here: {', '.join(names)}"
                self.fault((*path, key), f"unknown key; {hint}")

    def _value(self, path: KeyPath, name: str, hint: object, value: object) -> object:
        converted = _converted(hint, value)
        if name not in PROSE_KEYS and any(not each.isprintable() for each in _texts(value)):
            self.fault(path, "must not hold control characters such as NUL or a line break")
            return _WRONG
        if converted is _WRONG:
            self.fault(path, _complaint(hint, value))
        elif isinstance(converted, Path):
            return self._located(path, converted)
        elif hint == tuple[Path, ...] and isinstance(converted, tuple):
            located = tuple(self._located(path, each) for each in converted)
            return _WRONG if _WRONG in located else located
        elif name in SECRET_KEYS and isinstance(converted, str) and converted.startswith(_FROM_ENVIRONMENT):
            variable = converted.removeprefix(_FROM_ENVIRONMENT)
            if variable not in self._environment:
                self.fault(path, f"the environment variable {variable} is not set; set it or write the password here")
                return _WRONG
            return self._environment[variable]
        return converted

    def _located(self, path: KeyPath, file: Path) -> object:
        """A file or folder that the configuration names, from where the configuration lies."""
        try:
            return self._folder / file.expanduser()
        except RuntimeError:
            self.fault(path, f"there is no home folder {file.parts[0]}; write the whole path")
            return _WRONG


class _Wrong:
    """Marks a value of the wrong type."""


_WRONG: Final = _Wrong()
_MOST: Final = 10**15
"""No number of a configuration is larger; one of 400 digits would not even be one for ``float``."""
_WANTED: Final[dict[object, str]] = {
    str: "a text in quotes",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    Path: "a path in quotes",
    Path | None: "a path in quotes",
    tuple[str, ...]: 'a list of texts such as ["a", "b"]',
    tuple[Path, ...]: 'a list of paths such as ["a.pem", "b.pem"]',
    tuple[int, ...]: "a list of whole numbers such as [3, 1]",
    date: "a day such as 2026-11-30",
    date | None: "a day such as 2026-11-30",
}


def _complaint(hint: object, value: object) -> str:
    """A number that is refused as one is too large, or none at all (``nan``)."""
    if hint is float and isinstance(value, int | float) and not isinstance(value, bool):
        return f"must be a number from -{_MOST} to {_MOST}"
    return f"must be {_WANTED[hint]}, not {_shown(value)}"


def _texts(value: object) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, str)]


def _converted(hint: object, value: object) -> object:
    if hint is bool:
        return value if isinstance(value, bool) else _WRONG
    if hint is int:
        return value if isinstance(value, int) and not isinstance(value, bool) else _WRONG
    if hint is float:
        right = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _MOST
        return float(value) if right and isinstance(value, int | float) else _WRONG
    if hint is str:
        return value if isinstance(value, str) else _WRONG
    if hint in (Path, Path | None):
        return Path(value) if isinstance(value, str) and value else _WRONG
    if hint in (date, date | None):
        return _day(value)
    if hint == tuple[str, ...] and isinstance(value, str):
        return (value,)
    if hint == tuple[str, ...] and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    if hint == tuple[Path, ...]:
        texts = _converted(tuple[str, ...], value)
        return tuple(Path(text) for text in texts) if isinstance(texts, tuple) and all(texts) else _WRONG
    if hint == tuple[int, ...] and isinstance(value, list):
        return tuple(value) if all(_converted(int, item) is not _WRONG for item in value) else _WRONG
    return _WRONG


def _day(value: object) -> object:
    """TOML has days of its own; one in quotes is taken too."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) else _WRONG
    except ValueError:
        return _WRONG


def _no_complaint(_: object) -> str | None:
    return None


def _dotted(path: KeyPath) -> str:
    """``trunk[2].host`` for people: list elements count from 1."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text or "file"


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return "a text"
    if isinstance(value, int | float):
        return "a number"
    return "a list" if isinstance(value, list) else "a table" if isinstance(value, Mapping) else "a date or time"

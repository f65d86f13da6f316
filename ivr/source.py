"""A flow file as plain values with the line of each: TOML or YAML, told apart by the file's ending."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from core.errors import ConfigError
from core.toml_lines import KeyPath, toml_lines

Value: TypeAlias = object
_AT_LINE: Final = re.compile(r"at line (\d+)")
MAX_BYTES: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Source:
    """What a file says. ``lines`` has a line for every path of keys and indices."""

    name: str
    values: Mapping[str, Value]
    lines: Mapping[KeyPath, int]

    def place(self, path: KeyPath) -> str:
        """``file:line`` of ``path``, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return f"{self.name}:{self.lines.get(path, 1)}"


def read_source(path: Path) -> Source:
    """Read ``path`` (.toml, .yaml or .yml); ``ConfigError`` where it cannot be read or is not well-formed."""
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror}; check the name and the rights"]) from None
    except UnicodeDecodeError as error:
        raise ConfigError([f"{path}: is not UTF-8 (byte {error.start}); save it as UTF-8"]) from None
    if len(data) > MAX_BYTES:
        raise ConfigError([f"{path}: is larger than {MAX_BYTES} bytes; that is no flow"])
    if path.suffix == ".toml":
        return _toml(path.name, text)
    if path.suffix in (".yaml", ".yml"):
        from ivr.yaml_text import read_yaml  # noqa: PLC0415 - shipped flows and most others are TOML

        return Source(path.name, *read_yaml(path.name, text))
    raise ConfigError([f"{path}: unknown kind of file; name it .toml, .yaml or .yml"])


def _toml(name: str, text: str) -> Source:
    text = text.replace("\r\n", "\n")
    try:
        values, lines = tomllib.loads(text), toml_lines(text)
    except tomllib.TOMLDecodeError as error:
        found = _AT_LINE.search(str(error))
        line = found[1] if found is not None else text.count("\n") + 1  # "at end of document"
        what = str(error).partition(" (at ")[0]
        raise ConfigError([f"{name}:{line}: not well-formed TOML: {what}"]) from None
    except (ValueError, RecursionError):  # a number of thousands of digits, brackets without end
        raise ConfigError([f"{name}:1: not well-formed TOML: nested too deep, or a number too long"]) from None
    return Source(name, values, lines)

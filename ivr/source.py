"""A flow file as plain values with the line of each: TOML or YAML, told apart by the file's ending."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import yaml

from core.errors import ConfigError
from core.toml_lines import KeyPath, toml_lines

Value: TypeAlias = object
_AT_LINE: Final = re.compile(r"at line (\d+)")
MAX_BYTES: Final = 1_000_000
MAX_DEPTH: Final = 20


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
        return _yaml(path.name, text)
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


def _yaml(name: str, text: str) -> Source:
    lines: dict[KeyPath, int] = {}
    faults: list[str] = []
    loader = yaml.SafeLoader(text)
    try:
        root = loader.get_single_node()
        values = {} if root is None else _plain(loader, root, (), lines, faults, name)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError([f"{name}:{line}: not well-formed YAML: {error.problem}"]) from None
    except RecursionError:
        raise ConfigError([f"{name}:1: not well-formed YAML: nested too deep"]) from None
    except yaml.YAMLError as error:
        raise ConfigError([f"{name}: not well-formed YAML: {error}"]) from None
    finally:
        loader.dispose()
    if not isinstance(values, dict):
        faults.append(f"{name}:1: must be a table of keys")
    if faults or not isinstance(values, dict):
        raise ConfigError(faults)
    return Source(name, values, lines)


def _plain(
    loader: yaml.SafeLoader, node: yaml.Node, path: KeyPath, lines: dict[KeyPath, int], faults: list[str], name: str
) -> Value:
    line = node.start_mark.line + 1
    lines.setdefault(path, line)
    if len(path) > MAX_DEPTH:
        raise yaml.MarkedYAMLError(problem="nested too deep", problem_mark=node.start_mark)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(loader, item, (*path, at), lines, faults, name) for at, item in enumerate(node.value)]
    if not isinstance(node, yaml.MappingNode):
        value: Value = loader.construct_object(node)
        return value
    table: dict[str, Value] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)  # as written: a node may be called yes or 1
        key_path = (*path, key)
        key_line = key_node.start_mark.line + 1
        if key in table:
            faults.append(f"{name}:{key_line}: {key}: is here twice (first at line {lines[key_path]}); keep one")
        lines.setdefault(key_path, key_line)
        table[key] = _plain(loader, value_node, key_path, lines, faults, name)
    return table

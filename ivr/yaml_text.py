"""A flow in YAML as plain values with the line of each. Keys are taken as they are written; none may stand twice."""

from collections.abc import Mapping
from typing import Final

import yaml

from core.errors import ConfigError
from core.toml_lines import KeyPath

MAX_DEPTH: Final = 20


def read_yaml(name: str, text: str) -> tuple[Mapping[str, object], Mapping[KeyPath, int]]:
    """What ``text`` says, and the line of every path in it; ``ConfigError`` with the faults of the file ``name``."""
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
    return values, lines


def _plain(
    loader: yaml.SafeLoader, node: yaml.Node, path: KeyPath, lines: dict[KeyPath, int], faults: list[str], name: str
) -> object:
    line = node.start_mark.line + 1
    lines.setdefault(path, line)
    if len(path) > MAX_DEPTH:
        raise yaml.MarkedYAMLError(problem="nested too deep", problem_mark=node.start_mark)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(loader, item, (*path, at), lines, faults, name) for at, item in enumerate(node.value)]
    if not isinstance(node, yaml.MappingNode):
        value: object = loader.construct_object(node)
        return value
    table: dict[str, object] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)  # as written: a node may be called yes or 1
        key_path = (*path, key)
        key_line = key_node.start_mark.line + 1
        if key in table:
            faults.append(f"{name}:{key_line}: {key}: is here twice (first at line {lines[key_path]}); keep one")
        lines.setdefault(key_path, key_line)
        table[key] = _plain(loader, value_node, key_path, lines, faults, name)
    return table

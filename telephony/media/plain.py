"""Values as JSON and back: frozen dataclasses of texts, numbers, bytes, tuples, mappings and one another.

The types say what is expected, and nothing else is taken: the other side may be another machine, of another release.
Bytes travel as base64.
"""

import base64
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Final, TypeAlias, TypeVar, Union, get_args, get_origin, get_type_hints

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"
Value = TypeVar("Value")
Reader: TypeAlias = Callable[[Json], object]
_DATACLASSES: Final[dict[type, Reader]] = {}


def to_plain(value: object) -> Json:
    """``value`` as JSON knows it; ``TypeError`` for what does not belong in a message."""
    match value:
        case None | str() | bool() | int() | float():
            return value
        case bytes():
            return base64.b64encode(value).decode()
        case tuple():
            return [to_plain(item) for item in value]
        case Mapping():
            return {str(key): to_plain(item) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: to_plain(getattr(value, item.name)) for item in fields(value)}
    raise TypeError(f"{type(value).__name__} is no plain value")


def from_plain(kind: type[Value], plain: Json) -> Value:
    """The dataclass ``kind`` that ``plain`` tells; ``TypeError`` or ``ValueError`` for anything else."""
    value = _dataclass(kind)(plain)
    if not isinstance(value, kind):
        raise TypeError(f"{kind.__name__} is needed")
    return value


def _reader(kind: object) -> Reader:
    origin = get_origin(kind)
    if kind is str or kind is bool:
        return _exactly(kind)
    if kind is int:
        return _integer
    if kind is float:
        return _number
    if kind is bytes:
        return _bytes
    if origin is tuple:
        return _sequence(_reader(get_args(kind)[0]))
    if origin is Mapping:
        return _mapping(_reader(get_args(kind)[1]))
    if origin in (types.UnionType, Union):
        (other,) = (item for item in get_args(kind) if item is not type(None))
        return _or_none(_reader(other))
    if isinstance(kind, type) and is_dataclass(kind):
        return _dataclass(kind)
    raise TypeError(f"no plain value holds {kind}")


def _exactly(kind: type[str] | type[bool]) -> Reader:
    def read(plain: Json) -> object:
        if not isinstance(plain, kind):
            raise TypeError(f"{kind.__name__} is needed")
        return plain

    return read


def _integer(plain: Json) -> int:
    if not isinstance(plain, int) or isinstance(plain, bool):
        raise TypeError("a whole number is needed")
    return plain


def _number(plain: Json) -> float:
    if not isinstance(plain, int | float) or isinstance(plain, bool):
        raise TypeError("a number is needed")
    return float(plain)


def _bytes(plain: Json) -> bytes:
    if not isinstance(plain, str):
        raise TypeError("base64 is needed")
    return base64.b64decode(plain, validate=True)


def _sequence(read_item: Reader) -> Reader:
    def read(plain: Json) -> object:
        if not isinstance(plain, list):
            raise TypeError("a list is needed")
        return tuple(read_item(item) for item in plain)

    return read


def _mapping(read_item: Reader) -> Reader:
    def read(plain: Json) -> object:
        if not isinstance(plain, dict):
            raise TypeError("an object is needed")
        return {key: read_item(item) for key, item in plain.items()}

    return read


def _or_none(read_item: Reader) -> Reader:
    return lambda plain: None if plain is None else read_item(plain)


def _dataclass(kind: type) -> Reader:
    known = _DATACLASSES.get(kind)
    if known is None:
        known = _DATACLASSES[kind] = _make_reader(kind)
    return known


def _make_reader(kind: type) -> Reader:
    hints = get_type_hints(kind)
    readers = {item.name: _reader(hints[item.name]) for item in fields(kind)}
    needed = {item.name for item in fields(kind) if item.default is MISSING and item.default_factory is MISSING}

    def read(plain: Json) -> object:
        if not isinstance(plain, dict):
            raise TypeError("an object is needed")
        if unknown := plain.keys() - readers.keys():
            raise TypeError(f"{kind.__name__} has no {min(unknown)}")
        if missing := needed - plain.keys():
            raise TypeError(f"{kind.__name__} needs {min(missing)}")
        made: object = kind(**{name: readers[name](value) for name, value in plain.items()})
        return made

    return read

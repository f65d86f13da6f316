"""Facts: every change of a call, leg, agent, queue entry, attempt or ticket is one immutable fact.

A domain defines its facts beside the machine that emits them, as frozen slotted dataclasses of plain scalars (str, int,
float, bool, None and tuples of str), and names them with ``@fact("queue.entered")``. The log adds who, when and in
which order: the ``Event``. Facts carry no phone numbers unless the field is called ``number``, ``ani`` or ``dnis``,
so that readers (logs, MQTT) can mask by field name.
"""

import dataclasses
from collections.abc import Callable
from typing import ClassVar, Final, Protocol, TypeAlias, TypeVar

from core.errors import ParseError

Scalar: TypeAlias = "str | int | float | bool | None"
Jsonable: TypeAlias = "Scalar | list[str]"


class Fact:
    """Base of all facts. ``name`` is the dotted name under which the log keeps it."""

    __slots__ = ()
    name: ClassVar[str] = ""


FactType = TypeVar("FactType", bound=Fact)
_registry: dict[str, type[Fact]] = {}

PERSONAL_FIELDS: Final = frozenset({"number", "ani", "dnis"})


def fact(name: str) -> Callable[[type[FactType]], type[FactType]]:
    """Class decorator: register a frozen dataclass of facts under ``name``; names are unique in the whole house."""

    def register(kind: type[FactType]) -> type[FactType]:
        if name in _registry:
            raise ValueError(f"two facts are named {name!r}")
        kind.name = name
        _registry[name] = kind
        return kind

    return register


@dataclasses.dataclass(frozen=True, slots=True)
class Event:
    """One line of the log: ``fact`` became true ``at`` epoch seconds, in call ``call_id`` ("": no call is concerned).

    ``seq`` is the log's own count, 0 until the log has taken it.
    """

    id: str
    at: float
    call_id: str
    fact: Fact
    seq: int = 0


def pack(item: Fact) -> dict[str, Jsonable]:
    """A fact's fields as JSON-ready values."""
    packed: dict[str, Jsonable] = {}
    for field in dataclasses.fields(item):  # type: ignore[arg-type]  # every registered fact is a dataclass
        value = getattr(item, field.name)
        packed[field.name] = list(value) if isinstance(value, tuple) else value
    return packed


def unpack(name: str, values: dict[str, Jsonable]) -> Fact:
    """The fact of ``name`` from what ``pack`` made; unknown fields are dropped (they come from a newer version).

    ``ParseError`` where the name is unknown or a needed field is missing.
    """
    kind = _registry.get(name)
    if kind is None:
        raise ParseError(f"unknown fact {name!r}")
    names = {field.name for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    arguments = {
        key: tuple(value) if isinstance(value, list) else value for key, value in values.items() if key in names
    }
    try:
        return kind(**arguments)
    except TypeError as error:
        raise ParseError(str(error), where=name) from None


class Log(Protocol):
    """What a driver needs of the event log (``store`` implements it; ``core.bus.MemoryLog`` is the tests' double)."""

    def post(self, call_id: str, item: Fact) -> None:
        """Take ``item`` as having become true now; it is written within milliseconds, in order, and never waits."""
        ...

    async def commit(self, call_id: str, item: Fact) -> Event:
        """As ``post``, but return only when the fact is on disk (before an act that must never be done twice)."""
        ...

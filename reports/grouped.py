"""Things counted together, and the same by queue and by agent, in one go over them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar


class OfTalk(Protocol):
    """Something that is of a queue and an agent."""

    @property
    def queue(self) -> str:
        """Out of which queue."""
        ...

    @property
    def agent(self) -> str:
        """Whose."""
        ...


Item = TypeVar("Item")
Talked = TypeVar("Talked", bound=OfTalk)
Line = TypeVar("Line")


@dataclass(frozen=True, slots=True)
class Grouped(Generic[Line]):
    """``total`` of all, then the same by queue and by agent, by name."""

    total: Line
    queues: tuple[Line, ...]
    agents: tuple[Line, ...]


def groups(items: Iterable[Item], name: Callable[[Item], str]) -> list[tuple[str, list[Item]]]:
    """The items of each name, as they come; by name."""
    found: dict[str, list[Item]] = {}
    for item in items:
        found.setdefault(name(item), []).append(item)
    return sorted(found.items(), key=lambda group: group[0])


def by_queue_and_agent(items: Sequence[Talked], count: Callable[[str, Sequence[Talked]], Line]) -> Grouped[Line]:
    """``count`` makes a line of a name ("" for all) and what is counted under it."""
    return Grouped(
        count("", items),
        tuple(count(name, found) for name, found in groups(items, lambda item: item.queue)),
        tuple(count(name, found) for name, found in groups(items, lambda item: item.agent)),
    )

"""A table of bounded size, for what is remembered of sources that nobody has vouched for. Pure."""

from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Kept = TypeVar("Kept")


class Recent(Generic[Key, Kept]):
    """At most ``limit`` items; one more pushes out the one that was put there longest ago."""

    __slots__ = ("_items", "_limit")

    def __init__(self, limit: int) -> None:
        self._items: dict[Key, Kept] = {}
        self._limit = limit

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[tuple[Key, Kept]]:
        """All items, the one put there longest ago first."""
        return iter(tuple(self._items.items()))

    def get(self, key: Key) -> Kept | None:
        """What was put there, None where nothing was or it has been pushed out."""
        return self._items.get(key)

    def put(self, key: Key, item: Kept) -> None:
        """Keep ``item``, as the newest of all."""
        self._items.pop(key, None)
        if len(self._items) >= self._limit:
            del self._items[next(iter(self._items))]
        self._items[key] = item

    def drop(self, key: Key) -> None:
        """Forget it; no error where it is not there."""
        self._items.pop(key, None)

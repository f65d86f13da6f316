"""What the console needs of other rooms for wall screens, by the rules of ``console.ports``."""

from collections.abc import Sequence
from typing import Protocol

from console.wall_views import NewWallKey, WallKeyView


class WallKeyControl(Protocol):
    """Keys that open the wall board, and nothing else, for a screen where nobody signs in."""

    async def keys(self) -> Sequence[WallKeyView]:
        """Those that hold, the oldest first."""
        ...

    async def make(self, name: str, by: str) -> NewWallKey:
        """One more, for the screen ``name``; ``LocalProtocolError`` where there are too many."""
        ...

    async def remove(self, key_id: str, by: str) -> bool:
        """It holds no longer; False where there is no such key."""
        ...

    async def holds(self, key: str) -> bool:
        """Whether ``key`` opens the board."""
        ...

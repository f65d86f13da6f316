"""Keys that open the wall board where nobody signs in: made and taken back by managers, kept as hashes in the store."""

import asyncio
import base64
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from console.wall_views import NewWallKey, WallKeyView
from core.clock import Clock
from core.errors import LocalProtocolError, Unavailable
from core.events import Log
from core.house_facts import WallKeyMade, WallKeyRemoved
from service.orders import KeyValues

KEPT_AS: Final = "console.wall_keys"
MOST: Final = 50
_KEY_BYTES: Final = 24
_ID_BYTES: Final = 6


@dataclass(frozen=True, slots=True)
class _Kept:
    """One key as it is kept."""

    id: str
    name: str
    by: str
    made_at: float
    hash: str


class WallKeys:
    """``console.wall_ports.WallKeyControl`` over the store's small values; ``entropy(n)`` gives unpredictable bytes."""

    def __init__(self, values: KeyValues, log: Log, clock: Clock, entropy: Callable[[int], bytes]) -> None:
        self._values = values
        self._log = log
        self._clock = clock
        self._entropy = entropy
        self._kept: tuple[_Kept, ...] | None = None
        self._one_at_a_time = asyncio.Lock()

    async def keys(self) -> Sequence[WallKeyView]:
        """See the port."""
        return [WallKeyView(item.id, item.name, item.by, item.made_at) for item in await self._all()]

    async def make(self, name: str, by: str) -> NewWallKey:
        """See the port."""
        name = "".join(each for each in name if each.isprintable())
        async with self._one_at_a_time:
            kept = await self._all()
            if len(kept) >= MOST:
                raise LocalProtocolError(f"there are {MOST} keys already; take one back that no screen uses")
            key = base64.urlsafe_b64encode(self._entropy(_KEY_BYTES)).decode()
            made = _Kept(self._entropy(_ID_BYTES).hex(), name, by, self._clock.now(), _hash(key))
            await self._keep((*kept, made))
        self._log.post("", WallKeyMade(name, by))
        return NewWallKey(made.id, name, key)

    async def remove(self, key_id: str, by: str) -> bool:
        """See the port."""
        async with self._one_at_a_time:
            kept = await self._all()
            gone = [item for item in kept if item.id == key_id]
            if not gone:
                return False
            await self._keep(tuple(item for item in kept if item.id != key_id))
        self._log.post("", WallKeyRemoved(gone[0].name, by))
        return True

    async def holds(self, key: str) -> bool:
        """See the port."""
        hashed = _hash(key)
        return any(item.hash == hashed for item in await self._all())

    async def _all(self) -> tuple[_Kept, ...]:
        if self._kept is None:
            try:
                text = await self._values.get(KEPT_AS)
            except SQLAlchemyError as error:
                raise Unavailable("the keys of wall screens cannot be read now") from error
            self._kept = tuple(_Kept(**item) for item in json.loads(text or "[]"))
        return self._kept

    async def _keep(self, kept: tuple[_Kept, ...]) -> None:
        await self._values.put(KEPT_AS, json.dumps([asdict(item) for item in kept]))
        self._kept = kept


def _hash(key: str) -> str:
    """A key is long and drawn by lot: a plain hash is enough to keep it."""
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()

"""What the console needs of other rooms for selections, by the rules of ``console.ports``."""

from collections.abc import Sequence
from typing import Protocol

from console.selection_views import FeedView
from desk.selection import Condition, Selection
from reports.effect import Effect
from store.selections import Offered, Preview


class SelectionControl(Protocol):
    """Keeps selections, counts whom they mean, and leads these into campaigns."""

    def campaigns(self) -> Sequence[str]:
        """Into which people may be led."""
        ...

    def offers(self) -> Sequence[str]:
        """Names of the trade-in offers there are."""
        ...

    async def all(self) -> Sequence[Selection]:
        """Those that are kept, by name."""
        ...

    async def keep(
        self, name: str, conditions: Sequence[Condition], by: str, *, replaces: float | None = None
    ) -> Selection:
        """Keep conditions, in place of those that were kept at ``replaces``. ``ParseError`` where they cannot be,
        ``LocalProtocolError`` where others have the name.
        """
        ...

    async def forget(self, name: str) -> bool:
        """Delete one; False where there is none. ``LocalProtocolError`` while a campaign lives by it."""
        ...

    async def preview(self, conditions: Sequence[Condition]) -> Preview:
        """Whom they mean now. ``ParseError`` where they cannot be."""
        ...

    async def offered(self) -> Offered:
        """What there is to choose of."""
        ...

    async def feeds(self) -> Sequence[FeedView]:
        """The campaigns that selections feed, the newest first."""
        ...

    async def take(
        self, name: str, campaign: str, *, living: bool, hold_out: int | None, by: str, again_days: int = 0
    ) -> None:
        """Lead whom it means into ``campaign``, ``hold_out`` percent of them held out; ``living``: from now on whoever
        it means then, and so many ``again_days`` after his last call once more (0: never). ``LocalProtocolError`` or
        ``ParseError`` where that cannot be.
        """
        ...

    async def effect(self, campaign: str, days: int) -> Effect | None:
        """What it brought within ``days``, against those who were held out; None where nobody was."""
        ...

    async def disconnect(self, campaign: str) -> bool:
        """The campaign lives by its selection no more; False where it did not."""
        ...

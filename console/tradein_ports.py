"""What the console needs of other rooms for trade-in, by the rules of ``console.ports``."""

from collections.abc import Sequence
from typing import Protocol

from console.tradein_views import InterestPage, RankingPage, WordView
from store.interests import Said, Which


class TradeinControl(Protocol):
    """What owners say of replacing their cars, and who is likeliest to."""

    async def ranking(self, months: int, *, limit: int, offset: int) -> RankingPage:
        """Owners who are likeliest to replace within ``months`` (3, 6 or 12) first."""
        ...

    async def own(self, call_id: str, number: str, said: Said) -> None:
        """``said.agent`` himself puts down what ``number`` said in the talk that he is in, or of which he does his
        notes; ``LocalProtocolError`` where he is in neither, ``ParseError`` where the customer has no such car.
        """
        ...

    async def later(self, call_id: str, number: str, said: Said) -> None:
        """The same in the agent's place, of a talk of the past or of now."""
        ...

    async def words(self, number: str) -> Sequence[WordView]:
        """What the person with ``number`` said, the newest first."""
        ...

    async def interests(self, which: Which, *, limit: int, offset: int) -> InterestPage:
        """What owners said, the newest first."""
        ...

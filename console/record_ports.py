"""What the console needs of other rooms for persons' records, by the rules of ``console.ports``."""

from collections.abc import Sequence
from typing import Protocol

from console.record_views import KnownPerson
from desk.records import StockCar, StockCount


class RecordQueries(Protocol):
    """Records of persons."""

    async def of_call(self, call_id: str) -> KnownPerson | None:
        """Of whom the call is with; None for a call of nobody."""
        ...

    async def cycle_text(self) -> str | None:
        """The replacement cycle that was fitted last, with all curves, as JSON of ``campaigns.tradein.cycle.Cycle``."""
        ...

    async def stock(self) -> Sequence[StockCount]:
        """Cars in stock, counted by model."""
        ...

    async def stock_of(self, model: str, *, limit: int) -> Sequence[StockCar]:
        """Those of a model, the longest here first."""
        ...

    async def of_number(self, number: str) -> KnownPerson:
        """Of the person with ``number``, as the house writes numbers."""
        ...

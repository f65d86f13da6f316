"""``console.record_ports.RecordQueries`` over the store and the replacement cycle that was fitted last."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

from campaigns.tradein.cycle import Cycle
from campaigns.tradein.ranking import outlook
from console.record_views import KnownPerson, OutlookView
from core.clock import Clock
from desk.records import CarHistory, PersonRecords, StockCar, StockCount
from service.tradein import CURVES_KEY, kept_cycle, owner_of
from store.records import Driven, Records
from store.settings import Settings
from store.stock import Stock

_KEPT_S: Final = 60.0
"""A cycle that was fitted meanwhile is seen so much later."""


class CustomerRecords:
    """Records with outlooks. ``today`` tells the day where the house is."""

    def __init__(
        self, records: Records, stock: Stock, settings: Settings, clock: Clock, today: Callable[[], date]
    ) -> None:
        self._records = records
        self._stock = stock
        self._settings = settings
        self._clock = clock
        self._today = today
        self._cycle: Cycle | None = None
        self._read_at: float | None = None

    async def of_call(self, call_id: str) -> KnownPerson | None:
        """See the port."""
        found = await self._records.of_call(call_id)
        return None if found is None else await self._known(found)

    async def of_number(self, number: str) -> KnownPerson:
        """See the port."""
        return await self._known(await self._records.of_number(number))

    async def cycle_text(self) -> str | None:
        """See the port."""
        return await self._settings.get(CURVES_KEY)

    async def stock(self) -> Sequence[StockCount]:
        """See the port."""
        return await self._stock.counts()

    async def stock_of(self, model: str, *, limit: int) -> Sequence[StockCar]:
        """See the port."""
        return await self._stock.cars(model, limit=limit)

    async def _known(self, found: PersonRecords) -> KnownPerson:
        cycle = await self._current() if found.cars else None
        return KnownPerson(found, tuple(self._outlook(cycle, car) for car in found.cars))

    async def _current(self) -> Cycle | None:
        now = self._clock.now()
        if self._read_at is None or not 0 <= now - self._read_at < _KEPT_S:
            self._cycle, self._read_at = await kept_cycle(self._settings), now
        return self._cycle

    def _outlook(self, cycle: Cycle | None, car: CarHistory) -> OutlookView | None:
        if cycle is None or car.ownership.until:
            return None
        read = [visit for visit in car.visits if visit.km is not None]
        driven = Driven(car.ownership)
        if read:
            driven = Driven(car.ownership, read[-1].day, read[0].day, read[-1].km, read[0].km)
        said = outlook(cycle, owner_of(driven, self._today()).tenure)
        three, six, twelve = said.chances
        median = said.median
        return OutlookView(three, six, twelve, median.years, median.low, median.high, said.zh, said.en)

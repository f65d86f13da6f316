"""``console.record_ports.RecordQueries`` over the store and the replacement cycle that was fitted last."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

from campaigns.tradein.cycle import Cycle
from campaigns.tradein.ranking import outlook
from console.record_views import KnownPerson, OutlookView
from console.tradein_views import offer_view, word_view
from core.clock import Clock
from desk.offers import Offer
from desk.records import CarHistory, PersonRecords, StockCar, StockCount
from service.tradein import CURVES_KEY, Owner, kept_cycle, owner_of
from store.records import Driven
from store.store import Store

_KEPT_S: Final = 60.0
"""A cycle that was fitted meanwhile is seen so much later."""


class CustomerRecords:
    """Records with outlooks, offers and interests. ``offers`` are those that hold now; ``day_of`` tells the day of an
    epoch second where the house is.
    """

    def __init__(
        self, store: Store, clock: Clock, offers: Callable[[], Sequence[Offer]], day_of: Callable[[float], date]
    ) -> None:
        self._records = store.records
        self._stock = store.stock
        self._settings = store.settings
        self._interests = store.interests
        self._clock = clock
        self._offers = offers
        self._day_of = day_of
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
        today, offers = self._day_of(self._clock.now()), self._offers()
        here = {each.model: each.in_stock for each in await self._stock.counts()} if offers and found.cars else {}
        words = await self._interests.of_number(found.number)
        outlooks, fitting = [], []
        for car in found.cars:
            owner = None if car.ownership.until else _owner(car, today)
            fits = [] if owner is None else [each for each in offers if not each.why_not(owner.old_car(today), today)]
            outlooks.append(None if owner is None or cycle is None else _outlook(cycle, owner))
            fitting.append(tuple(offer_view(each, today, here) for each in fits))
        said = tuple(word_view(word, self._day_of) for word in words)
        return KnownPerson(found, tuple(outlooks), tuple(fitting), said)

    async def _current(self) -> Cycle | None:
        now = self._clock.now()
        if self._read_at is None or not 0 <= now - self._read_at < _KEPT_S:
            self._cycle, self._read_at = await kept_cycle(self._settings), now
        return self._cycle


def _owner(car: CarHistory, today: date) -> Owner:
    read = [visit for visit in car.visits if visit.km is not None]
    driven = Driven(car.ownership)
    if read:
        driven = Driven(car.ownership, read[-1].day, read[0].day, read[-1].km, read[0].km)
    return owner_of(driven, today)


def _outlook(cycle: Cycle, owner: Owner) -> OutlookView:
    said = outlook(cycle, owner.tenure)
    three, six, twelve = said.chances
    median = said.median
    return OutlookView(three, six, twelve, median.years, median.low, median.high, said.zh, said.en)

"""Trade-in offers that are kept in memory, for the desk that keeps them in the store."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import cast

from core.bus import MemoryLog
from core.clock import Clock
from core.events import Fact
from desk.offer_facts import (
    TradeinOfferChanged,
    TradeinOfferEnded,
    TradeinOfferMade,
    TradeinOfferMoved,
    TradeinOfferRemoved,
)
from desk.offers import Offer
from desk.records import StockCount
from desk.selection import Selection
from service.config_model import Config
from service.offer_book import OfferBook
from service.offer_desk import OfferDesk
from store.selections import Offered
from store.store import Store
from store.tradein_offers import KeptOffer, Reach
from tests.unit.console.tradein_fake import OFFERS, TODAY


class MemoryOffers:
    """``store.tradein_offers.TradeinOffers``; each offer fits a thousand owners, or as many as it has models."""

    def __init__(self, log: MemoryLog) -> None:
        self.log = log
        self.kept: dict[str, KeptOffer] = {}

    async def all(self) -> tuple[KeptOffer, ...]:
        return tuple(sorted(self.kept.values(), key=lambda each: each.place))

    async def make(self, name: str, terms: Mapping[str, object], by: str) -> None:
        place = min((each.place for each in self.kept.values()), default=1) - 1
        self.kept[name] = KeptOffer(name, terms, place, 1.0, by, 1.0, by)
        self._say(TradeinOfferMade(name, "", place, by))

    async def change(self, name: str, terms: Mapping[str, object], by: str) -> None:
        self.kept[name] = replace(self.kept[name], terms=terms, changed_by=by)
        self._say(TradeinOfferChanged(name, "", by))

    async def end(self, name: str, terms: Mapping[str, object], by: str) -> None:
        self.kept[name] = replace(self.kept[name], terms=terms, changed_by=by)
        self._say(TradeinOfferEnded(name, "", by))

    async def swap(self, one: KeptOffer, other: KeptOffer, by: str) -> None:
        self.kept |= {one.name: replace(one, place=other.place), other.name: replace(other, place=one.place)}
        self._say(TradeinOfferMoved(one.name, other.place, other.name, one.place, by))

    async def remove(self, offer: KeptOffer, by: str) -> None:
        del self.kept[offer.name]
        self._say(TradeinOfferRemoved(offer.name, "", by))

    async def reach(self, offer: Offer, today: date) -> Reach:
        return Reach(models=tuple(name for name in offer.models if name != "轩逸"))

    async def fitting(self, offers: Sequence[Offer], today: date) -> dict[str, int]:
        return {each.name: len(each.models) or 1000 for each in offers}

    def _say(self, fact: Fact) -> None:
        self.log.post("", fact)


class _Stock:
    async def counts(self) -> Sequence[StockCount]:
        return [StockCount("新轩逸", 2, 1, 0)]


class _Selections:
    def __init__(self, kept: Callable[[], Sequence[Selection]]) -> None:
        self._kept = kept

    async def all(self) -> Sequence[Selection]:
        return self._kept()

    async def offered(self) -> Offered:
        return Offered(("轩逸",), (), ())


def offer_desk(log: MemoryLog, clock: Clock, selections: Callable[[], Sequence[Selection]]) -> OfferDesk:
    """The real one over these; ``OFFERS`` stand in the configuration."""
    config = Config(offers=OFFERS)
    store = SimpleNamespace(stock=_Stock(), tradein_offers=MemoryOffers(log), selections=_Selections(selections))
    return OfferDesk(OfferBook(lambda: config, ()), cast("Store", store), clock, lambda _at: TODAY)

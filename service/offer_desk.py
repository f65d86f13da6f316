"""``console.offer_ports.OfferControl``: trade-in offers are made, changed, ended and seen by people."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta

from console.campaign_views import PlanCheck, ToldView
from console.offer_ports import OfferTerms
from console.tradein_views import OfferView, offer_view
from core.clock import Clock
from core.errors import LocalProtocolError, ParseError
from desk.offers import Offer
from desk.selection import Reason
from service.changed_since import refuse_changed
from service.config_offers import MAX_OFFERS
from service.form_reader import Told
from service.offer_book import OfferBook, judge
from service.offer_doubts import doubts
from store.store import Store
from store.tradein_offers import KeptOffer


class OfferDesk:
    """``book`` is what others read; ``day_of`` tells the day of an epoch second where the house is."""

    def __init__(self, book: OfferBook, store: Store, clock: Clock, day_of: Callable[[float], date]) -> None:
        self._book = book
        self._store = store
        self._clock = clock
        self._day_of = day_of
        self._one_at_a_time = asyncio.Lock()

    async def offers(self) -> list[OfferView]:
        """See the port."""
        here = {each.model: each.in_stock for each in await self._store.stock.counts()}
        kept = {each.name: each for each in self._book.kept}
        return [_view(offer, self._today(), here, kept.get(offer.name)) for offer in self._book.offers()]

    async def fitting(self) -> dict[str, int]:
        """See the port."""
        today = self._today()
        lasting = [offer for offer in self._book.offers() if today <= offer.until]
        return await self._store.tradein_offers.fitting(lasting, today)

    async def check(self, terms: OfferTerms, *, of: str = "") -> PlanCheck:
        """See the port."""
        faults, judged = self._faults(terms, of), judge({**terms, **({"name": of} if of else {})}, self._book.config)
        doubted: list[Told] = []
        if not faults and judged.offer is not None:
            doubted = [*judged.warnings, *await doubts(judged.offer, self._today(), self._store)]
        return PlanCheck(*([ToldView(it.key, it.zh, it.en) for it in told] for told in (faults, doubted)))

    async def make(self, terms: OfferTerms, by: str) -> OfferView:
        """See the port."""
        async with self._one_at_a_time:
            self._refuse_faults(terms)
            if self._book.full():
                raise LocalProtocolError(
                    f"方案已达 {MAX_OFFERS} 个，请先删除一些 / there are {MAX_OFFERS} offers already; remove some"
                )
            name = str(terms["name"])
            await self._store.tradein_offers.make(name, terms, by)
            return await self._again(name)

    async def change(self, name: str, terms: OfferTerms, by: str, *, seen: float | None = None) -> OfferView | None:
        """See the port."""
        async with self._one_at_a_time:
            kept = self._own(name)
            if kept is None:
                return None
            refuse_changed(seen, kept.changed_at, kept.changed_by, self._book.config.zone)
            self._refuse_faults(terms, name)
            await self._store.tradein_offers.change(name, {**terms, "name": name}, by)
            return await self._again(name)

    async def end(self, name: str, by: str) -> OfferView | None:
        """See the port."""
        async with self._one_at_a_time:
            kept = self._own(name)
            offer = None if kept is None else judge(kept.terms, self._book.config).offer
            if kept is None or offer is None:
                return None
            today = self._today()
            if today > offer.until:
                raise LocalProtocolError(f"方案“{name}”已经结束 / offer {name!r} has ended already")
            if today < offer.since:
                raise LocalProtocolError(
                    f"方案“{name}”还没有开始，请删除它 / offer {name!r} has not begun yet; remove it"
                )
            last = today - timedelta(days=1)
            days = {"since": min(offer.since, last).isoformat(), "until": last.isoformat()}
            launched = offer.launch is not None and offer.launch < today
            terms = {key: value for key, value in kept.terms.items() if key != "launch" or launched}
            await self._store.tradein_offers.end(name, {**terms, **days}, by)
            return await self._again(name)

    async def up(self, name: str, by: str) -> OfferView | None:
        """See the port."""
        async with self._one_at_a_time:
            kept = self._own(name)
            if kept is None:
                return None
            place = self._book.kept.index(kept)
            if place == 0:
                raise LocalProtocolError(f"方案“{name}”已在最前 / offer {name!r} is the first already")
            await self._store.tradein_offers.swap(kept, self._book.kept[place - 1], by)
            return await self._again(name)

    async def remove(self, name: str, by: str) -> bool:
        """See the port."""
        async with self._one_at_a_time:
            kept = self._own(name)
            if kept is None:
                return False
            for selection in await self._store.selections.all():
                if any(each.reason is Reason.OFFER and name in each.names for each in selection.conditions):
                    raise LocalProtocolError(
                        f"选择“{selection.name}”要用到方案“{name}”，请先删除该选择，或只结束方案 / "
                        f"selection {selection.name!r} asks for offer {name!r}; delete it first, or end the offer only"
                    )
            await self._store.tradein_offers.remove(kept, by)
            self._book.renew(await self._store.tradein_offers.all())
            return True

    def _own(self, name: str) -> KeptOffer | None:
        """The offer of the page with this name; ``LocalProtocolError`` where it is one of the configuration."""
        if any(offer.name == name for offer in self._book.config.offers):
            raise LocalProtocolError(
                f"方案“{name}”在配置文件里，请在那里修改 / offer {name!r} stands in the configuration; change it there"
            )
        return next((each for each in self._book.kept if each.name == name), None)

    def _faults(self, terms: OfferTerms, of: str) -> list[Told]:
        """What is wrong with a new offer, or with changes of the offer ``of``."""
        if of:
            return list(judge({**terms, "name": of}, self._book.config).faults)
        faults = list(judge(terms, self._book.config).faults)
        name = str(terms.get("name", ""))
        known = [offer.name for offer in self._book.config.offers] + [each.name for each in self._book.kept]
        if name in known:
            taken = Told("name", f"已有名为“{name}”的方案", f"there is an offer {name!r} already")
            return [taken, *(fault for fault in faults if fault.key != "name")]
        return faults

    def _refuse_faults(self, terms: OfferTerms, of: str = "") -> None:
        for first in self._faults(terms, of):
            raise ParseError(f"{first.zh} / {first.en}", where=first.key)

    async def _again(self, name: str) -> OfferView:
        """What was kept holds, for all who read the book."""
        self._book.renew(await self._store.tradein_offers.all())
        return next(each for each in await self.offers() if each.name == name)

    def _today(self) -> date:
        return self._day_of(self._clock.now())


def _view(offer: Offer, today: date, here: Mapping[str, int], kept: KeptOffer | None) -> OfferView:
    view = offer_view(offer, today, here)
    if kept is None:
        return view
    return replace(
        view,
        source="page",
        made_at=kept.made_at,
        made_by=kept.made_by,
        changed_at=kept.changed_at,
        changed_by=kept.changed_by,
    )

"""``console.tradein_ports.TradeinControl``: what owners say, and who is likeliest to replace."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from acd.distributor import Distributor
from campaigns.rules.values import BarKind
from campaigns.tradein.cycle import Cycle
from campaigns.tradein.ranking import outlook
from console.tradein_views import (
    InterestedView,
    InterestPage,
    RankedView,
    RankingPage,
    WordView,
    word_view,
)
from core.clock import Clock
from desk.interest import Interest
from desk.offers import Offer, offer_for
from service.dispositions import queue_of_talk
from service.tradein import Owner, kept_cycle, owner_of
from store.interests import Interested, Said, Which
from store.store import Store


class TradeinDesk:
    """``offers`` are those that hold now; ``day_of`` tells the day of an epoch second where the house is."""

    def __init__(
        self,
        store: Store,
        distributor: Distributor,
        clock: Clock,
        offers: Callable[[], Sequence[Offer]],
        day_of: Callable[[float], date],
    ) -> None:
        self._store = store
        self._distributor = distributor
        self._clock = clock
        self._offers = offers
        self._day_of = day_of

    async def ranking(self, months: int, *, limit: int, offset: int) -> RankingPage:
        """See the port."""
        cycle = await kept_cycle(self._store.settings)
        if cycle is None:
            return RankingPage([], 0)
        page, total = await self._store.likeliest.page(months, limit=limit, offset=offset)
        owners = [owner_of(one, self._today()) for one in page]
        levels = await self._store.interests.levels([owner.ownership.number for owner in owners])
        return RankingPage(
            [self._ranked(place, cycle, owner, levels) for place, owner in enumerate(owners, offset + 1)], total
        )

    async def own(self, call_id: str, number: str, said: Said) -> None:
        """See the port."""
        queue_of_talk(self._distributor, said.agent, call_id)
        await self.later(call_id, number, said)

    async def later(self, call_id: str, number: str, said: Said) -> None:
        """See the port. Who wants no more calls is not called by any campaign."""
        await self._store.interests.say(call_id, number, said, self._today())
        if said.level is Interest.REFUSED:
            how = "agent" if said.agent else "person"
            await self._store.calling.bar([number], BarKind.REFUSED, how, said.by, said.note, call_id)

    async def words(self, number: str) -> Sequence[WordView]:
        """See the port."""
        return [word_view(word, self._day_of) for word in await self._store.interests.of_number(number)]

    async def interests(self, which: Which, *, limit: int, offset: int) -> InterestPage:
        """See the port."""
        found, total = await self._store.interests.page(which, self._today(), limit=limit, offset=offset)
        return InterestPage([self._interested(one) for one in found], total)

    def _today(self) -> date:
        return self._day_of(self._clock.now())

    def _interested(self, one: Interested) -> InterestedView:
        return InterestedView(one.name, one.number, one.model, one.plate, word_view(one.word, self._day_of))

    def _ranked(self, place: int, cycle: Cycle, owner: Owner, levels: Mapping[tuple[str, str], Interest]) -> RankedView:
        owned, said = owner.ownership, outlook(cycle, owner.tenure)
        offer = offer_for(self._offers(), owner.old_car(self._today()), self._today())
        three, six, twelve = said.chances
        return RankedView(
            rank=place,
            name=owned.name,
            number=owned.number,
            model=owned.vehicle.model,
            plate=owned.vehicle.plate or owned.vehicle.vin,
            years=round(owner.tenure.years, 1),
            within_3_months=three,
            within_6_months=six,
            within_12_months=twelve,
            reason_zh=said.zh,
            reason_en=said.en,
            offer="" if offer is None else offer.name,
            to="" if offer is None else offer.to,
            subsidy_yuan=None if offer is None else offer.subsidy_yuan,
            interest=levels.get((owned.number, owned.vehicle.key)) or levels.get((owned.number, "")) or "",
        )

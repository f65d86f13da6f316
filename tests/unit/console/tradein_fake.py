"""Trade-in in memory: two offers, two owners, and what is said in talks; agent 101 is always in his."""

from collections.abc import Sequence
from datetime import date

from console.tradein_views import (
    InterestedView,
    InterestPage,
    RankedView,
    RankingPage,
    WordView,
    word_view,
)
from core.bus import MemoryLog
from core.errors import LocalProtocolError
from desk.facts import InterestSaid
from desk.interest import Interest, Word
from desk.offers import Offer
from store.interests import Said, Which

TODAY = date(2026, 11, 22)
OFFERS = (
    Offer(
        "老轩逸换新", "新轩逸", date(2026, 11, 1), date(2027, 4, 30), 9000, ("轩逸",), years_from=4, km_to=150_000,
        launch=date(2027, 3, 15),
    ),
    Offer("全系置换", "任选车型", date(2026, 1, 1), date(2026, 12, 31), 3000),
)  # fmt: skip


class FakeTradein:
    """``console.tradein_ports.TradeinControl``; ``said`` is all that was put down, the newest first."""

    def __init__(self, log: MemoryLog) -> None:
        self.log = log
        self.said: list[Word] = []

    async def ranking(self, months: int, *, limit: int, offset: int) -> RankingPage:
        reason = ("轩逸，已6.8年，同款车主中位置换6.2年（5.9–6.6）", "轩逸, 6.8 years")
        first = RankedView(
            1, "王先生", "+8613800138000", "轩逸", "沪A12345", 6.8, 0.12, 0.23, 0.41, *reason, "老轩逸换新", "新轩逸",
            9000, Interest.WARM,
        )  # fmt: skip
        second = RankedView(
            2, "李女士", "+8613900139000", "逍客", "沪B1", 7.9, 0.1, 0.2, 0.38, "逍客，已7.9年", "逍客, 7.9 years",
            "", "", None, "",
        )  # fmt: skip
        return RankingPage([first, second][offset : offset + limit], 2)

    async def own(self, call_id: str, number: str, said: Said) -> None:
        if said.agent != "101":
            raise LocalProtocolError(f"agent {said.agent} neither talks in call {call_id} nor is in its wrap-up")
        await self.later(call_id, number, said)

    async def later(self, call_id: str, number: str, said: Said) -> None:
        self.put_down(call_id, number, said)

    def put_down(self, call_id: str, number: str, said: Said) -> None:
        word = Word(said.level, said.vehicle, TODAY, said.note, said.agent, said.by, 1.0, call_id, stands=True)
        self.said.insert(0, word)
        fact = InterestSaid(1, number, said.vehicle, said.level, TODAY.isoformat(), said.agent, said.by, said.note)
        self.log.post(call_id, fact)

    async def words(self, number: str) -> Sequence[WordView]:
        return [word_view(word, lambda _at: TODAY) for word in self.said]

    async def interests(self, which: Which, *, limit: int, offset: int) -> InterestPage:
        found = [word for word in self.said if not which.levels or word.level in which.levels]
        items = [
            InterestedView("王先生", "+8613800138000", "轩逸", "沪A12345", word_view(word, lambda _at: TODAY))
            for word in found
        ]
        return InterestPage(items[offset : offset + limit], len(found))

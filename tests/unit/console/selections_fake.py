"""Selections in memory: a thousand people, of whom each condition takes half; a look that is done at once."""

from collections.abc import Sequence

from console.selection_views import FeedView
from desk.records import Vehicle
from desk.selection import SHAPES, Condition, Selection, check, in_order
from reports.effect import Effect, compared
from store.selections import Chosen, Offered, Preview


class FakeSelections:
    """``console.selection_ports.SelectionControl``."""

    def __init__(self) -> None:
        self.kept: dict[str, Selection] = {}
        self.fed: dict[str, FeedView] = {}

    def campaigns(self) -> Sequence[str]:
        return ["visits", "tradein"]

    def offers(self) -> Sequence[str]:
        return ["老轩逸换新"]

    async def all(self) -> Sequence[Selection]:
        return list(self.kept.values())

    async def keep(
        self, name: str, conditions: Sequence[Condition], by: str, *, replaces: float | None = None
    ) -> Selection:
        check(conditions)
        self.kept[name] = Selection(name, tuple(conditions), by, 1_795_000_000.0)
        return self.kept[name]

    async def forget(self, name: str) -> bool:
        return self.kept.pop(name, None) is not None

    async def preview(self, conditions: Sequence[Condition]) -> Preview:
        check(conditions)
        order = tuple(in_order(conditions))
        left = [0] * len(order)
        for nth, place in enumerate(order, 1):
            left[place] = 1000 >> nth
        of_cars = any(SHAPES[each.reason].of_car for each in conditions)
        one = Chosen(1, "王先生", ("+8613800138000",), Vehicle("", "沪A12345", "轩逸"), "2020-03-05")
        least = min(left)
        return Preview(
            1200, 1000 if of_cars else None, order, tuple(left), least, least - 5, (one,), ((),) * len(conditions)
        )

    async def offered(self) -> Offered:
        return Offered(("轩逸", "逍客"), ("SUV",), ("保养",))

    async def feeds(self) -> Sequence[FeedView]:
        return list(self.fed.values())

    async def take(
        self, name: str, campaign: str, *, living: bool, hold_out: int, by: str, again_days: int = 0
    ) -> None:
        self.fed[campaign] = FeedView(campaign, name, living, by, 1.0, 2.0, 250, hold_out, 0, False, "", again_days)

    async def effect(self, campaign: str, days: int) -> Effect | None:
        bought = compared((5, 200), (1, 50))
        return Effect("2026-11-23", "2027-02-20", compared((40, 200), (4, 50)), bought) if days == 90 else None

    async def disconnect(self, campaign: str) -> bool:
        return self.fed.pop(campaign, None) is not None

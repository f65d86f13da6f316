"""A store with two weeks of a small house in it: 2026-W45 and 2026-W46, Shanghai."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

from acd.facts import AgentStateChanged, OfferEnded, OfferMade, QueueEntered, QueueLeft
from campaigns.probe_facts import ProbeBegun, ProbeEnded
from core.bus import Bus
from core.clock import VirtualClock
from core.ids import CountingEntropy, Ids
from reports.weeks import parse_week
from store.store import Store
from telephony.facts import CallEnded, CallStarted, TalkEnded, TalkStarted

ZONE = ZoneInfo("Asia/Shanghai")
WEEK = parse_week("2026-W46")
MONDAY, NEXT_MONDAY = WEEK.span(ZONE)
LAST_MONDAY = WEEK.before.span(ZONE)[0]
LOST = "+8613911112222"
"""Nobody called him back."""
CALLED_BACK = "+8613933334444"
HALF_HOUR_S = 1800.0


def url_of(folder: Path) -> str:
    return f"sqlite:///{folder}/line400.db"


class Writer:
    """Puts facts into a store at their times, which never go back."""

    def __init__(self, store: Store, clock: VirtualClock) -> None:
        self._store = store
        self._clock = clock
        self._count = 0

    async def call(self, at: float, queue: str, wait_s: float, agent: str = "", number: str = "+8613800138000") -> None:
        """Whom ``agent`` answers after ``wait_s`` and talks with for a minute ("": he gives up)."""
        self._count += 1
        call, entry, offer = f"c-{self._count}", f"q-{self._count}", f"o-{self._count}"
        await self._go(at)
        self._store.log.post(call, CallStarted("inbound", number, "4008001234"))
        self._store.log.post(call, QueueEntered(entry, queue))
        await self._go(at + wait_s)
        if agent:
            self._store.log.post(call, OfferMade(offer, entry, queue, agent))
            self._store.log.post(call, OfferEnded(offer, entry, queue, agent, "accepted", 1.0))
            self._store.log.post(call, AgentStateChanged(agent, "talking"))
            self._store.log.post(call, TalkStarted(agent, queue))
        self._store.log.post(call, QueueLeft(entry, queue, "answered" if agent else "abandoned", wait_s, agent))
        await self._go(at + wait_s + 60.0)
        if agent:
            self._store.log.post(call, TalkEnded(agent, 60.0, 0.0, queue))
            self._store.log.post(call, AgentStateChanged(agent, "available"))
        self._store.log.post(call, CallEnded("normal", "customer"))

    async def probe(self, at: float, result: str) -> None:
        """A test call that ends so."""
        self._count += 1
        await self._go(at)
        run = f"b-{self._count}"
        self._store.log.post(f"c-{self._count}", ProbeBegun(run, "hotline", "carrier"))
        await self._go(at + 20.0)
        self._store.log.post(f"c-{self._count}", ProbeEnded(run, "hotline", result, 4.0, 6.5, 8.0, "sales", "101"))

    async def _go(self, at: float) -> None:
        await self._store.log.flush()
        self._clock.advance(max(0.0, at - self._clock.now()))


@asynccontextmanager
async def past_week(folder: Path) -> AsyncIterator[Store]:
    """The week: sales 8 offered and 6 answered, service 1 of 1; before: sales 2 of 2."""
    clock = VirtualClock(LAST_MONDAY)
    async with await Store.open(
        url_of(folder), clock, Ids(clock, CountingEntropy()), Bus(), recordings=folder / "recordings"
    ) as store:
        writer = Writer(store, clock)
        store.log.post("", AgentStateChanged("101", "available"))
        for hour in (9, 10):
            await writer.call(LAST_MONDAY + 3600.0 * hour, "sales", 5.0, "101")
        for minute in range(6):  # the worst half hour: Monday 09:00
            at = MONDAY + 9 * 3600.0 + 120.0 * minute
            lost = minute in (1, 2)
            number = (LOST if minute == 1 else CALLED_BACK) if lost else "+8613800138000"
            await writer.call(at, "sales", 31.0 if lost else 7.0, "" if lost else "101", number)
        await writer.call(MONDAY + 10 * 3600.0, "service", 12.0, "101")
        await writer.probe(MONDAY + 11 * 3600.0, "answered")
        await writer.probe(MONDAY + 12 * 3600.0, "no_answer")
        for hour in (34, 35):  # Tuesday
            await writer.call(MONDAY + 3600.0 * hour, "sales", 3.0, "101")
        store.log.post("c-back", CallStarted("outbound", "4008001234", CALLED_BACK))
        store.log.post("c-back", TalkStarted("101", ""))
        store.log.post("c-back", TalkEnded("101", 30.0, 0.0, ""))
        store.log.post("c-back", CallEnded("normal", "customer"))
        await store.log.flush()
        clock.advance(NEXT_MONDAY - clock.now() + 3600.0)
        yield store

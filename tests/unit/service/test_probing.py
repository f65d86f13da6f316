"""The prober on virtual time: it calls when it is time, one call of a plan at a time, and each run ends once."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import cast
from zoneinfo import ZoneInfo

import pytest

from acd.facts import QueueEntered
from campaigns.probe import ProbePlan
from campaigns.probe_facts import ProbeBegun, ProbeCame, ProbeEnded
from core.bus import MemoryLog
from core.errors import CallRejected, LocalProtocolError, TransactionTimeout, Unavailable
from core.ids import CountingEntropy, Ids
from service.probing import Prober, ProbeRooms
from service.supervisor import Supervisor
from telephony.facts import CallEnded, CallStarted, TalkStarted
from telephony.ports import EndReason, Leg, LegEnd
from tests.virtual_loop import LoopClock, run

PLAN = ProbePlan(
    "hotline", "4008001234", "carrier", "02112345678", "0 * * * *", keys="10", keys_after_s=2.0, patience_s=60.0
)


class FarEnd:
    """The leg that the carrier gives us."""

    def __init__(self) -> None:
        self.id, self.call_id = "l-1", "c-out"
        self.end: LegEnd | None = None
        self._over = asyncio.Event()

    def over(self, *, by_us: bool) -> None:
        self.end = self.end or LegEnd(EndReason.NORMAL, by_us)
        self._over.set()

    async def hang_up(self, reason: EndReason = EndReason.NORMAL, *, status: int = 0, cause: int = 0) -> None:
        self.over(by_us=True)

    async def wait_ended(self) -> LegEnd:
        await self._over.wait()
        assert self.end is not None
        return self.end


class House:
    """A carrier that rings four seconds; ``answers`` is what it does then."""

    def __init__(self, plans: dict[str, ProbePlan]) -> None:
        self.clock = LoopClock()
        self.log = MemoryLog(self.clock)
        self.dialled: list[tuple[str, str, str]] = []
        self.pressed: list[tuple[float, str]] = []
        self.fault: Exception | None = None
        self.leg = FarEnd()
        self.tasks = Supervisor()
        rooms = ProbeRooms(
            outside=self,
            press=self.press,
            log=self.log,
            bus=self.log.bus,
            clock=self.clock,
            ids=Ids(self.clock, CountingEntropy()),
            tasks=self.tasks,
            zone=ZoneInfo("Asia/Shanghai"),
        )
        self.prober = Prober(plans, rooms)

    async def dial(
        self, number: str, call_id: str, *, trunk: str, caller_id: str, timeout_s: float, by: str = ""
    ) -> Leg:
        self.dialled.append((number, trunk, caller_id))
        await asyncio.sleep(4.0)
        if self.fault is not None:
            raise self.fault
        self.leg = FarEnd()
        return cast("Leg", self.leg)

    async def press(self, leg: str, keys: str) -> None:
        self.pressed.append((self.clock.now(), keys))

    def comes_in(self) -> None:
        self.log.post("c-in", CallStarted("inbound", "+862112345678", "4008001234"))

    def ended(self) -> list[ProbeEnded]:
        return cast("list[ProbeEnded]", self.log.facts(ProbeEnded))


def on_virtual_time(story: Callable[[House], Coroutine[None, None, None]]) -> None:
    async def tell() -> None:
        await story(House({"hotline": PLAN}))

    run(tell())


def test_a_run_that_an_agent_answers() -> None:
    async def story(house: House) -> None:
        begun = house.clock.now()
        house.prober.start("hotline", "boss")
        await asyncio.sleep(3.0)
        house.comes_in()
        await asyncio.sleep(2.5)
        assert house.log.facts(ProbeCame) == [ProbeCame(house.log.facts(ProbeBegun)[0].run, "hotline")]  # type: ignore[attr-defined]
        await asyncio.sleep(4.5)
        house.log.post("c-in", QueueEntered("q-1", "sales"))
        await asyncio.sleep(10.0)
        house.log.post("c-in", TalkStarted("101", "sales"))
        await asyncio.sleep(4.9)
        assert house.ended() == [], "it stays with the agent for a moment"
        await asyncio.sleep(0.2)
        [ended] = house.ended()
        assert (ended.result, ended.agent, ended.queue, ended.inbound) == ("answered", "101", "sales", "c-in")
        assert (ended.ring_s, ended.menu_s, ended.wait_s) == pytest.approx((4.0, 6.0, 10.0))
        assert [(round(at - begun, 3), key) for at, key in house.pressed] == [(6.0, "1"), (8.0, "0")]
        assert house.leg.end is not None and house.leg.end.by_us
        assert len(house.log.facts(CallEnded)) == 1

    on_virtual_time(story)


def test_patience_ends_and_so_may_the_line() -> None:
    async def story(house: House) -> None:
        house.prober.start("hotline", "boss")
        await asyncio.sleep(5.0)
        house.comes_in()
        await asyncio.sleep(60.0)
        house.prober.start("hotline", "boss")
        await asyncio.sleep(5.0)
        house.comes_in()
        await asyncio.sleep(1.0)
        house.leg.over(by_us=False)
        await asyncio.sleep(1.0)
        house.prober.start("hotline", "boss")
        await asyncio.sleep(70.0)
        assert [ended.result for ended in house.ended()] == ["gave_up", "cut_off", "strayed"]
        assert [ended.wait_s for ended in house.ended()] == [None, None, None]

    on_virtual_time(story)


@pytest.mark.parametrize(
    ("fault", "result", "status"),
    [
        (CallRejected(486), "busy", 486),
        (CallRejected(403), "refused", 403),
        (TransactionTimeout("rang"), "no_answer", 0),
        (Unavailable("no trunk"), "failed", 0),
    ],
)
def test_a_number_that_is_not_reached(fault: Exception, result: str, status: int) -> None:
    async def story(house: House) -> None:
        house.fault = fault
        house.prober.start("hotline", "boss")
        await asyncio.sleep(5.0)
        [ended] = house.ended()
        assert (ended.result, ended.status, ended.ring_s) == (result, status, None)

    on_virtual_time(story)


def test_it_calls_at_its_time_and_never_twice_at_once() -> None:
    async def story(house: House) -> None:
        calling = asyncio.create_task(house.prober.run())
        await asyncio.sleep(3 * 3600.0)  # three full hours come up
        assert len(house.dialled) == 3
        assert [fact.by for fact in house.log.facts(ProbeBegun)] == ["", "", ""]  # type: ignore[attr-defined]
        house.prober.start("hotline", "boss")
        with pytest.raises(LocalProtocolError, match="on the line already"):
            house.prober.start("hotline", "boss")
        with pytest.raises(LocalProtocolError, match=r"no \[\[probe\]\]"):
            house.prober.start("other", "boss")
        await asyncio.sleep(200.0)
        house.prober.hold()
        await asyncio.sleep(2 * 3600.0)
        assert len(house.dialled) == 4, "a house that is being stopped begins no run"
        calling.cancel()
        await asyncio.gather(calling, return_exceptions=True)

    on_virtual_time(story)

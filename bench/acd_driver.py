"""How soon a phone rings: the real driver on the real event loop, with legs and phones that cost nothing.

All agents are busy and ``waiting`` callers always wait, each with music and announcements. Measured is the time from
an agent becoming free (his talk is over, no wrap-up) to the call of ``AgentPhones.ring``.
"""

import asyncio
import os
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import uvloop

from acd.distributor import Distributor
from acd.queues import QueueRules
from acd.served import Connected
from core.bus import MemoryLog
from core.clock import Clock
from core.ids import Ids
from core.tap_target import TapTarget
from telephony.media.port import Tone
from telephony.ports import EndReason, LegEnd


class _WallClock:
    def now(self) -> float:
        return time.time()


class _IdleLeg:
    """A leg that plays to nobody."""

    def __init__(self, name: str) -> None:
        self.id = self.call_id = name
        self.number = ""
        self.end: LegEnd | None = None
        self._ended = asyncio.Event()

    async def ring(self) -> None:
        pass

    async def early(self) -> None:
        pass

    async def answer(self) -> None:
        pass

    async def hang_up(self, reason: EndReason = EndReason.NORMAL, *, status: int = 0, cause: int = 0) -> None:
        self.end = LegEnd(reason, by_us=True)
        self._ended.set()

    async def wait_ended(self) -> LegEnd:
        await self._ended.wait()
        return self.end or LegEnd(EndReason.NORMAL, by_us=True)

    async def play(self, sounds: Sequence[Path | Tone], *, loop: bool = False) -> bool:
        await asyncio.sleep(3600.0 if loop else 3.0 * len(sounds))
        return True

    async def stop(self) -> None:
        pass

    async def next_digit(self) -> str:
        await self._ended.wait()
        return ""

    def clear_digits(self) -> None:
        pass

    async def start_tap(self, target: TapTarget) -> None:
        pass

    async def stop_tap(self) -> None:
        pass


class _Phones:
    """Answers at once, and keeps how long after becoming free each phone was rung."""

    def __init__(self) -> None:
        self.free_since: dict[str, float] = {}
        self.latencies_s: list[float] = []

    async def ring(
        self,
        agent: str,
        call_id: str,
        *,
        caller: str,
        timeout_s: float,
        auto_answer: bool = False,
        role: str = "agent",
    ) -> _IdleLeg:
        free_since = self.free_since.pop(agent, None)
        if free_since is not None:
            self.latencies_s.append(time.perf_counter() - free_since)
        return _IdleLeg(f"{agent} {call_id}")


class _Announcer:
    def music(self) -> Sequence[Path]:
        return [Path("music")]

    def place(self, ahead: int) -> Sequence[Path]:
        return [Path("place")]

    def wait(self, seconds: float) -> Sequence[Path]:
        return [Path("wait")]

    def please_hold(self) -> Sequence[Path]:
        return [Path("hold")]

    def message(self, number: int) -> Sequence[Path]:
        return ()

    def connecting(self) -> Sequence[Path]:
        return [Path("connecting")]

    def callback(self) -> Sequence[Path]:
        return [Path("callback")]


@dataclass(frozen=True, slots=True)
class DriverFigures:
    """``served`` calls at ``calls_per_s`` with ``waiting`` in line; ring latency; CPU for each call served."""

    served: int
    calls_per_s: float
    agents: int
    waiting: int
    ring_latency_p50_ms: float
    ring_latency_p99_ms: float
    ring_latency_max_ms: float
    cpu_ms_per_call: float


def measure_driver(*, agents: int, waiting: int, per_s: float, seconds: float) -> DriverFigures:
    """Agents end ``per_s`` calls a second between them, for ``seconds``; for each call served another caller comes."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_run(agents, waiting, per_s, seconds))


async def _run(agents: int, waiting: int, per_s: float, seconds: float) -> DriverFigures:
    clock: Clock = _WallClock()
    names = tuple(f"agent{number:03}" for number in range(agents))
    phones = _Phones()
    distributor = Distributor(
        [QueueRules("sales", names, wrap_up_s=0.0, max_length=None, max_wait_s=None)],
        log=MemoryLog(clock),
        clock=clock,
        ids=Ids(clock, os.urandom),
        phones=phones,
        announcer=_Announcer(),
        draw=random.random,
    )
    talking: asyncio.Queue[Connected] = asyncio.Queue()

    async def caller(number: int) -> None:
        served = await distributor.serve(_IdleLeg(f"c{number}"), "sales", number="")
        if isinstance(served, Connected):
            talking.put_nowait(served)

    for name in names:
        distributor.phone_registered(name)
        distributor.set_available(name)
    callers = {asyncio.create_task(caller(number)) for number in range(agents + waiting)}
    await asyncio.sleep(5.0)  # all have been told their place, music plays
    began, cpu_began = time.perf_counter(), time.process_time()
    count = round(per_s * seconds)
    for number in range(count):
        await asyncio.sleep(max(0.0, began + number / per_s - time.perf_counter()))
        callers.add(asyncio.create_task(caller(agents + waiting + number)))
        over = await talking.get()
        phones.free_since[over.agent] = time.perf_counter()
        distributor.talk_over(over.agent, over.entry)
        await over.leg.hang_up()
    await asyncio.sleep(0.1)
    took_s, cpu_s = time.perf_counter() - began, time.process_time() - cpu_began
    for task in callers:
        task.cancel()
    await asyncio.gather(*callers, return_exceptions=True)
    await distributor.close()
    latencies = sorted(phones.latencies_s)
    return DriverFigures(
        served=len(latencies),
        calls_per_s=round(count / took_s, 1),
        agents=agents,
        waiting=waiting,
        ring_latency_p50_ms=round(1000 * latencies[len(latencies) // 2], 3),
        ring_latency_p99_ms=round(1000 * latencies[len(latencies) * 99 // 100], 3),
        ring_latency_max_ms=round(1000 * latencies[-1], 3),
        cpu_ms_per_call=round(1000 * cpu_s / count, 3),
    )

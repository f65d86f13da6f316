"""A caller on virtual time: a leg and ears that do what the test's script says, while asyncio itself never waits."""

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar

from asr.protocol import Heard, Hearing, NothingHeard, SpeechStarted
from core.clock import VirtualClock
from core.errors import LegEnded, Unavailable
from core.tap_target import TapTarget
from telephony.ports import EndReason, LegEnd

T = TypeVar("T")
TURNS = 60
"""Turns of the loop after which nothing more happens without time passing."""


class Timeline:
    """Virtual time: sleeps end in the order of their moments, when every task waits for time."""

    def __init__(self, start: float = 1_700_000_000.0) -> None:
        self.clock = VirtualClock(start)
        self.start = start
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = 0

    @property
    def at(self) -> float:
        """Seconds since the start."""
        return self.clock.now() - self.start

    async def sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._sleepers, (self.clock.now() + seconds, self._count, future))
        await future

    def call_at(self, at: float, function: Callable[[], object]) -> None:
        """Call ``function`` at ``at`` seconds after the start."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        future.add_done_callback(lambda _: function())
        self._count += 1
        heapq.heappush(self._sleepers, (self.start + at, self._count, future))

    async def settle(self) -> None:
        for _ in range(TURNS):
            await asyncio.sleep(0)

    async def run(self, work: Awaitable[T], *, until: float = 100_000.0) -> T:
        """Let time pass until ``work`` is done; fails where it is not done ``until`` seconds after the start."""
        task = asyncio.ensure_future(work)
        try:
            while True:
                await self.settle()
                if task.done():
                    return task.result()
                if not await self.step(until):
                    raise AssertionError(f"still waiting after {self.at} s, nothing will happen")
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def step(self, until: float = 100_000.0) -> bool:
        """Go to the next moment at which something happens; False where there is none before ``until``."""
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)
        if not self._sleepers or self._sleepers[0][0] - self.start > until:
            return False
        due, _, future = heapq.heappop(self._sleepers)
        self.clock.advance(max(0.0, due - self.clock.now()))
        if not future.done():
            future.set_result(None)
        await self.settle()
        return True


class FakeLeg:
    """A leg whose far end is the test. Each clip lasts ``clip_s``; ``heard`` is what was begun to be played."""

    def __init__(
        self, time: Timeline, call_id: str = "c-1", number: str = "+8613800138000", clip_s: float = 2.0
    ) -> None:
        self.id = f"leg-{call_id}"
        self.call_id = call_id
        self.number = number
        self.end: LegEnd | None = None
        self.heard: list[tuple[float, str]] = []
        self.cut: list[str] = []
        self.hang_ups = 0
        self.taps = 0
        self.tapped = False
        self._time = time
        self._clip_s = clip_s
        self._keys: asyncio.Queue[str] = asyncio.Queue()
        self._ended = asyncio.Event()
        self._playing: asyncio.Task[None] | None = None

    @property
    def prompts(self) -> list[str]:
        return [name for _, name in self.heard]

    def press(self, keys: str, at: float) -> None:
        def now() -> None:
            for key in keys:
                self._keys.put_nowait(key)

        self._time.call_at(at, now)

    def leaves(self, at: float) -> None:
        self._time.call_at(at, self.hung_up_by_far_end)

    def hung_up_by_far_end(self) -> None:
        self.ends(EndReason.NORMAL)

    def ends(self, reason: EndReason) -> None:
        self.end = LegEnd(reason, by_us=False)
        self._ended.set()

    async def ring(self) -> None: ...

    async def early(self) -> None: ...

    async def answer(self) -> None: ...

    async def hang_up(self, reason: EndReason = EndReason.NORMAL, *, status: int = 0, cause: int = 0) -> None:
        self.hang_ups += 1
        if self.end is None:
            self.end = LegEnd(reason, by_us=True)
            self._ended.set()

    async def wait_ended(self) -> LegEnd:
        await self._ended.wait()
        assert self.end is not None
        return self.end

    async def play(self, clips: Sequence[Path], *, loop: bool = False) -> bool:
        self._alive()
        for clip in clips:
            self.heard.append((round(self._time.at, 3), clip.stem))
            try:
                await self._time.sleep(self._clip_s)
            except asyncio.CancelledError:
                self.cut.append(clip.stem)
                raise
            self._alive()
        return True

    async def stop(self) -> None:
        self._alive()

    async def next_digit(self) -> str:
        self._alive()
        return await self._keys.get()

    def clear_digits(self) -> None:
        while not self._keys.empty():
            self._keys.get_nowait()

    async def start_tap(self, target: TapTarget) -> None:
        self._alive()
        assert not self.tapped, "two taps at once"
        self.tapped = True
        self.taps += 1

    async def stop_tap(self) -> None:
        self._alive()
        self.tapped = False

    def _alive(self) -> None:
        if self.end is not None:
            raise LegEnded(self.id)


class FakeListening:
    def __init__(self, ears: "FakeEars") -> None:
        self.tap = TapTarget("127.0.0.1", 9, 1)
        self.hearings: asyncio.Queue[Hearing | Exception] = asyncio.Queue()
        self.closed = False
        self._ears = ears

    async def next(self) -> Hearing:
        hearing = await self.hearings.get()
        if isinstance(hearing, Exception):
            raise hearing
        return hearing

    async def close(self) -> None:
        self.closed = True
        if self._ears.open is self:
            self._ears.open = None


class FakeEars:
    """Hears what the test says, if it listens at that moment. ``away``: there is no recogniser."""

    def __init__(self, time: Timeline, *, away: bool = False) -> None:
        self.open: FakeListening | None = None
        self.asked: list[tuple[str, ...]] = []
        self.all: list[FakeListening] = []
        self.away = away
        self._time = time

    async def listen(self, phrases: Sequence[str], *, no_speech_s: float, max_s: float) -> FakeListening:
        assert no_speech_s == 0.0
        self.asked.append(tuple(phrases))
        if self.away:
            raise Unavailable("no recogniser")
        assert self.open is None, "two listenings at once"
        self.open = FakeListening(self)
        self.all.append(self.open)
        return self.open

    def says(self, text: str, at: float, lasts_s: float = 1.0) -> None:
        def begin() -> None:
            listening = self.open
            if listening is None:
                return
            listening.hearings.put_nowait(SpeechStarted())
            self._time.call_at(self._time.at + lasts_s, lambda: listening.hearings.put_nowait(Heard(text, ())))

        self._time.call_at(at, begin)

    def breaks(self, at: float) -> None:
        def now() -> None:
            if self.open is not None:
                self.open.hearings.put_nowait(NothingHeard("unavailable"))

        self._time.call_at(at, now)

    def hangs(self, at: float) -> None:
        """Speech begins and no more is ever heard of it."""

        def now() -> None:
            if self.open is not None:
                self.open.hearings.put_nowait(SpeechStarted())

        self._time.call_at(at, now)

"""One live utterance as the rooms above see it (``asr.protocol.Listening``), fed by a worker's reports."""

import asyncio
from collections.abc import Callable

from asr.protocol import Heard, Hearing, NothingHeard, SoundsLike, SpeechStarted
from asr.wire import Began, NothingCame, Over, Sounds, Understood
from core.tap_target import TapTarget


class PoolListening:
    """Waits for what a worker says of its stream; never longer than ``answer_s`` once the utterance is over."""

    def __init__(self, tap: TapTarget, answer_s: float, on_closed: Callable[[int], None]) -> None:
        self._tap = tap
        self._answer_s = answer_s
        self._on_closed = on_closed
        self._hearings: asyncio.Queue[Hearing] = asyncio.Queue()
        self._timer: asyncio.TimerHandle | None = None
        self._settled = False
        self._closed = False

    @property
    def tap(self) -> TapTarget:
        """See ``Listening.tap``."""
        return self._tap

    async def next(self) -> Hearing:
        """See ``Listening.next``."""
        return await self._hearings.get()

    async def close(self) -> None:
        """See ``Listening.close``."""
        if self._closed:
            return
        self._closed = True
        self._stop_timer()
        self._on_closed(self._tap.stream)

    def take(self, report: Began | Sounds | Over | Understood | NothingCame) -> None:
        """A worker's report on this stream."""
        if isinstance(report, Began):
            self._tell(SpeechStarted())
        elif isinstance(report, Over):
            self._timer = asyncio.get_running_loop().call_later(self._answer_s, self.give_up)
        elif isinstance(report, Understood):
            self._settle(Heard(report.text, report.words))
        elif isinstance(report, NothingCame):
            self._settle(NothingHeard(report.why))

    def give_up(self) -> None:
        """The worker is dead or too slow: the call goes on without it."""
        self._settle(NothingHeard("unavailable"))

    def _settle(self, hearing: Hearing) -> None:
        if self._settled:
            return
        self._settled = True
        self._stop_timer()
        self._tell(hearing)

    def _tell(self, hearing: Hearing) -> None:
        self._hearings.put_nowait(hearing)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class PoolFollowing(PoolListening):
    """As ``PoolListening``, with what it sounds like meanwhile (``asr.protocol.Following``)."""

    def __init__(self, tap: TapTarget, answer_s: float, on_closed: Callable[[int], None]) -> None:
        super().__init__(tap, answer_s, on_closed)
        self._said: asyncio.Queue[Hearing | SoundsLike] = asyncio.Queue()

    async def next(self) -> Hearing:
        """See ``Listening.next``."""
        while isinstance(said := await self._said.get(), SoundsLike):
            pass
        return said

    async def next_said(self) -> Hearing | SoundsLike:
        """See ``Following.next_said``."""
        return await self._said.get()

    def take(self, report: Began | Sounds | Over | Understood | NothingCame) -> None:
        """A worker's report on this stream."""
        if isinstance(report, Sounds):
            self._said.put_nowait(SoundsLike(report.text))
        else:
            super().take(report)

    def _tell(self, hearing: Hearing) -> None:
        self._said.put_nowait(hearing)

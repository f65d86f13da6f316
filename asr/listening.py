"""One live utterance as the rooms above see it (``asr.protocol.Listening``), fed by a worker's reports."""

import asyncio
from collections.abc import Callable

from asr.protocol import Heard, Hearing, NothingHeard, SpeechStarted
from asr.wire import Began, NothingCame, Over, Understood
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

    def take(self, report: Began | Over | Understood | NothingCame) -> None:
        """A worker's report on this stream."""
        if isinstance(report, Began):
            self._hearings.put_nowait(SpeechStarted())
        elif isinstance(report, Over):
            self._timer = asyncio.get_running_loop().call_later(self._answer_s, self.give_up)
        elif isinstance(report, Understood):
            self._settle(Heard(report.text, report.words))
        else:
            self._settle(NothingHeard(report.why))

    def give_up(self) -> None:
        """The worker is dead or too slow: the call goes on without it."""
        self._settle(NothingHeard("unavailable"))

    def _settle(self, hearing: Hearing) -> None:
        if self._settled:
            return
        self._settled = True
        self._stop_timer()
        self._hearings.put_nowait(hearing)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

"""Media workers that answer late and die: ``MediaDouble`` with the manners of real worker processes."""

import asyncio
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from core.errors import LocalProtocolError, Unavailable
from telephony.media.double import MediaDouble
from telephony.media.port import Address, LegStats, MediaEvent, Stream, Tone, WorkerLost

Gift = TypeVar("Gift")
CLIP_S = 4.0
ANSWERS_S = (0.0, 0.0, 0.001, 0.02, 0.2)


class FickleMedia(MediaDouble):
    """``workers`` workers. A command takes effect at once but is answered after a while; events come in later turns;
    clips last ``CLIP_S`` each; legs can only be joined and recorded together on the same worker.
    """

    def __init__(self, chance: random.Random, workers: int) -> None:
        super().__init__()
        self._chance = chance
        self._workers = workers
        self._worker_of: dict[str, int] = {}

    def emit(self, event: MediaEvent) -> None:
        for handler in tuple(self._handlers):
            asyncio.get_running_loop().call_soon(handler, event)

    def lose(self, worker: int) -> None:
        """The worker dies with its legs and recordings."""
        legs = tuple(leg for leg in self.legs if self._worker_of[leg] == worker)
        recordings = tuple(name for name, item in self.recordings.items() if item.left in legs)
        self._lost_legs.update(legs)
        for leg in legs:
            del self.legs[leg]
        for name in recordings:
            del self.recordings[name]
        self.emit(WorkerLost(legs, recordings))

    async def _answered(self, leg: str, gift: Gift) -> Gift:
        await asyncio.sleep(self._chance.choice(ANSWERS_S))
        if leg in self._lost_legs:
            raise Unavailable("the worker died before it answered")
        return gift

    def _same(self, leg: str, *others: str) -> None:
        if len({self._worker_of[one] for one in (leg, *others) if one in self.legs}) > 1:
            raise LocalProtocolError(f"legs {leg} and {others} live on two workers")

    async def open(self, leg: str, *, near: str = "") -> Address:
        if self._chance.random() < 0.01:
            await asyncio.sleep(3.0)
            raise Unavailable("no media worker is up")
        address = await super().open(leg, near=near)
        self._worker_of[leg] = self._worker_of[near] if near in self.legs else self._chance.randrange(self._workers)
        try:
            return await self._answered(leg, address)
        except (Unavailable, asyncio.CancelledError):
            self.legs.pop(leg, None)
            raise

    async def update(self, leg: str, stream: Stream) -> None:
        await super().update(leg, stream)
        await self._answered(leg, None)

    async def play(
        self, leg: str, play: str, sounds: Sequence[Path | Tone], *, loop: bool = False, over: bool = False
    ) -> None:
        await super().play(leg, play, sounds, loop=loop, over=over)
        if not loop:
            asyncio.get_running_loop().call_later(CLIP_S * len(sounds), self._clip_over, leg, play, over)
        await self._answered(leg, None)

    def _clip_over(self, leg: str, play: str, over: bool) -> None:
        state = self.legs.get(leg)
        if state is None:
            return
        playing = state.over if over else state.playing
        if playing is not None and playing.play == play:
            self._end_play(leg, over=over, finished=True)

    async def stop(self, leg: str) -> None:
        await super().stop(leg)
        await self._answered(leg, None)

    async def hear(self, leg: str, sources: Mapping[str, float]) -> None:
        self._same(leg, *sources)
        await super().hear(leg, sources)
        await self._answered(leg, None)

    async def bridge(self, left: str, right: str) -> None:
        self._same(left, right)
        await super().bridge(left, right)
        await self._answered(left, None)

    async def unbridge(self, leg: str) -> None:
        await super().unbridge(leg)
        await self._answered(leg, None)

    async def record(self, recording: str, path: Path, left: str, right: str) -> None:
        self._same(left, right)
        await super().record(recording, path, left, right)
        try:
            await self._answered(left, None)
        except asyncio.CancelledError:
            await super().stop_record(recording)
            raise

    async def stop_record(self, recording: str) -> None:
        await super().stop_record(recording)
        await asyncio.sleep(self._chance.choice(ANSWERS_S))

    async def close(self, leg: str) -> LegStats:
        return await self._answered(leg, await super().close(leg))

"""Tells the next start when this process was last alive, so that what a crash cut ends at the crash, not at the
restart.
"""

import asyncio
from contextlib import suppress
from typing import Final

from core.clock import Clock
from store.settings import Settings

KEY: Final = "alive_at"
EVERY_S: Final = 5.0


class Heartbeat:
    """Writes the time every ``EVERY_S`` seconds, from ``start`` to ``stop``."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; the first beat is written at once."""
        self._task = asyncio.create_task(self._run(), name="heartbeat of the store")

    async def stop(self) -> None:
        """End it."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            await self._settings.put(KEY, repr(self._clock.now()), durable=False)
            await asyncio.sleep(EVERY_S)

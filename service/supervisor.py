"""Runs the house's background tasks: each has a name, none is lost to the garbage collector, none dies in silence.

The only place with a broad ``except``: whatever a task did not expect is logged with its name, and, where asked for,
the task is started again.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Final

_log = logging.getLogger("line400.service")
FIRST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 30.0
CANCEL_AGAIN_S: Final = 5.0
STEADY_S: Final = 60.0
"""Work that ran this long before it broke off is tried again after the first, short pause."""


class Supervisor:
    """Owner of tasks. ``close`` cancels what still runs."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._services: set[asyncio.Task[None]] = set()
        self.crashes = 0

    def spawn(self, name: str, work: Coroutine[None, None, object]) -> None:
        """Run ``work`` once; a crash is logged."""
        self._begin(self._tasks, name, self._once(name, work))

    def keep(self, name: str, make: Callable[[], Coroutine[None, None, object]]) -> Callable[[], object]:
        """Run ``make()`` and again after every crash, with growing pauses; its normal end is its end. What is returned
        ends it before.
        """
        return self._begin(self._services, name, self._for_ever(name, make)).cancel

    async def settle(self, timeout_s: float) -> None:
        """Wait until all work begun by ``spawn`` has ended, at most ``timeout_s``: it must not be cut, as calls are."""
        if self._tasks:
            await asyncio.wait(tuple(self._tasks), timeout=timeout_s)

    async def close(self) -> None:
        """Cancel everything and wait until it is over."""
        while running := self._tasks | self._services:
            for task in running:
                task.cancel()
            # Again and again: a library may swallow a cancellation (asyncio.wait_for of Python 3.11 does at times).
            await asyncio.wait(running, timeout=CANCEL_AGAIN_S)

    @staticmethod
    def _begin(kept: set[asyncio.Task[None]], name: str, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name=name)
        kept.add(task)
        task.add_done_callback(kept.discard)
        return task

    async def _once(self, name: str, work: Coroutine[None, None, object]) -> None:
        try:
            await work
        except Exception:
            self.crashes += 1
            _log.exception("%s broke off", name)

    async def _for_ever(self, name: str, make: Callable[[], Coroutine[None, None, object]]) -> None:
        pause_s = FIRST_PAUSE_S
        time_of = asyncio.get_running_loop().time
        while True:
            began = time_of()
            try:
                await make()
                return
            except Exception:
                self.crashes += 1
                if time_of() - began >= STEADY_S:
                    pause_s = FIRST_PAUSE_S
                _log.exception("%s broke off; again in %.1f s", name, pause_s)
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

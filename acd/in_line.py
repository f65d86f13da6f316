"""One caller in a queue, as the driver of call distribution keeps him while he waits."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Final

from acd.asking import AskNumber
from acd.beside import report
from acd.lines import Entry
from acd.queues import QueueRules
from acd.served import Served, WantsCallback

_SILENCE_S: Final = 0.5
"""At most this long is waited for the comfort audio to stop before the agent is handed over."""


@dataclass(slots=True)
class InLine:
    """One caller in ``serve`` or ``hold_place``; ``done`` gets how it ended, ``rung`` is told of each ringing. By
    ``ask`` he is asked for the number where he wants to be called back; ``helpers`` go on beside him.
    """

    entry: str
    number: str
    rules: QueueRules
    done: asyncio.Future[Served]
    rung: Callable[[], None] | None = None
    ask: AskNumber | None = None
    helpers: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def stands(self) -> str:
        """The number at which he is called back though he hangs up now; "" for none."""
        return "" if self.ask is None else self.ask.stands

    def wish(self, number: str, place: Entry) -> WantsCallback:
        """He is to be called back at ``number``, in his ``place``."""
        return WantsCallback(number, self.entry, self.rules.name, place.due, place.terms.skills)

    def settle(self, served: Served) -> None:
        """``serve`` has its result; what the caller hears stops now."""
        if not self.done.done():
            self.done.set_result(served)
        for helper in self.helpers:
            helper.cancel()

    def help(self, work: Coroutine[object, object, None]) -> None:
        """``work`` goes on beside him until his wait is over."""
        task = asyncio.get_running_loop().create_task(work, name=f"beside {self.entry}")
        task.add_done_callback(report)
        self.helpers.append(task)

    async def stop_helpers(self) -> None:
        """What goes on beside him ends, within a moment."""
        running = [helper for helper in self.helpers if not helper.done()]
        for helper in running:
            helper.cancel()
        if running:
            await asyncio.wait(running, timeout=_SILENCE_S)

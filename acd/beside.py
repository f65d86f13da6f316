"""What goes on beside a waiting caller: music, announcements, and what he may press or say."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from functools import partial
from math import inf

from acd.asking import AskNumber
from acd.comfort import Announcer, ComfortPlan
from acd.queues import QueueRules
from acd.scheduler import Scheduler
from core.clock import Clock
from core.errors import LegEnded
from core.events import Log
from telephony.ports import Leg

_log = logging.getLogger("line400.acd")


class Beside:
    """Keeps callers company. Each caller's ``attend`` is a task of its own, cancelled when his wait is over."""

    def __init__(self, scheduler: Scheduler, clock: Clock, log: Log) -> None:
        self._scheduler = scheduler
        self._clock = clock
        self._event_log = log

    async def attend(
        self,
        call: Leg,
        entry: str,
        rules: QueueRules,
        announcer: Announcer,
        ask: AskNumber | None,
        *,
        ask_first: bool = False,
    ) -> tuple[str, str]:
        """Until he wants to leave: the exit key that he pressed, or "" and the number at which he is to be called back.

        While he is asked for it (with ``ask_first`` before anything else) he keeps standing in the line: an agent who
        answers meanwhile has him at once.
        """
        until = inf if rules.max_wait_s is None else self._clock.now() + rules.max_wait_s
        if ask_first and ask is not None:
            number = await ask()
            if number:
                return "", number
        offers = bool(rules.callback_key) and ask is not None
        keys = rules.exit_keys | ({rules.callback_key} if offers else frozenset())
        plan = ComfortPlan(entry, rules, announcer, callback=offers)
        if not keys:
            await self._comfort(call, entry, plan, announcer, until)
            return "", ""
        call.clear_digits()
        while True:
            said = asyncio.Event()
            listen = partial(_listen, ask, said) if ask is not None else None
            comfort = asyncio.get_running_loop().create_task(
                self._comfort(call, entry, plan, announcer, until, listen), name=f"comfort {entry}"
            )
            comfort.add_done_callback(report)
            try:
                key = await _one_of(call, keys, said)
            finally:
                comfort.cancel()
                await asyncio.wait({comfort})
            if key in rules.exit_keys or ask is None:
                return key, ""
            number = await ask()
            if number:
                return "", number

    async def _comfort(
        self,
        call: Leg,
        entry: str,
        plan: ComfortPlan,
        announcer: Announcer,
        until: float,
        listen: Callable[[], Coroutine[None, None, None]] | None = None,
    ) -> None:
        """Music with announcements between, until cancelled; while the music after an offer plays, ``listen``. He may
        wait ``until`` then (epoch seconds).
        """
        while (ahead := self._scheduler.ahead(entry)) is not None:
            ringing, offered = self._scheduler.is_ringing(entry), False
            if plan.due(ahead, self._clock.now(), ringing=ringing):
                estimate, left_s = self._scheduler.estimate(entry), until - self._clock.now()
                announcement = plan.announce(ahead, estimate, ringing=ringing, left_s=left_s)
                if announcement.told is not None:
                    self._event_log.post(call.call_id, announcement.told)
                if announcement.clips:
                    await call.play(announcement.clips)
                plan.said(self._clock.now())
                offered = plan.offers
            listening = asyncio.ensure_future(listen()) if listen is not None and offered else None
            try:
                await self._music(call, entry, plan, announcer)
            finally:
                if listening is not None:
                    listening.cancel()
                    await asyncio.wait({listening})

    async def _music(self, call: Leg, entry: str, plan: ComfortPlan, announcer: Announcer) -> None:
        """Music until something is to be said."""
        clips = announcer.music()
        music = asyncio.get_running_loop().create_task(call.play(clips, loop=True)) if clips else None
        if music is not None:
            music.add_done_callback(report)
        try:
            while (ahead := self._scheduler.ahead(entry)) is not None:
                now = self._clock.now()
                if plan.due(ahead, now, ringing=self._scheduler.is_ringing(entry)):
                    return
                await asyncio.sleep(plan.next_look(now) - now)
        finally:
            if music is not None:
                music.cancel()
                await asyncio.wait({music})


async def _one_of(call: Leg, keys: frozenset[str], said: asyncio.Event) -> str:
    """The next key that means something here; "" once he has ``said`` that he wants to be called back."""
    pressing, speaking = asyncio.ensure_future(_key(call, keys)), asyncio.ensure_future(said.wait())
    try:
        await asyncio.wait({pressing, speaking}, return_when=asyncio.FIRST_COMPLETED)
        return pressing.result() if pressing.done() else ""
    finally:
        for task in (pressing, speaking):
            task.cancel()
        await asyncio.gather(pressing, speaking, return_exceptions=True)


async def _key(call: Leg, keys: frozenset[str]) -> str:
    while (key := await call.next_digit()) not in keys:
        pass
    return key


async def _listen(ask: AskNumber, said: asyncio.Event) -> None:
    if await ask.spoken():
        said.set()


def report(task: "asyncio.Task[None] | asyncio.Task[bool]") -> None:
    """A task beside a call died: say so; the call goes on."""
    if task.cancelled():
        return
    fault = task.exception()
    if fault is not None and not isinstance(fault, LegEnded):
        _log.error("%s failed", task.get_name(), exc_info=fault)

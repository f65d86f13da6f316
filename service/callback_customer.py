"""A promise that is kept the other way round: the customer is called when his turn is near, and is put into the line at
his place once he has answered. No agent waits for phones to be picked up; the customer may wait for his agent a moment.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from acd.callback_facts import CallbackDialled
from acd.callbacks import CallbackInput, CallbackOutcome, CallbackState
from acd.served import Served
from acd.urgency import CallerTerms
from campaigns.attempt import Result
from service.callback_stand import Missed, Stand
from service.config_callback import CallbackTerms
from telephony.call import Call
from telephony.ports import EndReason


@dataclass(frozen=True, slots=True)
class CustomerTrial:
    """One try: ``claim`` before the customer is dialled; once he has answered he enters ``queue`` on ``place``, and
    ``leave_place`` gives up the one that was kept for him; ``reached`` once an agent (by id) has answered too.
    """

    number: str
    queue: str
    call: Call
    place: CallerTerms
    terms: CallbackTerms
    claim: Callable[[], Awaitable[None]]
    leave_place: Callable[[], object]
    reached: Callable[[str], None]


CustomerStory: TypeAlias = Callable[[CustomerTrial], Awaitable[Missed | None]]
"""Makes a try, to the end of the talk; None where the two talked (``service.journeys.callback_customer``)."""


class CustomerFirst(Stand):
    """See ``Stand``."""

    async def await_turn(self, story: CustomerStory, wake: asyncio.Event, within_s: float) -> None:
        """Stand in the line until his turn is near, for ``within_s`` at most and not after ``wake``; then call him."""
        one, near = self._one, asyncio.Event()
        one.step(CallbackInput.ENTER)
        terms = CallerTerms(skills=one.skills, due=one.due, callback=one.id)
        away = CallerTerms(skills=one.skills, due=one.due, callback=one.id, away=True)
        holding = asyncio.ensure_future(
            self._line.hold_place(self._call.id, one.queue, number=one.number, terms=away, rung=near.set)
        )
        try:
            if await self._near(holding, wake, near, within_s):
                await self._call_him(story, terms, holding)
        finally:
            await _gone(holding)
            if one.state is CallbackState.WAITING:
                one.step(CallbackInput.LEAVE)
            if self._rang:
                self._call.ended(EndReason.CANCELLED, by="system")

    async def _near(
        self, holding: "asyncio.Task[Served]", wake: asyncio.Event, near: asyncio.Event, within_s: float
    ) -> bool:
        woken, soon = asyncio.ensure_future(wake.wait()), asyncio.ensure_future(near.wait())
        try:
            await asyncio.wait({holding, woken, soon}, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            woken.cancel()
            soon.cancel()
            await asyncio.wait({woken, soon})
        if holding.done():
            holding.result()  # ``Unavailable`` where the house closes; else its queue is gone
            self._one.given_up = CallbackOutcome.CANCELLED
            return False
        return near.is_set() and self._goes_on()

    async def _call_him(self, story: CustomerStory, place: CallerTerms, holding: "asyncio.Task[Served]") -> None:
        one = self._one
        one.dial("")
        self._rung()
        claim = CallbackDialled(one.id, one.queue, one.number, "", one.tries)
        missed: Missed | None = None
        try:
            missed = await story(
                CustomerTrial(
                    number=one.number,
                    queue=one.queue,
                    call=self._call,
                    place=place,
                    terms=self._terms,
                    claim=partial(self._claim, claim),
                    leave_place=holding.cancel,
                    reached=self._reached_by,
                )
            )
        finally:
            if one.state is CallbackState.DIALLED:
                self._missed(missed or Missed(Result.INTERRUPTED))

    def _reached_by(self, agent: str) -> None:
        self._one.agent = agent
        self._reached()


async def _gone(holding: "asyncio.Task[Served]") -> None:
    holding.cancel()
    await asyncio.wait({holding})
    if not holding.cancelled():
        holding.exception()  # it has been told, or does not matter any more

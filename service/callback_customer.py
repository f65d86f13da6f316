"""A promise that is kept the other way round: the customer is called when his turn is near, and is put into the line at
his place once he has answered. No agent waits for phones to be picked up; the customer may wait for his agent a moment.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from acd.callbacks import CallbackInput, CallbackOutcome
from acd.served import Served
from acd.urgency import CallerTerms
from service.callback_stand import Claim, Missed, Stand, first_of, given_up
from service.config_callback import CallbackTerms
from telephony.call import Call


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
    claim: Claim
    leave_place: Callable[[], object]
    reached: Callable[[str], None]


CustomerStory: TypeAlias = Callable[[CustomerTrial], Awaitable[Missed | None]]
"""Makes a try, to the end of the talk; None where the two talked (``service.journeys.callback_customer``)."""


class CustomerFirst(Stand):
    """See ``Stand``."""

    async def await_turn(self, story: CustomerStory, wake: asyncio.Event, within_s: float) -> None:
        """Stand in the line until his turn is near, for ``within_s`` at most and not after ``wake``; then call him."""
        near = asyncio.Event()
        self._one.step(CallbackInput.ENTER)
        holding = self._hold_place(near.set, away=True)
        try:
            await first_of(holding, (wake, near), within_s)
            if holding.done():
                holding.result()  # ``Unavailable`` where the house closes; else its queue is gone
                self._one.given_up = CallbackOutcome.CANCELLED
            elif near.is_set() and self._goes_on():
                self._rung()
                await self._tried("", lambda claim: story(self._trial(claim, holding)))
        finally:
            await given_up(holding)
            self._leave()

    def _trial(self, claim: Claim, holding: "asyncio.Task[Served]") -> CustomerTrial:
        one = self._one
        return CustomerTrial(
            number=one.number,
            queue=one.queue,
            call=self._call,
            place=CallerTerms(skills=one.skills, due=one.due, callback=one.id),
            terms=self._terms,
            claim=claim,
            leave_place=holding.cancel,
            reached=self._reached_by,
        )

    def _reached_by(self, agent: str) -> None:
        self._one.agent = agent
        self._reached()

"""One promise in the line of its queue, once: until an agent has taken it and the try is over, or until it is to be
looked at again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeAlias

from acd.callback_facts import CallbackDialled, CallbackEnded, CallbackMissed
from acd.callbacks import Callback, CallbackInput, CallbackOutcome, CallbackState
from acd.served import Connected, Served
from acd.urgency import CallerTerms
from campaigns.attempt import Result
from core.clock import Clock
from core.events import Log
from service.config_callback import CallbackTerms
from telephony.call import Call
from telephony.ports import EndReason


@dataclass(frozen=True, slots=True)
class Missed:
    """Why a customer was not reached; ``counts`` as a try unless our side was at fault."""

    result: Result
    status: int = 0
    counts: bool = True


class Places(Protocol):
    """Call distribution, as promises need it (``acd.distributor.Distributor``)."""

    async def hold_place(
        self, call_id: str, queue: str, *, number: str, terms: CallerTerms, rung: Callable[[], None]
    ) -> Served:
        """See ``acd.distributor.Distributor``."""
        ...

    def takes_callers(self, queue: str) -> bool:
        """See ``acd.distributor.Distributor``."""
        ...

    def talk_over(self, agent: str, entry: str = "") -> None:
        """See ``acd.distributor.Distributor``."""
        ...


Claim: TypeAlias = Callable[[], Awaitable[object]]
"""Writes a try down: before the customer is dialled."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One try: ``served`` is the agent who is on the line. ``claim`` before the customer is dialled, ``reached`` once
    he has answered.
    """

    number: str
    queue: str
    call: Call
    served: Connected
    terms: CallbackTerms
    claim: Claim
    reached: Callable[[], None]


Story: TypeAlias = Callable[[Trial], Awaitable[Missed | None]]
"""Makes a try, to the end of the talk; None where the customer was reached (``service.journeys.callback``)."""


class Stand:
    """``call`` is the one that is to be made. ``goes_on`` tells whether it is still wanted; ``over`` is called once the
    customer has been reached.
    """

    def __init__(
        self,
        one: Callback,
        call: Call,
        terms: CallbackTerms,
        line: Places,
        log: Log,
        clock: Clock,
        *,
        goes_on: Callable[[], bool],
        over: Callable[[], None],
    ) -> None:
        self._one = one
        self._call = call
        self._terms = terms
        self._line = line
        self._log = log
        self._clock = clock
        self._goes_on = goes_on
        self._over = over
        self._rang = False

    async def run(self, story: Story, wake: asyncio.Event, within_s: float) -> None:
        """Stand there for ``within_s`` at most, and not after ``wake``; ``Unavailable`` where the house closes."""
        one = self._one
        one.step(CallbackInput.ENTER)
        try:
            served = await self._served(wake, within_s)
            if isinstance(served, Connected):
                await self._try(story, served)
            elif served is not None:  # its queue is gone
                one.given_up = CallbackOutcome.CANCELLED
        finally:
            self._leave()

    def _leave(self) -> None:
        """It stands there no more, whatever came of it; a call that was begun has ended."""
        if self._one.state is CallbackState.WAITING:
            self._one.step(CallbackInput.LEAVE)
        if self._rang:
            self._call.ended(EndReason.CANCELLED, by="system")

    def _rung(self) -> None:
        """A phone rings: with that the call begins."""
        if not self._rang:
            self._rang = True
            terms = self._terms
            self._call.started(direction="outbound", ani=terms.caller_id, dnis=self._one.number, trunk=terms.trunk)

    def _hold_place(self, rung: Callable[[], None], *, away: bool = False) -> "asyncio.Task[Served]":
        """His place in the line; see ``acd.distributor.Distributor.hold_place``."""
        one = self._one
        terms = CallerTerms(skills=one.skills, due=one.due, callback=one.id, away=away)
        return asyncio.ensure_future(
            self._line.hold_place(self._call.id, one.queue, number=one.number, terms=terms, rung=rung)
        )

    async def _served(self, wake: asyncio.Event, within_s: float) -> Served | None:
        """Who has taken it; None where it is to be looked at again. Then nothing of its place is left."""
        holding = self._hold_place(self._rung)
        served: Served | None = None
        try:
            await first_of(holding, (wake,), within_s)
            if holding.done() and self._goes_on():
                served = holding.result()
        finally:
            late = await given_up(holding)
            if served is None and isinstance(late, Connected):  # he has taken what nobody wants any more
                await late.leg.hang_up(EndReason.CANCELLED)
                self._line.talk_over(late.agent, late.entry)
        return served

    async def _try(self, story: Story, served: Connected) -> None:
        def make(claim: Claim) -> Awaitable[Missed | None]:
            return story(
                Trial(
                    number=self._one.number,
                    queue=self._one.queue,
                    call=self._call,
                    served=served,
                    terms=self._terms,
                    claim=claim,
                    reached=self._reached,
                )
            )

        await self._tried(served.agent, make)

    async def _tried(self, agent: str, make: Callable[[Claim], Awaitable[Missed | None]]) -> None:
        """One try, for ``agent`` ("": who that will be is not known yet), made by ``make``. Whatever becomes of that,
        the customer has been reached or missed when this ends.
        """
        one = self._one
        one.dial(agent)
        claimed = CallbackDialled(one.id, one.queue, one.number, agent, one.tries)
        missed: Missed | None = None
        try:
            missed = await make(partial(self._log.commit, self._call.id, claimed))
        finally:
            if one.state is CallbackState.DIALLED:
                self._missed(missed or Missed(Result.INTERRUPTED))

    def _reached(self) -> None:
        one = self._one
        one.step(CallbackInput.REACH)
        self._over()
        self._log.post(self._call.id, CallbackEnded(one.id, one.queue, CallbackOutcome.REACHED.value, one.agent))

    def _missed(self, missed: Missed) -> None:
        one = self._one
        one.miss(self._clock.now(), self._terms.rules, counts=missed.counts)
        fact = CallbackMissed(one.id, one.queue, missed.result.value, one.tries, one.not_before, missed.status)
        self._log.post(self._call.id, fact)


async def first_of(holding: "asyncio.Task[Served]", signs: Iterable[asyncio.Event], within_s: float) -> None:
    """Wait until the place has come to something or one of ``signs`` is given, for ``within_s`` (seconds) at most."""
    waits = [asyncio.ensure_future(sign.wait()) for sign in signs]
    try:
        await asyncio.wait({holding, *waits}, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
        await asyncio.wait(waits)


async def given_up(holding: "asyncio.Task[Served]") -> Served | None:
    """The place is given up; what it had come to before, None for nothing."""
    holding.cancel()
    await asyncio.wait({holding})
    return None if holding.cancelled() or holding.exception() is not None else holding.result()

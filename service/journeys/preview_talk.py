"""The agent who has decided to call a contact: his own phone rings first, then he hears how it rings at the contact's,
and talks with him. He has the talk out of the campaign's queue, so wrap-up and disposition are as after any other.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from acd.facts import AgentStateChanged, AgentStatus
from acd.served import Connected, Served
from acd.urgency import MOST_AHEAD_S, CallerTerms
from campaigns.attempt import AgentLeft, Attempt, AttemptInput, Result
from campaigns.preview import Preview
from campaigns.talk import Fate, Person
from core.bus import Bus
from core.errors import CallRejected, LegEnded, TransactionTimeout, Unavailable
from core.events import Event
from service.callback_stand import given_up
from service.form_results import talked
from service.house import House
from service.journeys.inbound import talk_on
from service.journeys.reach import ringback
from service.journeys.ringing import Inside, Seat, beside
from telephony.ports import EndReason, Leg
from telephony.switchboard import Arrival


@dataclass(frozen=True, slots=True)
class PreviewTerms:
    """Agents of ``queue`` call through ``trunk`` as ``caller_id``; ``bus`` tells what becomes of them. ``came_of`` as
    with ``campaign_call.AgentTerms``.
    """

    queue: str
    trunk: str
    caller_id: str
    record: bool
    bus: Bus
    came_of: Callable[[str], Result] = talked


class AgentThere:
    """``campaigns.preview.Company``: ``served`` is the agent, on the line."""

    def __init__(self, served: Connected, house: House, terms: PreviewTerms) -> None:
        self._served = served
        self._house = house
        self._terms = terms
        self._seat = Seat(lambda: house.distributor.talk_over(served.agent, served.entry))

    async def reach(self, dialling: Awaitable[Leg]) -> Leg:
        """See the protocol; why nobody came he hears as a tone."""
        own = self._served.leg
        calling, gone = asyncio.ensure_future(dialling), asyncio.ensure_future(own.wait_ended())
        reached: Leg | None = None
        try:
            async with beside(lambda: ringback(own)):
                await asyncio.wait({calling, gone}, return_when=asyncio.FIRST_COMPLETED)
            if gone.done():
                raise AgentLeft
            reached = calling.result()
            return reached
        except (CallRejected, TransactionTimeout, Unavailable) as error:
            if not isinstance(error, AgentLeft):
                await self._told("busy" if isinstance(error, CallRejected) and error.status == 486 else "congestion")
            raise
        finally:
            for task in (calling, gone):
                task.cancel()
            await asyncio.gather(calling, gone, return_exceptions=True)
            if reached is None and not calling.cancelled() and calling.exception() is None:
                await calling.result().hang_up(EndReason.CANCELLED)

    async def talk(self, person: Person, fate: Fate) -> Attempt:
        """To the end of the talk."""
        fate.waits()
        terms, served = self._terms, self._served
        fate.reached(abandoned=False)
        arrival = Arrival(person.call, person.leg, person.contact.number, terms.caller_id, terms.trunk)
        inside = Inside(served.leg, served.agent, terms.queue, seat=self._seat)
        await talk_on(arrival, inside, self._house, record=terms.record)
        return person.attempt.step(AttemptInput.TALK_OVER, terms.came_of(person.attempt.id))

    async def leave(self) -> None:
        """See the protocol."""
        await self._served.leg.hang_up()
        self._seat.leave()

    async def _told(self, tone: str) -> None:
        with contextlib.suppress(LegEnded, Unavailable):
            await self._served.leg.play(self._house.prompts.files([tone]))


async def fetched(preview: Preview, house: Callable[[], House], terms: PreviewTerms) -> AgentThere | None:
    """Ring the agent's phone; None where he does not answer, or is rung for somebody else by now."""
    there = house()
    holding = asyncio.ensure_future(_hold(preview, there, terms))

    def see(event: Event) -> None:
        fact = event.fact
        if isinstance(fact, AgentStateChanged) and fact.agent == preview.agent and not is_in_it(preview, there):
            holding.cancel()  # he has not answered, or refused: nobody else is rung in his place

    forget = terms.bus.subscribe(see)
    served: Connected | None = None
    try:
        await asyncio.wait({holding})
        result = None if holding.cancelled() else _served(holding)
        served = result if isinstance(result, Connected) and result.agent == preview.agent else None
        return None if served is None else AgentThere(served, there, terms)
    finally:
        forget()
        late = await given_up(holding)
        if served is None and isinstance(late, Connected):
            await late.leg.hang_up(EndReason.CANCELLED)
            there.distributor.talk_over(late.agent, late.entry)


def is_in_it(preview: Preview, house: House) -> bool:
    """Whether the agent is rung for it, or talks in it."""
    desk = house.distributor
    view = desk.view(preview.agent) if desk.has_phone(preview.agent) else None
    if view is None or view.call_id != preview.call_id:
        return False
    return view.status in (AgentStatus.RINGING, AgentStatus.TALKING)


def _served(holding: "asyncio.Task[Served]") -> Served | None:
    error = holding.exception()
    if error is not None and not isinstance(error, Unavailable):
        raise error
    return None if error is not None else holding.result()


async def _hold(preview: Preview, house: House, terms: PreviewTerms) -> Served:
    """His place in the queue as one who is to be called, for this agent and nobody else."""
    desk, me = house.distributor, asyncio.current_task()
    free = desk.has_phone(preview.agent) and desk.view(preview.agent).status is AgentStatus.AVAILABLE
    if not free or not desk.takes_callers(terms.queue):
        raise Unavailable("the agent is not free any more")

    def rung() -> None:
        if not is_in_it(preview, house) and me is not None:
            me.cancel()

    first = CallerTerms(due=house.clock.now() - MOST_AHEAD_S, agent=preview.agent, callback=preview.attempt.id)
    return await desk.hold_place(preview.call_id, terms.queue, number=preview.contact.number, terms=first, rung=rung)

"""A person whom a campaign has called is given an agent: he waits as any caller of the queue does, but no longer than
was promised; then he is told that nobody is there, and hung up.

For that moment he goes before all others who wait: they keep their place and wait for the next agent, he would be lost.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from acd.facts import AgentStatus
from acd.served import Connected, Pulled, Served
from acd.urgency import MOST_AHEAD_S, CallerTerms
from campaigns.attempt import Attempt, AttemptInput, Result
from campaigns.dial_facts import PersonAbandoned
from campaigns.talk import Fate, Person
from core.errors import LegEnded, Unavailable
from service.callback_stand import given_up
from service.form_results import talked
from service.house import House
from service.journeys.inbound import talk_on
from service.journeys.ringing import Inside, Seat
from telephony.switchboard import Arrival

APOLOGY: Final = "abandon_apology"
"""您好，这里是客户服务中心，现在座席正忙，没有及时为您接通，非常抱歉打扰您."""


@dataclass(frozen=True, slots=True)
class AgentTerms:
    """How people are given agents: those of ``queue``, within ``within_s``, through ``trunk`` as ``caller_id``.
    ``came_of`` says by the attempt what the form makes of it that the agent fills in.
    """

    queue: str
    within_s: float
    trunk: str
    caller_id: str
    record: bool
    came_of: Callable[[str], Result] = talked


class Hush:
    """An ``acd.comfort.Announcer`` that says nothing: whoever has picked up his phone is not made to wait."""

    def music(self) -> Sequence[Path]:
        """Nothing."""
        return ()

    def place(self, ahead: int) -> Sequence[Path]:
        """Nothing."""
        return ()

    def wait(self, seconds: float) -> Sequence[Path]:
        """Nothing."""
        return ()

    def please_hold(self) -> Sequence[Path]:
        """Nothing."""
        return ()

    def message(self, number: int) -> Sequence[Path]:
        """Nothing."""
        return ()

    def connecting(self) -> Sequence[Path]:
        """Nothing."""
        return ()

    def callback(self) -> Sequence[Path]:
        """Nothing."""
        return ()


class AgentTalk:
    """Implements ``campaigns.talk.Talk``. ``house`` is what new calls get. Whoever was promised a call by an agent has
    that one if he is free, else another.
    """

    def __init__(self, house: Callable[[], House], terms: AgentTerms) -> None:
        self._house = house
        self._terms = terms

    async def talk(self, person: Person, fate: Fate) -> Attempt:
        """From his answer to the end of the talk, or of the apology."""
        house, leg, attempt = self._house(), person.leg, person.attempt
        began = house.clock.now()
        served = await self._served(person, fate, house)
        if served is None and leg.end is not None:
            return attempt.step(AttemptInput.HUNG_UP, Result.HUNG_UP)
        if served is None:
            fate.reached(abandoned=True)
            waited_s = max(0.0, house.clock.now() - began)
            house.log.post(leg.call_id, PersonAbandoned(attempt.campaign, attempt.contact, attempt.id, waited_s))
            await _apologise(person, house)
            return attempt.step(AttemptInput.NO_AGENT, Result.ABANDONED)
        fate.reached(abandoned=False)
        await self._with_agent(person, served, house)
        return attempt.step(AttemptInput.TALK_OVER, self._terms.came_of(attempt.id))

    async def _served(self, person: Person, fate: Fate, house: House) -> Connected | Pulled | None:
        """Who has come for him; None where nobody has in time, or he has hung up."""
        serving = asyncio.ensure_future(self._wait(person, fate, house))
        try:
            await asyncio.wait({serving}, timeout=self._terms.within_s)
        except asyncio.CancelledError:
            late = await given_up(serving)
            if isinstance(late, Connected | Pulled):
                await late.leg.hang_up()
                _seat(late, house).leave()
            raise
        served = await given_up(serving)
        return served if isinstance(served, Connected | Pulled) else None

    async def _wait(self, person: Person, fate: Fate, house: House) -> Served:
        fate.waits()
        queue = self._terms.queue
        if person.leg.end is not None:
            raise LegEnded(person.leg.id)
        if not house.distributor.takes_callers(queue):  # taken out of the configuration
            raise Unavailable(f"there is no queue {queue!r}")
        own = person.contact.wanted_agent
        free = house.distributor.knows(own) and house.distributor.view(own).status is AgentStatus.AVAILABLE
        first = CallerTerms(due=house.clock.now() - MOST_AHEAD_S, agent=own if free else "")
        return await house.distributor.serve(
            person.leg, queue, number=person.contact.number, announcer=Hush(), terms=first
        )

    async def _with_agent(self, person: Person, served: Connected | Pulled, house: House) -> None:
        terms, seat = self._terms, _seat(served, house)
        arrival = Arrival(person.call, person.leg, person.contact.number, terms.caller_id, terms.trunk)
        try:
            await talk_on(arrival, Inside(served.leg, served.agent, terms.queue, seat=seat), house, record=terms.record)
        finally:
            await served.leg.hang_up()
            seat.leave()


def _seat(served: Connected | Pulled, house: House) -> Seat:
    desk, call_id = house.distributor, served.leg.call_id
    if isinstance(served, Pulled):
        return Seat(lambda: desk.release(served.agent, call_id))
    return Seat(lambda: desk.talk_over(served.agent, served.entry))


async def _apologise(person: Person, house: House) -> None:
    with contextlib.suppress(LegEnded, Unavailable):  # he has hung up, or nothing can be played any more
        await person.leg.play(house.prompts.files([APOLOGY]))

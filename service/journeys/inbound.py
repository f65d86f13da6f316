"""The journey of a call to one of our numbers: route → flow → queue → talk → after the call.

It reads like its story and holds no policy: where a number leads is the routes', what the caller hears the flow's, who
answers the distributor's.
"""

from typing import Final

from acd.served import Connected, LeftByKey, Overflowed
from core.errors import LegEnded, Unavailable
from ivr.flow import Outcome, ToAgent, ToQueue, ToVoicemail
from ivr.runner import run_flow
from service.house import House
from service.journeys.alive import while_alive
from service.journeys.conversation import Conversation
from service.journeys.ringing import Inside, Seat, ring_agent
from service.journeys.verdict import FINISHED, Verdict, of_leg
from service.journeys.voicemail import voicemail
from service.routes import Destination, Route, RouteKind, parse_destination
from telephony.media.port import Tone
from telephony.ports import EndReason
from telephony.switchboard import Arrival

_STEPS: Final = 8
"""Overflow chains that lead in circles end here."""


async def inbound(arrival: Arrival, house: House) -> None:
    """From the first ring to the verdict. Never raises for what a caller, agent or worker does."""
    verdict = Verdict(EndReason.ERROR, "system")
    try:
        verdict = await while_alive(arrival.leg, _story(arrival, house))
    except LegEnded:
        end = arrival.leg.end
        verdict = of_leg(end, "caller") if end else verdict
    except Unavailable:
        verdict = Verdict(EndReason.UNAVAILABLE, "system")
    finally:
        await arrival.leg.hang_up(verdict.reason)
        arrival.call.ended(verdict.reason, by=verdict.by)


async def _story(arrival: Arrival, house: House) -> Verdict:
    find = house.targets.dialled_inside if arrival.agent else house.routes.find
    route = find(arrival.dnis)
    if route is None:
        return Verdict(EndReason.NOT_FOUND, "system")
    journey = _Journey(arrival, route, house)
    try:
        return await journey.go(route.to)
    finally:
        journey.over()


class _Journey:
    """One caller's way through the house; every step returns the verdict of all that follows."""

    def __init__(self, arrival: Arrival, route: Route, house: House) -> None:
        self._leg = arrival.leg
        self._ani = arrival.ani
        self._call = arrival.call
        self._house = house
        self._caller = house.callers.arrives(arrival.ani, arrival.leg.call_id)
        self._conversation = Conversation(arrival.leg, arrival.ani, house, record=route.record)
        self._steps_left = _STEPS
        self._answered = False

    async def go(self, to: Destination) -> Verdict:
        self._steps_left -= 1
        if self._steps_left < 0:
            return await self._goodbye()
        match to.kind:
            case RouteKind.AGENT:
                return await self._agent(to.name)
            case RouteKind.FLOW:
                return await self._flow(to.name)
            case RouteKind.QUEUE:
                return await self._queue(to.name)
            case RouteKind.VOICEMAIL:
                return await self._message(to.name)

    async def _answer(self) -> None:
        await self._leg.answer()
        self._answered = True
        self._call.answered()

    async def _flow(self, name: str) -> Verdict:
        await self._answer()
        house = self._house
        result = await run_flow(
            house.flows[name],
            self._leg,
            ears=house.ears,
            log=house.log,
            clock=house.clock,
            prompts=house.prompts,
            hours=house.hours,
        )
        return await self._after_flow(result.outcome)

    async def _after_flow(self, outcome: Outcome) -> Verdict:
        match outcome:
            case ToQueue(queue=queue, priority=priority, skills=skills):
                return await self._queue(queue, priority, skills)
            case ToAgent(agent=agent):
                return await self._agent(agent)
            case ToVoicemail(box=box):
                return await self._voicemail(box)
            case _:
                return FINISHED

    async def _queue(self, name: str, priority: str = "", skills: tuple[tuple[str, int], ...] = ()) -> Verdict:
        terms = await self._caller.terms(name, priority, skills)  # whom we have answered is in the queue at once
        await self._answer()
        if not self._house.distributor.takes_callers(name):  # taken out of the configuration while he was in the menu
            return await self._goodbye()
        served = await self._house.distributor.serve(self._leg, name, number=self._ani, terms=terms)
        match served:
            case Connected(agent=agent, leg=inside, entry=entry, queue=queue):
                over = self._house.distributor.talk_over
                return await self._talk(Inside(inside, agent, queue, seat=Seat(lambda: over(agent, entry))))
            case Overflowed(to=to):
                return await self._overflow(to)
            case LeftByKey(queue=left):
                return await self._message(left)

    async def _overflow(self, to: str) -> Verdict:
        if to == "hangup":
            return await self._goodbye()
        return await self.go(parse_destination(to))

    async def _agent(self, agent: str) -> Verdict:
        reached = await ring_agent(agent, self._leg.call_id, self._ani, self._house, self._rings)
        if isinstance(reached, Verdict):
            return await self._sorry(reached)
        try:
            await self._answer()
            return await self._talk(reached)
        finally:
            await reached.leg.hang_up()
            reached.seat.leave()

    async def _talk(self, inside: Inside) -> Verdict:
        """Until somebody hangs up, through all transfers."""
        follows = await self._conversation.talk(inside)
        if isinstance(follows, Verdict):
            return follows
        self._steps_left = _STEPS
        return await self.go(follows)

    def over(self) -> None:
        """Whatever the call was, it is recorded no more, and nobody asks who called."""
        self._conversation.tape.end()
        self._caller.over()

    async def _rings(self) -> None:
        """Let the caller hear that it rings: before he is answered his own exchange tells him, after that we do."""
        await self._leg.ring()
        if self._answered:
            await self._leg.play([Tone("ringback")])

    async def _voicemail(self, box: str) -> Verdict:
        await self._answer()
        self._conversation.tape.end()  # a message is a recording of its own
        return await voicemail(self._leg, box, self._house)

    async def _message(self, box: str) -> Verdict:
        """Ask for a message where no flow has done so, and take it."""
        await self._answer()
        await self._leg.play(self._house.prompts.files(["leave_message"]))
        return await self._voicemail(box)

    async def _goodbye(self) -> Verdict:
        """Nobody has time for him."""
        await self._answer()
        return await self._sorry(FINISHED)

    async def _sorry(self, verdict: Verdict) -> Verdict:
        """The end of a call that cannot be served: whoever was answered is not cut off without a word; a direct caller
        who was not is refused, which costs him nothing.
        """
        if self._answered:
            await self._leg.play(self._house.prompts.files(["overflow"]))
        return verdict

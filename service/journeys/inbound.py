"""The journey of a call to one of our numbers: route → flow → queue → talk → after the call.

It reads like its story and holds no policy: where a number leads is the routes', what the caller hears the flow's, who
answers the distributor's.
"""

import asyncio
import contextlib

from acd.served import Connected, LeftByKey, Overflowed
from core.errors import CallRejected, LegEnded, TransactionTimeout, Unavailable
from ivr.flow import Outcome, ToAgent, ToQueue, ToVoicemail
from ivr.runner import run_flow
from service.house import House
from service.journeys.alive import while_alive
from service.journeys.talk import talk
from service.journeys.verdict import FINISHED, Verdict, of_leg
from service.journeys.voicemail import voicemail
from service.routes import Destination, Route, RouteKind, parse_destination
from telephony.bridge import Parties
from telephony.media.port import Tone
from telephony.ports import EndReason, Leg
from telephony.switchboard import Arrival


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
    route = house.routes.find(arrival.dnis)
    if route is None:
        return Verdict(EndReason.NOT_FOUND, "system")
    journey = _Journey(arrival, route, house)
    return await journey.go(route.to)


class _Journey:
    """One caller's way through the house; every step returns the verdict of all that follows."""

    def __init__(self, arrival: Arrival, route: Route, house: House) -> None:
        self._leg = arrival.leg
        self._ani = arrival.ani
        self._call = arrival.call
        self._record = route.record
        self._house = house
        self._steps_left = 8  # overflow chains that lead in circles end here
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
            case ToQueue(queue=queue):
                return await self._queue(queue)
            case ToAgent(agent=agent):
                return await self._agent(agent)
            case ToVoicemail(box=box):
                return await self._voicemail(box)
            case _:
                return FINISHED

    async def _queue(self, name: str) -> Verdict:
        await self._answer()
        if not self._house.distributor.takes_callers(name):  # taken out of the configuration while he was in the menu
            return await self._goodbye()
        served = await self._house.distributor.serve(self._leg, name, number=self._ani)
        match served:
            case Connected(agent=agent, leg=inside, entry=entry, queue=queue):
                try:
                    parties = Parties(self._leg, inside, agent, queue)
                    return await talk(parties, self._house, record=self._record)
                finally:
                    self._house.distributor.talk_over(agent, entry)
            case Overflowed(to=to):
                return await self._overflow(to)
            case LeftByKey(queue=left):
                return await self._message(left)

    async def _overflow(self, to: str) -> Verdict:
        if to == "hangup":
            return await self._goodbye()
        return await self.go(parse_destination(to))

    async def _agent(self, agent: str) -> Verdict:
        house, call_id = self._house, self._leg.call_id
        if not house.distributor.reserve(agent, call_id):
            busy = house.distributor.has_phone(agent)
            return await self._sorry(Verdict(EndReason.BUSY if busy else EndReason.NO_PHONE, "system"))
        try:
            inside = await self._ring(agent)
            if not isinstance(inside, Verdict):
                house.distributor.engage(agent, call_id)
                try:
                    await self._answer()
                    return await talk(Parties(self._leg, inside, agent), house, record=self._record)
                finally:
                    await inside.hang_up()
        finally:
            house.distributor.release(agent, call_id)
        return await self._sorry(inside)

    async def _ring(self, agent: str) -> Leg | Verdict:
        """The agent's leg, or why there is none. Meanwhile the caller hears that it rings: before he is answered his
        own exchange tells him, after that we do.
        """
        house = self._house
        await self._leg.ring()
        ringback = asyncio.ensure_future(self._ringback()) if self._answered else None
        try:
            return await house.phones.ring(agent, self._leg.call_id, caller=self._ani, timeout_s=house.ring_timeout_s)
        except CallRejected as refusal:
            return Verdict(EndReason.BUSY if refusal.status == 486 else EndReason.REJECTED, "agent")
        except TransactionTimeout:
            return Verdict(EndReason.NO_ANSWER, "system")
        except Unavailable:
            gone = not house.distributor.has_phone(agent)
            return Verdict(EndReason.NO_PHONE if gone else EndReason.UNAVAILABLE, "system")
        finally:
            if ringback is not None:  # it must have stopped before anything else plays
                ringback.cancel()
                await asyncio.wait({ringback})

    async def _ringback(self) -> None:
        with contextlib.suppress(LegEnded, Unavailable):
            await self._leg.play([Tone("ringback")])

    async def _voicemail(self, box: str) -> Verdict:
        await self._answer()
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

"""The journey of a call to one of our numbers: route → flow → queue → talk → after the call.

It reads like its story and holds no policy: where a number leads is the routes', what the caller hears the flow's, who
answers the distributor's, where to go from a queue its ways'.
"""

from collections import deque
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass, replace
from typing import Final

from acd.facts import QueueClosed
from acd.served import Connected, LeftByKey, Overflowed, Pulled, WantsCallback
from acd.skills import SkillNeed
from core.errors import LegEnded, Unavailable
from ivr.flow import Outcome, ToAgent, ToPromise, ToQueue, ToVoicemail
from ivr.hours import HoursStatus
from ivr.runner import run_flow
from service.config_distribution import TRANSFERRED
from service.house import House
from service.journeys.alive import while_alive
from service.journeys.callback_number import asks
from service.journeys.callback_step import offer_callback
from service.journeys.conversation import Conversation
from service.journeys.parked import parked
from service.journeys.rating import ask_rating
from service.journeys.ringing import Inside, Seat, beside, ring_abroad, ring_directly, rings_as_well, rings_himself
from service.journeys.verdict import FINISHED, Verdict, of_leg
from service.journeys.voicemail import voicemail
from service.park import Parking
from service.routes import Destination, Route, RouteKind
from service.ways import ORDINARY, CallBack, Elsewhere, HangUp, QueueWays, Say, Step, parse_step
from telephony.media.port import Tone
from telephony.ports import EndReason
from telephony.switchboard import Arrival

_STEPS: Final = 12
"""So many steps lead a caller on at most until somebody talks with him: chains in a circle end here."""

_PARKED_AGAIN: Final = 3
"""So often in all a caller without a queue is parked and brought back to who parked him, until he is told goodbye."""


async def inbound(arrival: Arrival, house: House) -> None:
    """From the first ring to the verdict. Never raises for what a caller, agent or worker does."""
    await _to_its_end(arrival, _story(arrival, house))


async def talk_on(arrival: Arrival, inside: Inside, house: House, *, record: bool) -> None:
    """As ``inbound``, for a customer whom we have called and who has answered: he talks with ``inside``."""
    route = Route(Destination(RouteKind.QUEUE, inside.queue), record)
    journey = _Journey(arrival, route, house)
    await _to_its_end(arrival, _whole(journey, journey.has_answered(inside)))


async def _to_its_end(arrival: Arrival, story: Coroutine[None, None, Verdict]) -> None:
    verdict = Verdict(EndReason.ERROR, "system")
    try:
        verdict = await while_alive(arrival.leg, story)
    except LegEnded:
        end = arrival.leg.end
        verdict = of_leg(end, "caller") if end else verdict
    except Unavailable:
        verdict = Verdict(EndReason.UNAVAILABLE, "system")
    finally:
        await arrival.leg.hang_up(verdict.reason, status=verdict.status, cause=verdict.cause)
        arrival.call.ended(verdict.reason, by=verdict.by, status=verdict.status)


async def _story(arrival: Arrival, house: House) -> Verdict:
    find = house.targets.dialled_inside if arrival.agent else house.routes.find
    route = find(arrival.dnis)
    if route is None:
        return Verdict(EndReason.NOT_FOUND, "system")
    if arrival.agent and route.to == Destination(RouteKind.AGENT, arrival.agent):
        return rings_himself(arrival.agent, arrival.leg.call_id)
    journey = _Journey(arrival, route, house)
    return await _whole(journey, journey.follow(route.to))


async def _whole(journey: "_Journey", way: Coroutine[None, None, Verdict]) -> Verdict:
    try:
        return await way
    finally:
        journey.over()


@dataclass(frozen=True, slots=True)
class _Onward:
    """A step has not kept the caller: ``steps`` come next, before those that are left. Where there are none the call
    ends with ``verdict``, and with a goodbye unless he was just told something (``said``).
    """

    steps: tuple[Step | WantsCallback, ...] = ()
    verdict: Verdict = FINISHED
    said: bool = False


def _onward(steps: Iterable[Step], place: WantsCallback) -> _Onward:
    """``steps`` of a queue come next; one that offers to call him back means his ``place`` in that queue."""
    return _Onward(tuple(place if isinstance(step, CallBack) else step for step in steps))


class _Journey:
    """One caller's way through the house. ``_waited_s`` and ``_priority`` go with him from queue to queue."""

    def __init__(self, arrival: Arrival, route: Route, house: House) -> None:
        self._leg = arrival.leg
        self._ani = arrival.ani
        self._call = arrival.call
        self._house = house
        self._caller = house.callers.arrives(arrival.ani, arrival.leg.call_id)
        self._conversation = Conversation(arrival.leg, arrival.ani, house, record=route.record)
        self._steps_left = _STEPS
        self._waited_s = 0.0
        self._priority = ""
        self._answered = False
        self._wait_before_s = 0.0
        self._queue_before = ""
        """Out of which queue an agent took him last."""

    async def follow(self, *steps: Step) -> Verdict:
        """Lead the caller from step to step until one keeps him; the verdict on the call."""
        left: deque[Step | WantsCallback] = deque(steps)
        last = _Onward()
        while left and self._steps_left > 0:
            self._steps_left -= 1
            step = left.popleft()
            if isinstance(step, HangUp):
                break
            done = await self._take(step)
            if isinstance(done, Verdict):
                return done
            last = done
            left.extendleft(reversed(done.steps))
        return FINISHED if last.said else await self._goodbye(last.verdict)

    async def _take(self, step: Destination | Elsewhere | Say | CallBack | WantsCallback) -> Verdict | _Onward:
        match step:
            case WantsCallback() as place:
                return await self._offer(place)
            case CallBack():  # no queue has led to it: there is no place to keep
                return _Onward()
            case Destination():
                return await self._go(step)
            case Elsewhere():
                return await self._elsewhere(step)
            case Say():
                return await self._say(step.prompt)

    async def _go(self, to: Destination) -> Verdict | _Onward:
        match to.kind:
            case RouteKind.AGENT:
                return await self._agent(to.name)
            case RouteKind.FLOW:
                return await self._flow(to.name)
            case RouteKind.QUEUE:
                return await self._queue(to.name)
            case RouteKind.VOICEMAIL:
                return await self._message(to.name)

    async def has_answered(self, inside: Inside) -> Verdict:
        """The customer is on the line already, and so is ``inside``."""
        self._answered = True
        return await self._talk(inside)

    async def _answer(self) -> None:
        await self._leg.answer()
        self._answered = True
        self._call.answered()

    async def _flow(self, name: str) -> Verdict | _Onward:
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
        if isinstance(result.outcome, ToPromise) and house.promised and result.call_at is not None:
            await house.promised.keep(self._ani, result.outcome, result.call_at, result.wished)
        return await self._after_flow(result.outcome)

    async def _after_flow(self, outcome: Outcome) -> Verdict | _Onward:
        match outcome:
            case ToQueue(queue=queue, priority=priority, skills=skills, callback=callback):
                return await self._queue(queue, priority, skills, callback=callback)
            case ToAgent(agent=agent):
                return await self._agent(agent)
            case ToVoicemail(box=box):
                return await self._voicemail(box)
            case _:
                return FINISHED

    async def _queue(
        self, name: str, priority: str = "", skills: tuple[tuple[str, int], ...] = (), *, callback: bool = False
    ) -> Verdict | _Onward:
        house, clock = self._house, self._house.clock
        ways = house.ways.get(name, ORDINARY)
        status = ways.status(clock.now())
        if status is not HoursStatus.OPEN:
            house.log.post(self._leg.call_id, QueueClosed(name, status.value))
            wanted = tuple(SkillNeed(*need) for need in skills)
            return _onward(ways.when_closed(status), WantsCallback("", "", name, clock.now(), wanted))
        self._priority = priority or self._priority
        terms = await self._caller.terms(name, self._priority, skills)  # whom we have answered is in the queue at once
        terms = replace(terms, waited_s=max(terms.waited_s, self._waited_s))
        await self._answer()
        if not house.distributor.takes_callers(name):  # taken out of the configuration while he was in the menu
            return _Onward()
        callbacks, came = house.callbacks, clock.now()
        if callbacks is not None and (due := callbacks.claim_place(self._ani, name, self._leg.call_id)) is not None:
            terms = replace(terms, due=due)
        served = await house.distributor.serve(
            self._leg,
            name,
            number=self._ani,
            announcer=ways.announcer,
            terms=terms,
            ask=asks(self._leg, self._ani, house),
            ask_first=callback,
        )
        match served:
            case Connected(agent=agent, leg=inside, entry=entry, queue=queue):
                self._came_by(queue, terms.waited_s + max(0.0, clock.now() - came))
                over = house.distributor.talk_over
                taken = Inside(inside, agent, queue, seat=Seat(lambda: over(agent, entry)))
                await self._announced(taken, ways)
                return await self._talk(taken)
            case Overflowed(to=to, entry=entry, due=due):
                self._waited_s = terms.waited_s + max(0.0, clock.now() - came) if ways.keeps_wait else 0.0
                place = WantsCallback("", entry, name, due, terms.skills)
                return _onward(map(parse_step, to), place)
            case Pulled(agent=agent, leg=inside, queue=queue):
                self._came_by(queue, terms.waited_s + max(0.0, clock.now() - came))
                return await self._reached(Inside(inside, agent, queue, seat=self._direct(agent)))
            case LeftByKey(key=key, entry=entry, queue=queue, due=due):
                self._waited_s = 0.0  # he has made up his mind for something else
                return _onward(ways.by_key(key, queue), WantsCallback("", entry, name, due, terms.skills))
            case WantsCallback() as wish:
                return await self._promise(wish)

    def _came_by(self, queue: str, waited_s: float) -> None:
        """He was answered in ``queue``, which he goes back to if he is parked and nobody takes him."""
        self._queue_before, self._wait_before_s = queue, waited_s

    async def _announced(self, inside: Inside, ways: QueueWays) -> None:
        """The agent hears what kind of call it is, where the queue wants that; to the caller it rings meanwhile."""
        clips = self._house.prompts.known([ways.whisper])
        if not clips:
            return
        heard = False
        try:
            async with beside(self._rings):
                await inside.leg.play(clips)
            heard = True
        except LegEnded:
            heard = inside.leg.end is not None  # he has hung up: that ends the talk before it begins
            if not heard:
                raise
        finally:
            if not heard:
                self._house.tasks.spawn(f"hang up {inside.leg.id}", inside.leg.hang_up())
                inside.seat.leave()

    async def _offer(self, place: WantsCallback) -> Verdict | _Onward:
        """He is not served: does he want to be called back, keeping his ``place``?"""
        question = asks(self._leg, self._ani, self._house)
        if question is None or not self._house.distributor.takes_callers(place.queue):
            return _Onward()
        await self._answer()
        wish = await offer_callback(question, place)
        return _Onward() if wish is None else await self._promise(wish)

    async def _promise(self, wish: WantsCallback) -> Verdict | _Onward:
        """He keeps his place without waiting."""
        if self._house.callbacks is None:
            return _Onward()
        await self._house.callbacks.promise(self._leg.call_id, wish)
        await self._leg.play(self._house.prompts.files(["callback_confirmed"]))
        return FINISHED

    def _direct(self, agent: str) -> Seat:
        call_id = self._leg.call_id
        return Seat(lambda: self._house.distributor.release(agent, call_id))

    async def _agent(self, agent: str) -> Verdict | _Onward:
        return await self._reached(await ring_directly(agent, self._leg.call_id, self._ani, self._house, self._rings))

    async def _elsewhere(self, to: Elsewhere) -> Verdict | _Onward:
        return await self._reached(
            await ring_abroad(to.number, "", self._leg.call_id, self._house, self._rings, trunk=to.trunk)
        )

    async def _reached(self, reached: Inside | Verdict) -> Verdict | _Onward:
        if isinstance(reached, Verdict):
            return _Onward(verdict=reached)
        try:
            await self._answer()
            return await self._talk(reached)
        finally:
            await reached.leg.hang_up()
            reached.seat.leave()

    async def _say(self, prompt: str) -> _Onward:
        await self._answer()
        clips = self._house.prompts.known([prompt])
        if clips:
            await self._leg.play(clips)
        return _Onward(said=bool(clips))

    async def _talk(self, inside: Inside) -> Verdict:
        """Until somebody hangs up, through all transfers."""
        follows = await self._conversation.talk(inside)
        if isinstance(follows, Verdict):
            return await self._rated(follows)
        if isinstance(follows, Parking):
            return await self._parked(follows)
        self._steps_left, self._waited_s, self._priority = _STEPS, 0.0, TRANSFERRED
        return await self.follow(follows)

    async def _parked(self, parking: Parking) -> Verdict:
        """Until somebody takes him; else he goes back to his queue, as if he had waited on all the while. Who came by
        none stays parked for some time more.
        """
        began = self._house.clock.now()
        for _ in range(1 if self._queue_before else _PARKED_AGAIN):
            inside = await parked(self._leg, parking, self._ani, self._house)
            if inside is not None:
                try:
                    return await self._talk(inside)
                finally:
                    await inside.leg.hang_up()
                    inside.seat.leave()
        self._steps_left = _STEPS
        self._waited_s = self._wait_before_s + max(0.0, self._house.clock.now() - began)
        queue = self._queue_before
        return await self.follow(*([Destination(RouteKind.QUEUE, queue)] if queue else []))

    async def _rated(self, verdict: Verdict) -> Verdict:
        """Ask the caller of a queue what he thinks of the talk, where the agent has hung up and he has not."""
        rules = self._house.ratings.get(self._queue_before)
        agent = self._conversation.main_agent
        if (
            rules is not None
            and self._conversation.agent
            and verdict == Verdict(EndReason.NORMAL, "agent")
            and self._leg.end is None
        ):
            self._conversation.tape.end()
            await ask_rating(self._leg, rules, self._queue_before, agent, self._house)
        return verdict

    def over(self) -> None:
        """Whatever the call was, it is recorded no more, and nobody asks who called."""
        self._conversation.tape.end()
        self._caller.over()

    async def _rings(self) -> None:
        """Let the caller hear that it rings: before he is answered his own exchange tells him, after that we do."""
        if self._answered:
            await self._leg.play([Tone("ringback")])
        else:
            await rings_as_well(self._leg, self._house)

    async def _voicemail(self, box: str) -> Verdict:
        await self._answer()
        self._conversation.tape.end()  # a message is a recording of its own
        return await voicemail(self._leg, box, self._house)

    async def _message(self, box: str) -> Verdict:
        """Ask for a message where no flow has done so, and take it."""
        await self._answer()
        await self._leg.play(self._house.prompts.files(["leave_message"]))
        return await self._voicemail(box)

    async def _goodbye(self, verdict: Verdict) -> Verdict:
        """The end of a call that cannot be served: nobody is cut off without a word, but a direct caller who was not
        answered is refused, which costs him nothing.
        """
        if verdict is FINISHED:
            await self._answer()
        if self._answered:
            await self._leg.play(self._house.prompts.files(["overflow"]))
        return verdict

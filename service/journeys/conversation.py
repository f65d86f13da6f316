"""The part of a journey in which the caller talks: with one agent, and after a transfer with the next."""

import asyncio
import contextlib
from collections import defaultdict
from dataclasses import replace
from typing import TypeAlias

from core.errors import LegEnded, LocalProtocolError, Unavailable
from service.house import House
from service.journeys.ringing import Inside, Seat, ring_abroad, ring_directly
from service.journeys.tape import Tape
from service.journeys.verdict import Verdict, of_leg
from service.park import Parking
from service.routes import Destination, RouteKind
from service.targets import Abroad
from service.transfers import Order
from telephony.bridge import Parties, Talk
from telephony.causes import release_of
from telephony.facts import TransferCompleted, TransferFailed, TransferStarted
from telephony.media.port import Tone
from telephony.oversight import Oversight
from telephony.ports import EndReason, Leg, LegEnd

Follows: TypeAlias = Inside | Verdict | Destination | Parking
"""What comes after a talk: the next one, the end, or where no one person is."""


class Conversation:
    """All talks of one call. ``number`` is shown to those who are rung; ``agent`` is who has talked last, "" for a
    number outside. A talk that goes on from one that a queue has brought about counts to that queue too.
    """

    def __init__(self, outside: Leg, number: str, house: House, *, record: bool) -> None:
        self._outside = outside
        self._number = number
        self._house = house
        self.tape = Tape(outside, house, wanted=record)
        self.agent = ""
        self._queue = ""
        self._talked_s: defaultdict[str, float] = defaultdict(float)

    @property
    def main_agent(self) -> str:
        """The agent who has talked longest, hold not counted; "" where none has."""
        return max(self._talked_s, key=self._talked_s.__getitem__, default="")

    async def talk(self, inside: Inside) -> Verdict | Destination | Parking:
        """Join the caller with ``inside``, and with whom he is transferred to, until one of those hangs up (the verdict
        says how) or he is passed on to where no one person is. The caller's own end cancels this, or raises
        ``LegEnded``.
        """
        step: Follows = inside
        while isinstance(step, Inside):
            step = await self._with(step)
        return step

    async def _with(self, inside: Inside) -> Follows:
        grace_s, reason = 0.0, EndReason.NORMAL
        follows: Follows | None = None
        self.agent = inside.agent
        self._queue = inside.queue or self._queue
        inside = replace(inside, queue=self._queue)
        try:
            await self.tape.hold(inside.leg)
            sitting = _Sitting(self._outside, inside, self._house)
            try:
                await sitting.begun()
                with self._house.transfers.during(sitting):
                    while (order := await sitting.next_order()) is not None:
                        follows = await self._carry_out(order, sitting)
                        if follows is None:
                            sitting.order_failed()
                        else:
                            grace_s = order.grace_s
                            if order.heir is not None:
                                reason = EndReason.TAKEN_OVER
                            return follows
                ended = sitting.ended()
                follows = self._heir(sitting.left_to())
                return follows or of_leg(ended, "agent")
            finally:
                await sitting.close()
                if inside.agent:
                    self._talked_s[inside.agent] += sitting.talk.talk_s
        except LegEnded:
            if inside.leg.end is None:
                raise
            return of_leg(inside.leg.end, "agent")  # he was gone before the two were joined
        except asyncio.CancelledError:
            if isinstance(follows, Inside):  # he has come for a caller who is gone
                self._house.tasks.spawn(f"hang up {follows.leg.id}", _let_go(follows, 0.0, reason))
            raise
        finally:
            self._house.tasks.spawn(f"hang up {inside.leg.id}", _let_go(inside, grace_s, reason))

    async def _carry_out(self, order: Order, sitting: "_Sitting") -> Follows | None:
        """What follows; None where it failed and the talk goes on as it was."""
        if order.heir is not None:
            return await self._hand_over(order, order.heir, sitting)
        log, call_id = self._house.log, self._outside.call_id
        log.post(call_id, TransferStarted(order.kind, order.by, order.to))
        failed = EndReason.CANCELLED  # where this is cancelled, the caller has hung up
        try:
            reached = await (self._adopt(order) if order.moved is not None else self._reach(order, sitting))
            if not isinstance(reached, Verdict):
                order.report(200)
                agent = reached.agent if isinstance(reached, Inside) else ""
                log.post(call_id, TransferCompleted(order.kind, order.by, order.to, agent))
                return reached
            failed = reached.reason
        except (LegEnded, Unavailable):
            failed = EndReason.UNAVAILABLE
            if self._outside.end is not None:
                raise
            reached = Verdict(failed, "system")
        except asyncio.CancelledError:
            log.post(call_id, TransferFailed(order.kind, order.by, order.to, failed.value))
            raise
        order.report(release_of(failed, reached.status, reached.cause).status)
        log.post(call_id, TransferFailed(order.kind, order.by, order.to, failed.value))
        if sitting.over:  # who passed the caller on has hung up already: he is asked to take him back
            return Destination(RouteKind.AGENT, sitting.agent) if sitting.agent else reached
        await sitting.park(False)
        return None

    def _heir(self, order: Order | None) -> Inside | None:
        """Who goes on with the caller when the agent has hung up: whom he has asked (``service.consulting``)."""
        if order is None or order.heir is None or order.heir.end is not None or self._outside.end is not None:
            return None
        order.report(200)
        desk, call_id, agent = self._house.distributor, self._outside.call_id, order.party
        if not agent:
            return Inside(order.heir)
        return Inside(order.heir, agent, seat=Seat(lambda: desk.release(agent, call_id)))

    async def _hand_over(self, order: Order, heir: Leg, sitting: "_Sitting") -> Inside | None:
        """A supervisor goes on in the agent's place. The caller hears him before he stops hearing the agent."""
        desk, call_id, agent = self._house.distributor, self._outside.call_id, order.party
        try:
            await sitting.supervise(heir, Oversight.TAKE_OVER)
        except (LegEnded, LocalProtocolError, Unavailable):
            order.report(503)
            if self._outside.end is not None:
                raise
            return None
        order.report(200)
        if not agent:
            return Inside(heir)
        return Inside(heir, agent, seat=Seat(lambda: desk.release(agent, call_id)))

    async def _reach(self, order: Order, sitting: "_Sitting") -> Follows:
        """Blind: ring who is wanted while the caller hears that it rings; a queue or a flow takes him at once."""
        target = order.target
        if isinstance(target, Parking):
            return target
        if isinstance(target, Destination) and target.kind is not RouteKind.AGENT:
            return target

        async def rings() -> None:
            await sitting.park(True)
            await self._outside.play([Tone("ringback")])

        call_id = self._outside.call_id
        if isinstance(target, Destination):
            return await ring_directly(target.name, call_id, self._number, self._house, rings)
        if isinstance(target, Abroad):
            return await ring_abroad(target.number, order.by, call_id, self._house, rings)
        return Verdict(EndReason.NOT_FOUND, "system")

    async def _adopt(self, order: Order) -> Inside | Verdict:
        """Attended: whom he has consulted comes over into this call."""
        if order.moved is None:
            return Verdict(EndReason.ERROR, "system")
        desk, call_id, before = self._house.distributor, self._outside.call_id, order.moved.call_id
        agent = order.party

        def carry_over() -> None:
            if agent:
                desk.carry_over(agent, before, call_id)

        leg = await self._house.mover.move(order.moved, call_id, when_moved=carry_over)
        if not agent:
            return Inside(leg)
        return Inside(leg, agent, seat=Seat(lambda: desk.depart(agent, call_id)))


class _Sitting:
    """One talk with one agent while it may be transferred (see ``service.transfers.OneTalk``)."""

    def __init__(self, outside: Leg, inside: Inside, house: House) -> None:
        self.outside = outside
        self.inside = inside.leg
        self.agent = inside.agent
        self.talk = Talk(house.room, house.log, house.clock, house.hold_music())
        parties = Parties(outside, inside.leg, inside.agent, inside.queue)
        self._running = asyncio.ensure_future(self.talk.run(parties))
        self._running.add_done_callback(lambda _: self._left(inside))
        self._running.add_done_callback(lambda _: self._happened.set())
        self._happened = asyncio.Event()
        self._running.add_done_callback(lambda _: self.talk.joined.set())  # whoever waits for it learns why not
        self._order: Order | None = None
        self._heir: Order | None = None

    @staticmethod
    def _left(inside: Inside) -> None:
        """Who has hung up is free at once, whatever the caller waits for."""
        if inside.leg.end is not None:
            inside.seat.leave()

    @property
    def over(self) -> bool:
        """Whether the agent has hung up."""
        return self._running.done()

    @property
    def passed_on(self) -> bool:
        """See ``service.transfers.OneTalk``."""
        return self._order is not None

    def give(self, order: Order) -> bool:
        """See ``service.transfers.OneTalk``."""
        if self._order is not None or self.over:
            return False
        self._order = order
        self._happened.set()
        return True

    async def begun(self) -> None:
        """Until the two are joined, so that nothing is done to a talk that the log does not know yet; or it is over."""
        await self.talk.joined.wait()

    async def next_order(self) -> Order | None:
        """The next transfer; None where the talk ends without one."""
        await self._happened.wait()
        return self._order

    def order_failed(self) -> None:
        """Another one may be asked for."""
        self._order = None
        if not self.over:
            self._happened.clear()

    async def park(self, parked: bool) -> None:
        """As ``Talk.park``; no error where the agent hangs up at that moment, which ends the talk by itself."""
        try:
            if not self.over:
                await self.talk.park(parked)
        except (LegEnded, LocalProtocolError, Unavailable):
            if self.inside.end is None:
                raise

    async def supervise(self, supervisor: Leg, how: Oversight) -> None:
        """See ``service.transfers.OneTalk``."""
        await self.talk.supervise(supervisor, how)

    async def dismiss(self, supervisor: Leg) -> None:
        """See ``service.transfers.OneTalk``. Where the engine's worker is gone, so are the legs."""
        with contextlib.suppress(LegEnded, LocalProtocolError, Unavailable):
            await self.talk.dismiss(supervisor)

    async def set_aside(self, aside: bool) -> None:
        """See ``service.transfers.OneTalk``."""
        if not self.over:
            await self.talk.set_aside(aside)

    def leave_to(self, order: Order | None) -> None:
        """See ``service.transfers.OneTalk``."""
        if self.over and order is not None:
            order.report(481)
            return
        self._heir = order

    def left_to(self) -> Order | None:
        """Who goes on with the caller, where somebody does; asked once."""
        heir, self._heir = self._heir, None
        return heir

    async def wait_over(self) -> None:
        """See ``service.transfers.OneTalk``."""
        await asyncio.wait({self._running})

    def ended(self) -> LegEnd:
        """How the agent's leg ended; raises as ``Talk.run``."""
        return self._running.result()

    async def close(self) -> None:
        """Part the two."""
        if (heir := self.left_to()) is not None:
            heir.report(481)
        self._running.cancel()
        await asyncio.wait({self._running})
        if not self._running.cancelled():
            self._running.exception()  # it has been told, or does not matter any more


async def _let_go(inside: Inside, grace_s: float, reason: EndReason) -> None:
    """Hang up, but let a phone that has passed its call on do so itself. Only then is its agent free: a phone is not
    rung for the next call before the last one has left it.
    """
    if grace_s > 0:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace_s):
                await inside.leg.wait_ended()
    await inside.leg.hang_up(reason)
    inside.seat.leave()

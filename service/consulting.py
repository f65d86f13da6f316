"""An agent asks somebody while his caller hears music: then he returns, joins all three, or passes the caller on.

One task attends to each consultation. The other is a guest of the talk (``telephony.bridge``), as supervisors are. Once
he has answered, the caller is his when the agent hangs up, so nobody is cut off who is about to be passed on.
"""

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TypeAlias

from acd.phone_facts import ConsultAnswered, ConsultEnded, ConsultJoined, ConsultStarted
from core.channels import Channel
from core.errors import CallRejected, LegEnded, LocalProtocolError, NotAllowed, TransactionTimeout, Unavailable
from service.house import House
from service.journeys.reach import ringback, whole, why_not
from service.journeys.ringing import beside
from service.routes import Destination, RouteKind
from service.targets import Abroad
from service.transfers import OneTalk, Order
from telephony.facts import TransferCompleted, TransferStarted
from telephony.oversight import Oversight
from telephony.ports import EarlyMedia, Leg, LegEnd

Happening: TypeAlias = (
    "asyncio.Future[None] | asyncio.Future[Leg] | asyncio.Future[LegEnd] | asyncio.Future[str] | asyncio.Future[bool]"
)
_TRANSFERRED, _RETURNED, _HUNG_UP, _TALK_OVER = "transferred", "returned", "hung_up", "talk_over"


def _future() -> "asyncio.Future[str]":
    return asyncio.get_running_loop().create_future()


def _answer() -> "asyncio.Future[bool]":
    return asyncio.get_running_loop().create_future()


@dataclass(slots=True)
class _Consult:
    """``told`` gets the reason why it is to end; ``inherits`` whether the caller talks on with whom was asked.
    ``early`` is the leg that the agent hears before anybody answers.
    """

    call_id: str
    talk: OneTalk
    agent: str
    target: Destination | Abroad
    to: str
    by: str
    told: "asyncio.Future[str]" = field(default_factory=_future)
    inherits: "asyncio.Future[bool]" = field(default_factory=_answer)
    leg: Leg | None = None
    early: Leg | None = None
    answered: bool = False

    @property
    def party(self) -> str:
        """The agent who is asked, "" for somebody outside."""
        return self.target.name if isinstance(self.target, Destination) else ""

    def end(self, reason: str) -> None:
        """The first reason counts."""
        if not self.told.done():
            self.told.set_result(reason)

    def decide(self, status: int) -> None:
        """Whether the caller is his now, as the conversation says."""
        if not self.inherits.done():
            self.inherits.set_result(status == 200)


class Consulting:
    """``console.phone_ports.ConsultControl``: at most one consultation in each call."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._open: dict[str, _Consult] = {}

    def begin(self, call_id: str, to: str, by: str) -> None:
        """See the port."""
        house = self._house
        talk = house.transfers.talk_in(call_id)
        if talk is None or not talk.agent:
            raise LocalProtocolError(f"no agent talks in call {call_id} now")
        if call_id in self._open:
            raise LocalProtocolError("somebody is being asked already")
        target = house.targets.transferred(to)
        if target is None and house.targets.is_outside(to):
            raise NotAllowed("talks are passed on to no numbers outside ([transfer] trunk)")
        if target is None or (isinstance(target, Destination) and target.kind is not RouteKind.AGENT):
            raise LocalProtocolError(f"{to!r} is neither a colleague nor a number outside that may be called")
        consult = _Consult(call_id, talk, talk.agent, target, to, by)
        if consult.party == talk.agent:
            raise LocalProtocolError(f"{to} talks in this call himself")
        house.transfers.may_be_called(target, call_id, by)
        desk = house.distributor
        if consult.party and desk.has_phone(to) and not desk.takes(to, Channel.DIRECT):
            raise LocalProtocolError(f"{to} takes no direct calls (capacity)")
        if not consult.party and not desk.takes(talk.agent, Channel.OUTSIDE):
            raise LocalProtocolError(f"{talk.agent} calls no numbers outside (capacity)")
        if consult.party and not desk.reserve(consult.party, call_id):
            why = "is busy" if desk.has_phone(consult.party) else "is not registered"
            raise LocalProtocolError(f"the phone of {consult.party} {why}")
        self._open[call_id] = consult
        house.log.post(call_id, ConsultStarted(consult.agent, to, by))
        house.tasks.spawn(f"consult in {call_id}", self._attend(consult))

    async def join(self, call_id: str, by: str) -> None:
        """See the port."""
        consult, leg = self._answered(call_id)
        try:
            await consult.talk.supervise(leg, Oversight.BARGE)
            await consult.talk.set_aside(False)
        except LegEnded:
            raise LocalProtocolError("somebody has just hung up") from None
        self._house.log.post(call_id, ConsultJoined(consult.agent, consult.to, by))

    def complete(self, call_id: str, by: str) -> None:
        """See the port."""
        consult, leg = self._answered(call_id)
        consult.by = by
        if not consult.talk.give(self._order(consult, leg)):
            raise LocalProtocolError("the talk is over, or a transfer is under way")

    def leave(self, call_id: str, by: str) -> None:
        """See the port."""
        consult = self._open.get(call_id)
        if consult is None:
            raise LocalProtocolError(f"nobody is being asked in call {call_id}")
        consult.by = by
        consult.end(_RETURNED)

    def _answered(self, call_id: str) -> tuple[_Consult, Leg]:
        consult = self._open.get(call_id)
        if consult is None or consult.leg is None or not consult.answered:
            raise LocalProtocolError(f"nobody has been asked, or has answered, in call {call_id}")
        return consult, consult.leg

    @staticmethod
    def _order(consult: _Consult, leg: Leg) -> Order:
        return Order(consult.to, consult.by, heir=leg, party=consult.party, report=consult.decide)

    async def _attend(self, consult: _Consult) -> None:
        """From the first ring to the end; whatever that is, the caller is back with the agent, or talks on."""
        house, reason = self._house, "error"
        try:
            reason = await self._story(consult)
        except asyncio.CancelledError:
            reason = "interrupted"
            raise
        finally:
            del self._open[consult.call_id]
            if reason != _TRANSFERRED:
                if consult.early is not None and consult.early is not consult.leg:
                    with contextlib.suppress(LegEnded, LocalProtocolError, Unavailable):
                        await consult.talk.dismiss(consult.early)
                if consult.leg is not None:
                    await consult.talk.dismiss(consult.leg)
                    await consult.leg.hang_up()
                if consult.party:
                    house.distributor.release(consult.party, consult.call_id)
                with contextlib.suppress(LegEnded, LocalProtocolError, Unavailable):
                    await consult.talk.set_aside(False)
            else:
                call, kind = consult.call_id, "attended"
                house.log.post(call, TransferStarted(kind, consult.by, consult.to))
                house.log.post(call, TransferCompleted(kind, consult.by, consult.to, consult.party))
            ended = ConsultEnded(consult.agent, consult.to, consult.by, reason)
            house.log.post(consult.call_id, ended)

    async def _story(self, consult: _Consult) -> str:
        try:
            await consult.talk.set_aside(True)
        except (LegEnded, LocalProtocolError, Unavailable):
            return _TALK_OVER
        over = asyncio.ensure_future(consult.talk.wait_over())
        hearing = asyncio.ensure_future(_hears(consult, self._house.early))  # before it is dialled
        ringing = asyncio.ensure_future(self._ring(consult))
        try:
            await _one_of(over, ringing, consult.told)
            if not ringing.done():
                return _TALK_OVER if over.done() else consult.told.result()
            consult.leg = ringing.result()
            hearing.cancel()
            await asyncio.wait({hearing})
            return await self._talk(consult, consult.leg, over)
        except (CallRejected, TransactionTimeout, Unavailable) as error:
            return why_not(error).reason.value
        except (LegEnded, LocalProtocolError):
            return _TALK_OVER
        finally:
            for task in (over, ringing, hearing):
                task.cancel()
            await asyncio.gather(over, ringing, hearing, return_exceptions=True)
            if consult.leg is None and not ringing.cancelled() and ringing.exception() is None:
                consult.leg = ringing.result()  # he answered at that moment

    async def _talk(self, consult: _Consult, leg: Leg, over: "asyncio.Future[None]") -> str:
        """He has answered."""
        talk, house = consult.talk, self._house
        if consult.party:
            house.distributor.engage(consult.party, consult.call_id)
        await talk.supervise(leg, Oversight.WHISPER)
        talk.leave_to(self._order(consult, leg))
        consult.answered = True
        house.log.post(consult.call_id, ConsultAnswered(consult.agent, consult.to))
        gone = asyncio.ensure_future(leg.wait_ended())
        try:
            await _one_of(over, gone, consult.told, consult.inherits)
            if over.done() and not consult.inherits.done():
                await asyncio.wait({consult.inherits})  # the conversation says whose the caller is
            if consult.inherits.done() and consult.inherits.result():
                return _TRANSFERRED
            if consult.told.done():
                return consult.told.result()
            return _HUNG_UP if gone.done() else _TALK_OVER
        finally:
            gone.cancel()
            if not consult.inherits.done() or not consult.inherits.result():
                talk.leave_to(None)

    async def _ring(self, consult: _Consult) -> Leg:
        house, number = self._house, consult.talk.outside.number
        if isinstance(consult.target, Destination):
            timeout_s = house.ring_timeout_s
            return await house.phones.ring(consult.party, consult.call_id, caller=number, timeout_s=timeout_s)
        return await house.outside.dial(
            consult.target.number,
            consult.call_id,
            trunk=house.transfer_trunk,
            caller_id="",
            timeout_s=house.ring_timeout_s,
            by=consult.by,
        )


async def _hears(consult: _Consult, early: EarlyMedia) -> None:
    """While nobody has answered, the agent hears that it rings; what the network says in its place, once it speaks
    (that the phone is off, say: early media, RFC 3960). Of several legs (the next trunk is tried) he hears the last.
    """
    speaking: asyncio.Queue[Leg] = asyncio.Queue()
    forget = early.watch_early(consult.call_id, speaking.put_nowait)
    try:
        async with beside(lambda: ringback(consult.talk.inside)):
            leg = await speaking.get()
        while True:
            await whole(_heard_early(consult, leg))
            leg = await speaking.get()
    finally:
        forget()


async def _heard_early(consult: _Consult, leg: Leg) -> None:
    """As one who has answered: both ways, since some networks wait for our first packet."""
    before, consult.early = consult.early, leg
    with contextlib.suppress(LegEnded, LocalProtocolError, Unavailable):  # it is told by the legs themselves
        if before is not None:
            await consult.talk.dismiss(before)
        await consult.talk.supervise(leg, Oversight.WHISPER)


async def _one_of(*happenings: Happening) -> None:
    """Wait for whichever comes first."""
    await asyncio.wait(happenings, return_when=asyncio.FIRST_COMPLETED)

"""An agent calls somebody outside: he dials on his phone, or asks for it on his page; then his own phone rings first.

Once the other has answered it is a talk like any other, with the other as its caller: recorded, transferred, listened
to. While he calls and talks no queue rings him.
"""

import contextlib

from acd.phone_facts import CallPlaced
from campaigns.attempt import AGENT_LEFT, NotReached
from core.errors import CallRejected, LegEnded, NotAllowed, TransactionTimeout, Unavailable
from core.number_kinds import place
from service.house import House
from service.journeys.inbound import talk_on
from service.journeys.reach import Outward, reach, why_not
from service.journeys.ringing import Inside, Seat, beside, rings_as_well
from service.journeys.seats import taken_seat
from service.journeys.verdict import of_refusal
from service.targets import Abroad
from telephony.call import Call
from telephony.ports import EndReason, Leg
from telephony.switchboard import Arrival


def outward_of(number: str, agent: str, house: House) -> Outward:
    """How ``agent`` calls ``number``, whichever way it was written."""
    terms = house.dialling
    return Outward(place(number).number, terms.trunk, terms.caller_id, terms.ring_timeout_s, by=agent)


def said(outward: Outward, how: str) -> CallPlaced:
    """The fact that tells of it."""
    return CallPlaced(outward.by, how, outward.caller_id, outward.number, outward.trunk)


async def dialled(arrival: Arrival, house: House) -> None:
    """He has dialled it: his phone waits until the other answers, or is refused for the reason. What the network says
    meanwhile reaches him as it would have without us: that it rings (180), and its sound (183).
    """
    call, leg = arrival.call, arrival.leg
    outward = outward_of(arrival.dnis, arrival.agent, house)
    house.log.post(call.id, said(outward, "phone"))
    seat = taken_seat(arrival.agent, call.id, house)
    try:
        async with beside(lambda: rings_as_well(leg, house)):
            reached = _barred(outward, call, house) or await reach(leg, outward, house, rings=False)
        if isinstance(reached, NotReached):
            _ended(call, reached)
            await leg.hang_up(reached.reason, status=reached.status, cause=reached.cause)
        else:
            await _talk(call, Inside(leg, arrival.agent, seat=seat), reached, outward, house)
    finally:
        await leg.hang_up()
        seat.leave()


def _barred(outward: Outward, call: Call, house: House) -> NotReached | None:
    """Why the number may not be called, where it may not: nothing has rung then."""
    try:
        house.transfers.may_be_called(Abroad(outward.number), call.id, outward.by)
    except NotAllowed as refusal:
        return why_not(refusal)
    return None


async def asked_for(call: Call, outward: Outward, house: House) -> None:
    """He has asked for it on his page, and is reserved for the call: his phone rings and shows the other's number."""
    desk, agent = house.distributor, outward.by
    seat = Seat(lambda: desk.release(agent, call.id))
    leg: Leg | None = None
    try:
        own = leg = await house.phones.ring(
            agent, call.id, caller=outward.number, timeout_s=house.ring_timeout_s, auto_answer=True
        )
        desk.engage(agent, call.id)
        reached = await reach(own, outward, house)
        if isinstance(reached, NotReached):
            _ended(call, reached)
            await _tell(own, reached, house)
        else:
            await _talk(call, Inside(own, agent, seat=seat), reached, outward, house)
    except CallRejected as refusal:  # of his own phone
        verdict = of_refusal(refusal, "agent")
        call.ended(verdict.reason, by=verdict.by, status=verdict.status)
    except (TransactionTimeout, Unavailable) as error:
        call.ended(why_not(error).reason, by="system")
    finally:
        if leg is not None:
            await leg.hang_up()
        seat.leave()


def _ended(call: Call, missed: NotReached) -> None:
    call.ended(missed.reason, by="agent" if missed is AGENT_LEFT else "system", status=missed.status)


async def _talk(call: Call, inside: Inside, reached: Leg, outward: Outward, house: House) -> None:
    """To the end of the call."""
    try:
        await inside.leg.answer()
        call.answered()
        arrival = Arrival(call, reached, outward.number, outward.caller_id, outward.trunk)
        await talk_on(arrival, inside, house, record=house.dialling.record)
    except LegEnded:  # he has hung up at that moment
        _ended(call, AGENT_LEFT)
    except Unavailable:
        call.ended(EndReason.UNAVAILABLE, by="system")
    finally:
        await reached.hang_up()


async def _tell(leg: Leg, missed: NotReached, house: House) -> None:
    """Let him hear why he is about to be hung up."""
    tone = "busy" if missed.reason is EndReason.BUSY else "congestion"
    with contextlib.suppress(LegEnded, Unavailable):
        await leg.play(house.prompts.files([tone]))

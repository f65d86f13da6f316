"""A customer is called back before his agent is there: his turn is near. Once he has answered he hears what this is,
and music until the agent is on the line.
"""

from typing import Final

from acd.served import Connected, Served
from campaigns.attempt import NotReached, Result
from core.errors import CallRejected, LegEnded, TransactionTimeout, Unavailable
from ivr.queue_prompts import CalledBackPrompts
from service.callback_customer import CustomerTrial
from service.callback_stand import Missed
from service.house import House
from service.journeys.alive import while_alive
from service.journeys.callback import NOT_CLAIMED
from service.journeys.inbound import talk_on
from service.journeys.reach import why_not
from service.journeys.ringing import Inside, Seat
from telephony.ports import EndReason, Leg
from telephony.switchboard import Arrival

HUNG_UP: Final = NotReached(Result.HUNG_UP, EndReason.NORMAL)
NOBODY: Final = NotReached(Result.INTERRUPTED, EndReason.UNAVAILABLE)


async def call_customer(trial: CustomerTrial, house: House) -> Missed | None:
    """From the first ring at the customer's to the end of the talk; None where an agent talked with him."""
    call = trial.call
    leg = await _reach(trial, house)
    if isinstance(leg, NotReached):
        call.ended(leg.reason, by="system", status=leg.status)
        return Missed(leg.result, leg.status, counts=not leg.trunk_fault)
    try:
        call.answered()
        served = await _wait(leg, trial, house)
        if not isinstance(served, Connected):
            await leg.hang_up()
            call.ended(served.reason, by="caller" if served is HUNG_UP else "system")
            return Missed(served.result)
        trial.reached(served.agent)
        await _talk(leg, served, trial, house)
        return None
    finally:
        await leg.hang_up()


async def _reach(trial: CustomerTrial, house: House) -> Leg | NotReached:
    try:
        await trial.claim()
    except Unavailable:
        return NOT_CLAIMED
    terms = trial.terms
    try:
        return await house.outside.dial(
            trial.number, trial.call.id, trunk=terms.trunk, caller_id=terms.caller_id, timeout_s=terms.ring_timeout_s
        )
    except (CallRejected, TransactionTimeout, Unavailable) as error:
        return why_not(error)


async def _wait(leg: Leg, trial: CustomerTrial, house: House) -> Connected | NotReached:
    """In the line, at his place."""
    trial.leave_place()
    waiting = house.distributor.serve(
        leg, trial.queue, number=trial.number, announcer=CalledBackPrompts(house.prompts), terms=trial.place
    )
    try:
        served: Served = await while_alive(leg, waiting)
    except LegEnded:
        return HUNG_UP
    except Unavailable:
        return NOBODY
    return served if isinstance(served, Connected) else NOBODY


async def _talk(leg: Leg, served: Connected, trial: CustomerTrial, house: House) -> None:
    seat = Seat(lambda: house.distributor.talk_over(served.agent, served.entry))
    arrival = Arrival(trial.call, leg, trial.number, trial.terms.caller_id, trial.terms.trunk)
    try:
        inside = Inside(served.leg, served.agent, trial.queue, seat=seat)
        await talk_on(arrival, inside, house, record=trial.terms.record)
    finally:
        await served.leg.hang_up()
        seat.leave()

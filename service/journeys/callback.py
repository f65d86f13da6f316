"""A customer is called back: his agent is on the line, hears who it is, and then it rings at the customer's.

The agent goes first, so that whoever picks up talks with a person at once: he never waits in silence, and no promise is
kept by a call that nobody is there for.
"""

import contextlib
from typing import Final

from campaigns.attempt import NotReached, Result
from core.errors import LegEnded, Unavailable
from core.numbers import national
from service.callback_stand import Missed, Trial
from service.house import House
from service.journeys.inbound import talk_on
from service.journeys.reach import Outward, reach
from service.journeys.ringing import Inside, Seat
from telephony.ports import EndReason, Leg
from telephony.switchboard import Arrival

NOT_CLAIMED: Final = NotReached(Result.WITHDRAWN, EndReason.UNAVAILABLE, trunk_fault=True)
"""Nobody was called: the try could not be written down."""


async def call_back(trial: Trial, house: House) -> Missed | None:
    """From the agent's answer to the end of the talk; None where the customer was reached."""
    agent, call = trial.served, trial.call
    seat = Seat(lambda: house.distributor.talk_over(agent.agent, agent.entry))
    try:
        reached = await _reach(trial, house)
        if isinstance(reached, NotReached):
            call.ended(reached.reason, by="system", status=reached.status)
            return Missed(reached.result, reached.status, counts=not reached.trunk_fault)
        trial.reached()
        call.answered()
        arrival = Arrival(call, reached, trial.number, trial.terms.caller_id, trial.terms.trunk)
        inside = Inside(agent.leg, agent.agent, trial.queue, seat=seat)
        await talk_on(arrival, inside, house, record=trial.terms.record)
        return None
    finally:
        await agent.leg.hang_up()
        seat.leave()


async def _reach(trial: Trial, house: House) -> Leg | NotReached:
    """The customer's leg once he has answered, or why he has not."""
    agent, terms = trial.served.leg, trial.terms
    try:
        await trial.claim()
    except Unavailable:
        return NOT_CLAIMED
    outward = Outward(trial.number, terms.trunk, terms.caller_id, terms.ring_timeout_s)
    return await reach(agent, outward, house, lambda: _whisper(agent, trial.number, house))


async def _whisper(agent: Leg, number: str, house: House) -> None:
    """Tell the agent what this is and whom he is about to talk with."""
    spoken = [f"d{digit}" for digit in national(number) if digit.isdecimal()]
    with contextlib.suppress(LegEnded, Unavailable):  # his end is seen by whoever waits for it
        await agent.play(house.prompts.files(["whisper_callback", *spoken]))

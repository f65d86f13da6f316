"""Somebody outside is called for an agent who is on the line, or why nobody was reached."""

import asyncio
from dataclasses import dataclass
from typing import Final

from campaigns.attempt import RANG_OUT, TRUNK_AWAY, NotReached, Result, refused
from core.errors import CallRejected, NotAllowed, TransactionTimeout, Unavailable
from service.house import House
from service.journeys.ringing import Meanwhile
from telephony.ports import EndReason, Leg

_REFUSED_BY_US: Final = NotReached(Result.FAILED, EndReason.REJECTED, 403)
AGENT_LEFT: Final = NotReached(Result.INTERRUPTED, EndReason.CANCELLED)


@dataclass(frozen=True, slots=True)
class Outward:
    """Whom to call, and how: ``caller_id`` "" shows the trunk's own number; ``by`` is the agent who asks ("": the house
    itself, which is not counted).
    """

    number: str
    trunk: str
    caller_id: str
    ring_timeout_s: float
    by: str = ""


async def reach(agent: Leg, outward: Outward, house: House, meanwhile: Meanwhile) -> Leg | NotReached:
    """The leg of whom we have called once he has answered, or why not. ``meanwhile`` goes on while it rings there;
    where the agent hangs up it rings no more.
    """
    company = asyncio.ensure_future(meanwhile())
    gone = asyncio.ensure_future(agent.wait_ended())
    dialling = asyncio.ensure_future(
        house.outside.dial(
            outward.number,
            agent.call_id,
            trunk=outward.trunk,
            caller_id=outward.caller_id,
            timeout_s=outward.ring_timeout_s,
            by=outward.by,
        )
    )
    reached: Leg | None = None
    try:
        await asyncio.wait({dialling, gone}, return_when=asyncio.FIRST_COMPLETED)
        if gone.done():
            return AGENT_LEFT
        reached = dialling.result()
        return reached
    except (CallRejected, TransactionTimeout, Unavailable) as error:
        return why_not(error)
    finally:
        for task in (company, gone, dialling):
            task.cancel()
        await asyncio.gather(company, gone, dialling, return_exceptions=True)
        if reached is None and not dialling.cancelled() and dialling.exception() is None:
            await dialling.result().hang_up(EndReason.CANCELLED)


def why_not(error: CallRejected | TransactionTimeout | Unavailable) -> NotReached:
    """Why somebody was not reached."""
    match error:
        case NotAllowed():
            return _REFUSED_BY_US
        case CallRejected():
            return refused(error.status, error.cause)
        case TransactionTimeout():
            return RANG_OUT
        case Unavailable():
            return TRUNK_AWAY

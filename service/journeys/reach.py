"""Somebody outside is called for an agent who is on the line, or why nobody was reached.

What the network says before anybody answers (that the number is not in use, the phone is off, how it rings there) is
for the agent to hear, as soon as it says it (early media, RFC 3960): until then he hears that it rings.
"""

import asyncio
import contextlib
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Final

from campaigns.attempt import AGENT_LEFT, NotReached, Result, not_reached
from core.channels import Channel
from core.errors import CallRejected, LegEnded, LocalProtocolError, NotAllowed, TransactionTimeout, Unavailable
from service.house import House
from service.journeys.ringing import Meanwhile, beside
from telephony.media.port import Tone
from telephony.ports import EndReason, Leg

_REFUSED_BY_US: Final = NotReached(Result.FAILED, EndReason.REJECTED, 403)


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


async def ringback(leg: Leg) -> None:
    """Whoever is on ``leg`` hears that it rings, until this is cancelled. His end is seen by whoever waits for it."""
    with contextlib.suppress(LegEnded, LocalProtocolError, Unavailable):
        await leg.play([Tone("ringback")], loop=True)


async def reach(
    agent: Leg, outward: Outward, house: House, told: Meanwhile | None = None, *, rings: bool = True
) -> Leg | NotReached:
    """The leg of whom we have called once he has answered, or why not; where the agent hangs up it rings no more.

    ``told`` is done first, and is not cut short by the network; then he hears that it rings, unless his own phone makes
    that sound (``rings`` False), and the network in its place where it speaks.
    """
    if outward.by and not house.distributor.takes(outward.by, Channel.OUTSIDE):
        return _REFUSED_BY_US
    speaking: asyncio.Queue[Leg] = asyncio.Queue()

    async def hears() -> None:
        if told is not None:
            await told()
        async with contextlib.AsyncExitStack() as meanwhile:
            if rings:
                await meanwhile.enter_async_context(beside(lambda: ringback(agent)))
            leg = await speaking.get()
        while True:  # of several legs (the next trunk is tried) the last
            await whole(_joined(agent, leg, house))
            leg = await speaking.get()

    forget = house.early.watch_early(agent.call_id, speaking.put_nowait)
    company = asyncio.ensure_future(hears())
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
        forget()
        for task in (company, gone, dialling):
            task.cancel()
        await asyncio.gather(company, gone, dialling, return_exceptions=True)
        if reached is None and not dialling.cancelled() and dialling.exception() is None:
            await dialling.result().hang_up(EndReason.CANCELLED)


async def _joined(agent: Leg, leg: Leg, house: House) -> None:
    """Both ways, as the network would have it: some wait for our first packet before they send."""
    with contextlib.suppress(LegEnded, LocalProtocolError, Unavailable):  # it is told by the legs themselves
        await agent.early()
        await house.room.bridge(agent.id, leg.id)


async def whole(work: Coroutine[None, None, None]) -> None:
    """Cancelled only once ``work`` is done: an answer that comes just now must not find a port half open."""
    doing = asyncio.ensure_future(work)
    try:
        await asyncio.shield(doing)
    finally:
        await asyncio.wait({doing})


def why_not(error: CallRejected | TransactionTimeout | Unavailable) -> NotReached:
    """Why somebody was not reached."""
    return _REFUSED_BY_US if isinstance(error, NotAllowed) else not_reached(error)

"""Somebody is rung for a call that is there already: an agent without a queue, or a number outside."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from typing import TypeAlias

from core.channels import Channel
from core.errors import CallRejected, LegEnded, TransactionTimeout, Unavailable
from service.house import House
from service.journeys.verdict import Verdict, of_refusal
from telephony.ports import EndReason, Leg

_log = logging.getLogger("line400.service")
Meanwhile: TypeAlias = Callable[[], Coroutine[None, None, None]]


class Seat:
    """An agent's place in a talk. ``leave`` frees him once: by then he may sit in the next talk of the same call."""

    def __init__(self, free: Callable[[], None] | None = None) -> None:
        self._free = free

    def leave(self) -> None:
        """He does not talk any more; a second time is no error."""
        free, self._free = self._free, None
        if free is not None:
            free()


@dataclass(frozen=True, slots=True)
class Inside:
    """Who talks with the caller: ``agent`` is "" for a number outside, who has no seat to leave."""

    leg: Leg
    agent: str = ""
    queue: str = ""
    seat: Seat = field(default_factory=Seat)


async def rings_as_well(leg: Leg, house: House) -> None:
    """The caller on ``leg`` is told that it rings (180) when it does, at whoever is called for him, and not before: the
    phone may be dead, or the number refused (RFC 3261 §21.1.2).
    """
    rings = asyncio.Event()
    forget = house.alerting.watch_ringing(leg.call_id, rings.set)
    try:
        await rings.wait()
        await leg.ring()
    finally:
        forget()


def rings_himself(agent: str, call_id: str) -> Verdict:
    """His phone calls his own number: he is on the line already, so that nothing rings."""
    _log.info("call %s: agent %s has dialled his own number and is told that he is busy", call_id, agent)
    return Verdict(EndReason.BUSY, "system")


async def ring_directly(agent: str, call_id: str, caller: str, house: House, meanwhile: Meanwhile) -> Inside | Verdict:
    """As ``ring_agent``, for who calls him by his id or is led to him: who takes no such calls is busy."""
    desk = house.distributor
    if desk.has_phone(agent) and not desk.takes(agent, Channel.DIRECT):
        return Verdict(EndReason.BUSY, "system")
    return await ring_agent(agent, call_id, caller, house, meanwhile)


async def ring_agent(agent: str, call_id: str, caller: str, house: House, meanwhile: Meanwhile) -> Inside | Verdict:
    """Ring the agent; why not where he does not come. No offers reach him meanwhile, nor while he talks.

    ``meanwhile`` goes on while his phone rings, and has stopped when this returns.
    """
    desk = house.distributor
    if not desk.reserve(agent, call_id):
        return Verdict(EndReason.BUSY if desk.has_phone(agent) else EndReason.NO_PHONE, "system")
    answered = False
    try:
        async with beside(meanwhile):
            leg = await house.phones.ring(agent, call_id, caller=caller, timeout_s=house.ring_timeout_s)
            answered = True
    except CallRejected as refusal:
        return of_refusal(refusal, "agent")
    except TransactionTimeout:
        return Verdict(EndReason.NO_ANSWER, "system")
    except Unavailable:
        return Verdict(EndReason.UNAVAILABLE if desk.has_phone(agent) else EndReason.NO_PHONE, "system")
    finally:
        if not answered:
            desk.release(agent, call_id)
    desk.engage(agent, call_id)
    return Inside(leg, agent, seat=Seat(lambda: desk.release(agent, call_id)))


async def ring_abroad(
    number: str, by: str, call_id: str, house: House, meanwhile: Meanwhile, *, trunk: str = ""
) -> Inside | Verdict:
    """Call a number outside through ``trunk`` ("": the one for transfers), for ``by`` ("": the house itself); why not
    where nobody comes. As ``ring_agent``.
    """
    try:
        async with beside(meanwhile):
            leg = await house.outside.dial(
                number,
                call_id,
                trunk=trunk or house.transfer_trunk,
                caller_id="",
                timeout_s=house.ring_timeout_s,
                by=by,
            )
    except CallRejected as refusal:
        return of_refusal(refusal, "system")
    except TransactionTimeout:
        return Verdict(EndReason.NO_ANSWER, "system")
    except Unavailable:
        return Verdict(EndReason.UNAVAILABLE, "system")
    return Inside(leg)


@contextlib.asynccontextmanager
async def beside(work: Meanwhile) -> AsyncIterator[None]:
    """``work`` goes on until the end of the block; that one of the two legs ends is told by the leg itself."""
    task = asyncio.ensure_future(work())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})
        fault = None if task.cancelled() else task.exception()
        if fault is not None and not isinstance(fault, LegEnded | Unavailable):
            raise fault

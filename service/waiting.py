"""What supervisors do with callers who wait: another queue, or straight to an agent, who may be the supervisor himself.

Whoever is moved keeps the wait that he has behind him, as whoever overflows. Whoever is pulled waits on in his place
until the agent's phone is answered: if it is not, or a colleague is faster, he has lost nothing. In the figures
who is moved has overflowed from his queue (``why`` is moved) and is offered to the next; who is pulled was answered in
his own, by whoever has pulled him.
"""

import asyncio

from acd.board import WaitingView
from acd.served import Overflowed, Pulled, Served
from acd.supervision_facts import CallerMoved, CallerPulled
from core.errors import CallRejected, LocalProtocolError, TransactionTimeout, Unavailable
from service.house import House
from telephony.ports import Leg


class WaitingRoom:
    """All who wait in queues."""

    def __init__(self, house: House) -> None:
        self._house = house

    def move(self, call_id: str, queue: str, by: str) -> None:
        """The caller goes on waiting in ``queue``, as account ``by`` asks; ``LocalProtocolError`` says why not."""
        desk, (caller, _) = self._house.distributor, self._who(call_id)
        if not desk.takes_callers(queue):
            raise LocalProtocolError(f"there is no queue {queue!r}")
        if queue == caller.queue:
            raise LocalProtocolError(f"the caller waits in {queue} already")
        self._house.log.post(call_id, CallerMoved(caller.queue, queue, by))
        desk.take_out(caller.entry, Overflowed((f"queue:{queue}",), caller.entry, caller.queue))

    def pull(self, call_id: str, agent: str, number: str, by: str) -> None:
        """Ring the phone of ``agent`` for the caller, whose ``number`` it shows, as account ``by`` asks;
        ``LocalProtocolError`` says why not.
        """
        desk, (caller, left) = self._house.distributor, self._who(call_id)
        if not desk.reserve(agent, call_id):
            why = "is busy" if desk.has_phone(agent) else "is not registered"
            raise LocalProtocolError(f"the phone of {agent} {why}")
        self._house.log.post(call_id, CallerPulled(caller.queue, agent, by))
        self._house.tasks.spawn(f"pull {call_id}", self._pull(caller, agent, number, left))

    def _who(self, call_id: str) -> tuple[WaitingView, asyncio.Future[Served]]:
        """Who waits in the call, and how that ends."""
        desk = self._house.distributor
        waiting = (one for queue in desk.snapshot().queues for one in queue.waiting if one.call_id == call_id)
        for found in waiting:
            if (left := desk.leaving(found.entry)) is not None:
                return found, left
        raise LocalProtocolError(f"nobody waits in call {call_id} now")

    async def _pull(self, caller: WaitingView, agent: str, number: str, left: asyncio.Future[Served]) -> None:
        desk, phones, timeout_s = self._house.distributor, self._house.phones, self._house.ring_timeout_s
        ringing = asyncio.ensure_future(
            phones.ring(agent, caller.call_id, caller=number, timeout_s=timeout_s, auto_answer=True)
        )
        leg: Leg | None = None
        pulled = False
        try:
            await _either(ringing, left)
            if ringing.done():
                leg = ringing.result()
                desk.engage(agent, caller.call_id)
                pulled = desk.take_out(caller.entry, Pulled(agent, leg, caller.entry, caller.queue))
        except (CallRejected, TransactionTimeout, Unavailable):
            pass  # he waits on; the leg's facts say why
        finally:
            ringing.cancel()
            await asyncio.wait({ringing})
            if leg is None and not ringing.cancelled() and ringing.exception() is None:
                leg = ringing.result()  # answered at that moment
            if not pulled:
                if leg is not None:
                    await leg.hang_up()
                desk.release(agent, caller.call_id)


async def _either(ringing: asyncio.Future[Leg], left: asyncio.Future[Served]) -> None:
    """Wait for whichever comes first."""
    happenings: tuple[asyncio.Future[Leg] | asyncio.Future[Served], ...] = (ringing, left)
    await asyncio.wait(happenings, return_when=asyncio.FIRST_COMPLETED)

"""Supervisors in talks: who asks for it is rung at his own phone, and once he answers he listens, whispers, barges in
or takes the talk over (``telephony.oversight``).

One task attends to each of them, from the first ring to the last fact. The talk never waits for it: whoever of the two
hangs up is gone at once, and so is the supervisor. While he is in a talk, queues do not ring him. He stays until he
hangs up, leaves by the console, or the caller talks with nobody any more: when the caller is passed on he goes along,
as a listener, since whoever he has whispered to is not the one who hears him now.
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from acd.supervision_facts import SupervisionAsked, SupervisionChanged, SupervisionEnded, SupervisionStarted
from core.errors import CallRejected, LegEnded, LocalProtocolError, TransactionTimeout, Unavailable
from core.events import Fact
from service.house import House
from service.transfers import OneTalk, Order
from telephony import causes
from telephony.oversight import Oversight
from telephony.ports import EndReason, Leg, LegEnd

SUPERVISOR: Final = "supervisor"
"""The role of his leg."""
KEYS: Final = {"1": Oversight.LISTEN, "2": Oversight.WHISPER, "3": Oversight.BARGE}
"""What keys of his phone ask for; nobody takes a talk over by a slip of the finger."""
Happening: TypeAlias = "asyncio.Future[None] | asyncio.Future[Leg] | asyncio.Future[LegEnd] | asyncio.Future[str]"
FOLLOW_S: Final = 45.0
"""So long he waits for the next talk of a caller who has been passed on. A phone is rung for less; who is sent to a
queue may wait there for longer.
"""
_LEFT, _TALK_OVER, _TOOK_OVER, _HUNG_UP, _REFUSED = "left", "talk_over", "took_over", "hung_up", "refused"
_PASSED_ON: Final = "passed_on"


@dataclass(slots=True)
class _Visit:
    """One supervisor in one talk, or on his way to it. ``told_to_leave`` gets the reason."""

    call_id: str
    supervisor: str
    talk: OneTalk
    mode: Oversight
    by: str
    came: Leg | None = None
    """His phone, where it is on the line already in a call of its own."""
    told_to_leave: asyncio.Future[str] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    leg: Leg | None = None
    began: float | None = None
    took_over: bool = False

    def leave(self, reason: str) -> None:
        """Let him go; the first reason counts."""
        if not self.told_to_leave.done():
            self.told_to_leave.set_result(reason)


class Supervision:
    """All supervisors of the house, at most one talk each."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._visits: dict[str, _Visit] = {}

    async def supervise(
        self, call_id: str, supervisor: str, mode: Oversight, by: str, *, came: Leg | None = None
    ) -> None:
        """Ring the phone of ``supervisor`` and let him into the talk of the call, or change what he does in it, as
        account ``by`` asks. With ``came`` his phone is on the line already: that leg is moved into the call, or hung
        up. ``LocalProtocolError`` says why not.
        """
        visit = self._visits.get(supervisor)
        if visit is not None and visit.call_id == call_id:
            await self._change(visit, mode, by)
            return
        if visit is not None:
            raise LocalProtocolError(f"{supervisor} is in the talk of call {visit.call_id}; leave that first")
        talk = self._house.transfers.talk_in(call_id)
        if talk is None:
            raise LocalProtocolError(f"nobody talks in call {call_id} now")
        if talk.agent == supervisor:
            raise LocalProtocolError(f"{supervisor} talks in call {call_id} himself")
        desk = self._house.distributor
        if not desk.reserve(supervisor, call_id):
            why = "is busy" if desk.has_phone(supervisor) else "is not registered"
            raise LocalProtocolError(f"the phone of {supervisor} {why}")
        visit = self._visits[supervisor] = _Visit(call_id, supervisor, talk, mode, by, came)
        self._house.log.post(call_id, SupervisionAsked(supervisor, by, mode, talk.agent))
        self._house.tasks.spawn(f"supervise {call_id}", self._attend(visit))

    def leave(self, call_id: str, supervisor: str, by: str) -> None:
        """``supervisor`` is hung up, or rung no more; ``LocalProtocolError`` where he is not there."""
        visit = self._visits.get(supervisor)
        if visit is None or visit.call_id != call_id:
            raise LocalProtocolError(f"{supervisor} is not in the talk of call {call_id}")
        visit.by = by
        visit.leave(_LEFT)

    async def _change(self, visit: _Visit, mode: Oversight, by: str) -> None:
        if visit.leg is not None:
            await self._join(visit, visit.leg, mode, by)
        visit.mode, visit.by = mode, by
        self._tell(visit, SupervisionChanged)

    async def _join(self, visit: _Visit, leg: Leg, mode: Oversight, by: str) -> None:
        """Make it so; ``LocalProtocolError`` where it cannot be."""
        if mode is Oversight.TAKE_OVER:
            self._take_over(visit, leg, by)
            return
        try:
            await visit.talk.supervise(leg, mode)
        except LegEnded:
            raise LocalProtocolError("the talk is over") from None

    @staticmethod
    def _take_over(visit: _Visit, leg: Leg, by: str) -> None:
        """Ask the conversation for it; from its yes on the leg is the conversation's."""

        def told(status: int) -> None:
            if status == 200:
                visit.took_over = True
            else:
                visit.leave(_REFUSED)

        order = Order(visit.supervisor, by, heir=leg, party=visit.supervisor, report=told)
        if not visit.talk.give(order):
            raise LocalProtocolError("the talk is over, or a transfer is under way")

    def _tell(self, visit: _Visit, kind: Callable[[str, str, str, str], Fact]) -> None:
        self._house.log.post(visit.call_id, kind(visit.supervisor, visit.by, visit.mode, visit.talk.agent))

    async def _attend(self, visit: _Visit) -> None:
        """All of one visit; whatever ends it, his phone is silent and he is free afterwards."""
        desk, reason = self._house.distributor, EndReason.ERROR.value
        try:
            reason = await self._visit(visit)
        except asyncio.CancelledError:
            reason = EndReason.INTERRUPTED.value
            raise
        finally:
            del self._visits[visit.supervisor]
            if not visit.took_over:
                for leg in (visit.leg, visit.came):
                    if leg is not None:
                        await leg.hang_up()
                desk.release(visit.supervisor, visit.call_id)
            now = self._house.clock.now()
            lasted_s = 0.0 if visit.began is None else round(now - visit.began, 3)
            ended = SupervisionEnded(visit.supervisor, visit.by, visit.mode, reason, lasted_s, visit.talk.agent)
            self._house.log.post(visit.call_id, ended)

    async def _visit(self, visit: _Visit) -> str:
        """Until he is out again; why."""
        over = asyncio.ensure_future(visit.talk.wait_over())
        ringing = asyncio.ensure_future(self._ring(visit))
        try:
            await _one_of(over, ringing, visit.told_to_leave)
            if not ringing.done():
                return _reason(visit)
            visit.leg = ringing.result()
            return await self._stay(visit, visit.leg, over)
        except CallRejected as refusal:
            return causes.verdict(refusal.status, refusal.cause).value
        except TransactionTimeout:
            return EndReason.NO_ANSWER.value
        except Unavailable:
            return EndReason.UNAVAILABLE.value
        except LocalProtocolError:
            return _TALK_OVER if over.done() else _REFUSED
        finally:
            over.cancel()
            ringing.cancel()
            await asyncio.wait({over, ringing})
            if visit.leg is None and not ringing.cancelled() and ringing.exception() is None:
                visit.leg = ringing.result()  # he answered at that moment

    async def _ring(self, visit: _Visit) -> Leg:
        if visit.came is not None:
            try:
                return await self._house.mover.move(visit.came, visit.call_id, when_moved=_nothing, role=SUPERVISOR)
            except LegEnded as gone:
                raise Unavailable(str(gone)) from None
        return await self._house.phones.ring(
            visit.supervisor,
            visit.call_id,
            caller=visit.talk.agent or visit.talk.outside.number,
            timeout_s=self._house.ring_timeout_s,
            auto_answer=True,
            role=SUPERVISOR,
        )

    async def _stay(self, visit: _Visit, leg: Leg, over: asyncio.Future[None]) -> str:
        """He has answered: let him in, and wait."""
        self._house.distributor.engage(visit.supervisor, visit.call_id)
        visit.began = self._house.clock.now()
        await self._join(visit, leg, visit.mode, visit.by)
        self._tell(visit, SupervisionStarted)
        gone = asyncio.ensure_future(leg.wait_ended())
        try:
            await self._in_talk(visit, leg, over, gone)
            while (talk := await self._next_talk(visit, gone)) is not None:
                await self._follow(visit, leg, talk, gone)
        finally:
            gone.cancel()
            await asyncio.wait({gone})
        if leg.end is None or visit.took_over:
            return _reason(visit)
        return _HUNG_UP if leg.end.reason is EndReason.NORMAL and not leg.end.by_us else leg.end.reason.value

    async def _in_talk(self, visit: _Visit, leg: Leg, over: asyncio.Future[None], gone: asyncio.Future[LegEnd]) -> None:
        """As long as this talk lasts, and he wants; then he hears nobody, unless it is his."""
        keys = asyncio.ensure_future(self._follow_keys(visit, leg))
        try:
            await _one_of(over, gone, visit.told_to_leave)
        finally:
            keys.cancel()
            await asyncio.wait({keys})
            if not visit.took_over:
                await visit.talk.dismiss(leg)

    async def _next_talk(self, visit: _Visit, gone: asyncio.Future[LegEnd]) -> OneTalk | None:
        """The caller's next talk, where he has been passed on; None where the supervisor has nothing to wait for."""
        before = visit.talk
        if gone.done() or visit.told_to_leave.done() or visit.took_over or not before.passed_on:
            return None
        coming = asyncio.ensure_future(self._house.transfers.next_talk(visit.call_id, before))
        away = asyncio.ensure_future(before.outside.wait_ended())
        happenings: set[asyncio.Future[OneTalk] | Happening] = {coming, away, gone, visit.told_to_leave}
        try:
            await asyncio.wait(happenings, timeout=FOLLOW_S, return_when=asyncio.FIRST_COMPLETED)
            return coming.result() if coming.done() else None
        finally:
            coming.cancel()
            away.cancel()
            await asyncio.wait({coming, away})

    async def _follow(self, visit: _Visit, leg: Leg, talk: OneTalk, gone: asyncio.Future[LegEnd]) -> None:
        """He listens to ``talk``, as long as that lasts."""
        visit.talk, visit.mode = talk, Oversight.LISTEN
        await self._join(visit, leg, visit.mode, visit.by)
        self._tell(visit, SupervisionChanged)
        over = asyncio.ensure_future(talk.wait_over())
        try:
            await self._in_talk(visit, leg, over, gone)
        finally:
            over.cancel()
            await asyncio.wait({over})

    async def _follow_keys(self, visit: _Visit, leg: Leg) -> None:
        """Do as he presses, until cancelled. A key that comes too late, the talk being over, does nothing."""
        with contextlib.suppress(LegEnded, LocalProtocolError, Unavailable):
            leg.clear_digits()
            while True:
                mode = KEYS.get(await leg.next_digit())
                if mode is not None and mode is not visit.mode:
                    await self._change(visit, mode, visit.supervisor)


def _nothing() -> None:
    """His phone changes calls; nobody need be told."""


async def _one_of(*happenings: Happening) -> None:
    """Wait for whichever comes first."""
    await asyncio.wait(happenings, return_when=asyncio.FIRST_COMPLETED)


def _reason(visit: _Visit) -> str:
    """Why he is out whose phone is up still."""
    if visit.took_over:
        return _TOOK_OVER
    if visit.told_to_leave.done():
        return visit.told_to_leave.result()
    waits_elsewhere = visit.talk.passed_on and visit.talk.outside.end is None
    return _PASSED_ON if waits_elsewhere else _TALK_OVER

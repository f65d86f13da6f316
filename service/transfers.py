"""Who talks with whom at this moment, so that a transfer that is asked for finds its talk."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from core.errors import LocalProtocolError, NotAllowed
from service.early_referrals import EarlyReferrals
from service.park import Lot, Parking
from service.routes import Destination
from service.targets import Abroad, Targets
from telephony.oversight import Oversight
from telephony.ports import Leg
from telephony.referral import Referral
from telephony.tolls import Tolls


def _tell_nobody(status: int) -> None:
    """Who asked looks at the log."""


@dataclass(frozen=True, slots=True)
class Order:
    """A transfer to be carried out: ``by`` asked for it; ``target`` is where it leads, ``moved`` instead of it whom he
    has consulted (attended), ``heir`` a supervisor who takes the talk over; ``party`` is whose leg that is; ``report``
    is told SIP statuses; ``grace_s`` is how long his phone may take to hang up.
    """

    to: str
    by: str
    target: Destination | Abroad | Parking | None = None
    moved: Leg | None = None
    heir: Leg | None = None
    party: str = ""
    report: Callable[[int], None] = _tell_nobody
    grace_s: float = 0.0

    @property
    def kind(self) -> str:
        """blind or attended."""
        return "attended" if self.moved is not None else "blind"


class OneTalk(Protocol):
    """A talk that goes on."""

    @property
    def outside(self) -> Leg:
        """Caller or customer, who owns the call."""
        ...

    @property
    def inside(self) -> Leg:
        """With whom he talks."""
        ...

    @property
    def agent(self) -> str:
        """The agent on ``inside``, "" for a number outside."""
        ...

    @property
    def passed_on(self) -> bool:
        """Whether a transfer is under way, or has ended it: the caller may talk with somebody else next."""
        ...

    def give(self, order: Order) -> bool:
        """Carry it out; False where another one is under way, or the talk is over."""
        ...

    async def supervise(self, supervisor: Leg, how: Oversight) -> None:
        """See ``telephony.bridge.Talk.supervise``."""
        ...

    async def dismiss(self, supervisor: Leg) -> None:
        """See ``telephony.bridge.Talk.dismiss``; no error where the talk is over."""
        ...

    async def set_aside(self, aside: bool) -> None:
        """See ``telephony.bridge.Talk.set_aside``; no error where the talk is over."""
        ...

    def leave_to(self, order: Order | None) -> None:
        """When the inside hangs up, the outside talks on with the heir of ``order`` (None: it is over then); its
        ``report`` is told 200 then, or another status when the talk is over without.
        """
        ...

    async def wait_over(self) -> None:
        """Until it is over, however it ends."""
        ...


PHONE_HANGS_UP_S: Final = 3.0
"""A phone hangs up when it is told that its transfer succeeded; one that does not is hung up after so long."""


class Transfers:
    """Finds the talk of each transfer that is asked for, by a phone (REFER) or in the console."""

    def __init__(self, targets: Targets, tolls: Tolls | None = None, lot: Lot | None = None) -> None:
        self._targets = targets
        self._tolls = tolls
        self._lot = lot or Lot()
        self._talks: dict[str, OneTalk] = {}
        self._early = EarlyReferrals(self._have_begun, self._decide)
        self._another_began = asyncio.Event()

    @contextlib.contextmanager
    def during(self, talk: OneTalk) -> Iterator[None]:
        """``talk`` has begun and may be transferred meanwhile."""
        legs = (talk.outside.id, talk.inside.id)
        self._talks.update(dict.fromkeys(legs, talk))
        began, self._another_began = self._another_began, asyncio.Event()
        began.set()
        try:
            self._early.look()
            yield
        finally:
            for leg in legs:
                self._talks.pop(leg, None)

    def talk_in(self, call_id: str) -> OneTalk | None:
        """The talk of a call; None where nobody talks in it now."""
        return next((talk for talk in self._talks.values() if talk.outside.call_id == call_id), None)

    async def next_talk(self, call_id: str, before: OneTalk) -> OneTalk:
        """The talk in a call that follows the one ``before``; waits for it, for ever where none comes."""
        while (talk := self.talk_in(call_id)) is None or talk is before:
            await self._another_began.wait()
        return talk

    def talk_of(self, agent: str) -> OneTalk | None:
        """The talk that ``agent`` is in; None where he talks with nobody now."""
        return next((talk for talk in self._talks.values() if talk.agent == agent), None)

    def refer(self, referral: Referral) -> None:
        """A phone asks; it is answered here once it talks, and told the outcome by whoever carries it out."""
        if self._have_begun(referral):
            self._decide(referral)
        else:
            self._early.keep(referral)

    def _have_begun(self, referral: Referral) -> bool:
        """Whether somebody talks on each leg that it names."""
        return all(leg.id in self._talks for leg in (referral.leg, referral.other) if leg is not None)

    def _decide(self, referral: Referral) -> None:
        order = self._attended(referral) if referral.other is not None else self._blind(referral)
        if isinstance(order, int):
            referral.refuse(order)
            return
        talk, what = order
        if not talk.give(what):
            referral.refuse(491)
            return
        referral.accept()

    def pass_on(self, call_id: str, to: str, by: str) -> None:
        """Transfer the talk of a call blind, as somebody at the console asks; ``LocalProtocolError`` says why not."""
        talk = self.talk_in(call_id)
        if talk is None:
            raise LocalProtocolError(f"nobody talks in call {call_id} now")
        target = self._lot.asked(to, talk.agent) or self._targets.transferred(to)
        if target is None:
            raise LocalProtocolError(f"nobody has the number {to!r}")
        if not self._has_room(target):
            raise LocalProtocolError("another call is parked there")
        try:
            self.may_be_called(target, call_id, by)
        except NotAllowed as refusal:
            raise LocalProtocolError(refusal.reason) from None
        if not talk.give(Order(to, by, target)):
            raise LocalProtocolError("another transfer is under way")

    def _blind(self, referral: Referral) -> "tuple[OneTalk, Order] | int":
        talk = self._talks.get(referral.leg.id)
        if talk is None or talk.inside.id != referral.leg.id:
            return 603  # he talks with nobody, or is himself the caller: there is nobody to be passed on
        target = self._lot.asked(referral.number, talk.agent) or self._targets.transferred(referral.number)
        if target is None:
            return 404
        if not self._has_room(target):
            return 486
        by = referral.leg.name.party
        try:
            self.may_be_called(target, talk.outside.call_id, by)
        except NotAllowed as refusal:
            return refusal.status
        return talk, Order(referral.number, by, target, report=referral.report, grace_s=PHONE_HANGS_UP_S)

    def _has_room(self, target: Destination | Abroad | Parking) -> bool:
        return not isinstance(target, Parking) or self._lot.has_room(target.slot)

    def may_be_called(self, target: Destination | Abroad | Parking, call_id: str, by: str) -> None:
        """``NotAllowed`` before the caller hears a thing; whoever dials asks once more, and counts."""
        if self._tolls is not None and isinstance(target, Abroad):
            self._tolls.check(target.number, call_id, by)

    def _attended(self, referral: Referral) -> "tuple[OneTalk, Order] | int":
        """Of the phone's two talks the one goes on in which the phone is inside, with whom it talks in the other."""
        if referral.other is None:
            return 603
        first, second = self._talks.get(referral.leg.id), self._talks.get(referral.other.id)
        if first is None or second is None or first is second:
            return 603
        if first.inside.id == referral.leg.id:
            stays, goes, phone = first, second, referral.other.id
        elif second.inside.id == referral.other.id:
            stays, goes, phone = second, first, referral.leg.id
        else:
            return 603  # he has called both; neither is a call that could go on without him
        moved = goes.outside if goes.inside.id == phone else goes.inside
        party = goes.agent if moved is goes.inside else ""
        by = referral.leg.name.party
        to = party or moved.number
        return stays, Order(to, by, moved=moved, party=party, report=referral.report, grace_s=PHONE_HANGS_UP_S)

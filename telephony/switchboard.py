"""The switchboard: incoming INVITEs become arrivals, rings and dials become legs, and each SIP event finds its leg.

It decides who may come in (``telephony.doorkeeper``) but not where a call goes: that is the journeys' matter.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from core.clock import Clock
from core.errors import ParseError, Unavailable
from core.events import Log
from core.ids import Ids
from telephony.audio import AudioRoom
from telephony.auto_answer import OFF, auto_answer_headers
from telephony.call import Call
from telephony.dialling import Dialler, Wish
from telephony.doorkeeper import Admitted, Doorkeeper, Refusal
from telephony.fork import ForkedLeg
from telephony.full_trunks import FullTrunks
from telephony.handover import Handover
from telephony.incoming import IncomingLeg
from telephony.leg import SipLeg
from telephony.leg_life import LegName
from telephony.negotiation import Terms
from telephony.outgoing import OutgoingLeg
from telephony.own_names import OwnNames
from telephony.phones import Phones, PhoneTarget
from telephony.ports import EndReason, Leg
from telephony.sip.address import NameAddress
from telephony.sip.events import Invited, Referred, Requested, Responded, SipEvent
from telephony.sip.hop import Hop
from telephony.sip.stack import SipStack
from telephony.sip.trace import Tracer
from telephony.sip.uri import SipUri
from telephony.tolls import Tolls
from telephony.trunk import TrunkBook
from telephony.trunk_identity import CameBy


@dataclass(frozen=True, slots=True)
class Arrival:
    """A new incoming call, known to the log as started: ``trunk`` it came by ("" from one of our phones), ``agent``
    whose phone it is ("" from outside).
    """

    call: Call
    leg: Leg
    ani: str
    dnis: str
    trunk: str = ""
    agent: str = ""


ArrivalHandler: TypeAlias = Callable[[Arrival], None]


class Switchboard:
    """Implements ``telephony.ports.AgentPhones`` and ``telephony.ports.Outside`` over one SIP stack."""

    def __init__(
        self,
        *,
        stack: SipStack,
        room: AudioRoom,
        log: Log,
        clock: Clock,
        ids: Ids,
        trunks: TrunkBook,
        phones: Phones,
        doorkeeper: Doorkeeper,
        tracer: Tracer | None = None,
        tolls: Tolls | None = None,
    ) -> None:
        self._stack = stack
        self._room = room
        self._events = log
        self._clock = clock
        self._ids = ids
        self._trunks = trunks
        self._phones = phones
        self._doorkeeper = doorkeeper
        self._tracer = tracer or Tracer()
        self.tolls = tolls or Tolls(clock.now, post=log.post)
        """What may be called outside."""
        self._legs: dict[str, SipLeg] = {}
        names = OwnNames(stack, phones, doorkeeper.realm)
        self.handover = Handover(
            stack=stack,
            room=room,
            log=log,
            ids=ids,
            legs=self._legs,
            forget=self._forget,
            means_us=lambda uri, agent: names.mean_us(uri, agent, clock.now()),
        )
        """REFER, Replaces, and legs that move to another call."""
        self._full = FullTrunks(log.post)
        self._dialler = Dialler(stack, trunks, clock, self._outgoing, self._follow, self._full, self.tolls.admit)
        self._on_arrival: ArrivalHandler | None = None
        self._early: dict[str, Callable[[Leg], None]] = {}
        self._ringing: dict[str, Callable[[], None]] = {}
        self._on_response: dict[str, Callable[[Responded], None]] = {}
        self._quiet = asyncio.Event()
        self._quiet.set()
        stack.set_guard(doorkeeper)
        stack.subscribe(self._on_sip)

    def open_for_calls(self, handler: ArrivalHandler) -> None:
        """From now on hand incoming calls to ``handler``; before, they are refused with 503."""
        self._on_arrival = handler

    def close_for_calls(self) -> None:
        """Refuse new calls with 503; calls that are up go on."""
        self._on_arrival = None

    @property
    def legs(self) -> tuple[SipLeg, ...]:
        """All legs that live."""
        return tuple(dict.fromkeys(self._legs.values()))  # a leg that rings several phones has as many sessions

    async def wait_quiet(self) -> None:
        """Until no leg lives."""
        await self._quiet.wait()

    def expect(self, key: str, handler: Callable[[Responded], None]) -> None:
        """Call ``handler`` with the answer to the stack's request ``key`` (a trunk's REGISTER or OPTIONS)."""
        self._on_response[key] = handler

    async def ring(
        self,
        agent: str,
        call_id: str,
        *,
        caller: str,
        timeout_s: float,
        auto_answer: bool = False,
        role: str = "agent",
    ) -> Leg:
        """See ``telephony.ports.AgentPhones``."""
        targets = self._phones.targets(agent, self._clock.now())
        if not targets:
            raise Unavailable(f"agent {agent} has no phone registered")
        name = LegName(self._ids.new("leg"), call_id, agent, role, agent)
        leg = ForkedLeg(name, stack=self._stack, room=self._room, log=self._events, drop=self._forget)
        leg.when_rings = lambda: self._rings(call_id)

        def invite(target: PhoneTarget, offer: bytes) -> str:
            ours = self._stack.address(target.hop.transport)
            from_ = NameAddress(SipUri(ours.host, user=caller), display=caller)
            # With several phones the wrong one might answer, in an empty room.
            alone = auto_answer and len(targets) == 1
            headers = auto_answer_headers(target.auto_answer if alone else OFF, ours.host)
            to, routes = NameAddress(target.uri), target.routes
            session = self._stack.invite(target.hop, target.uri, from_, to, offer, target.credentials, headers, routes)
            return self._follow(session, leg)

        await leg.connect_first(targets, invite, timeout_s)
        return leg

    async def dial(
        self, number: str, call_id: str, *, trunk: str, caller_id: str, timeout_s: float, by: str = ""
    ) -> Leg:
        """See ``telephony.ports.Outside``."""
        dialled = self.tolls.admit(number, call_id, by)
        return await self._dialler.dial(Wish(dialled, call_id, caller_id, timeout_s, by), trunk)

    def watch_early(self, call_id: str, handler: Callable[[Leg], None]) -> Callable[[], None]:
        """See ``telephony.ports.EarlyMedia``."""
        self._early[call_id] = handler
        return lambda: self._forget_early(call_id)

    def _forget_early(self, call_id: str) -> None:
        self._early.pop(call_id, None)

    def watch_ringing(self, call_id: str, handler: Callable[[], None]) -> Callable[[], None]:
        """See ``telephony.ports.Alerting``."""
        self._ringing[call_id] = handler
        return lambda: self._forget_ringing(call_id)

    def _forget_ringing(self, call_id: str) -> None:
        self._ringing.pop(call_id, None)

    def _rings(self, call_id: str) -> None:
        told = self._ringing.get(call_id)
        if told is not None:
            told()

    def flow_lost(self, hop: Hop) -> None:
        """A connection is gone: phones that only it could reach ring no more."""
        for leg in self.legs:
            if isinstance(leg, ForkedLeg):
                leg.flow_lost(hop)

    def _outgoing(self, call_id: str, number: str, trunk: str) -> OutgoingLeg:
        name = LegName(self._ids.new("leg"), call_id, number, "customer", trunk=trunk)
        leg = OutgoingLeg(name, stack=self._stack, room=self._room, log=self._events)
        leg.when_early = self._early.get(call_id)
        leg.when_rings = lambda: self._rings(call_id)
        return leg

    def _follow(self, session: str, leg: SipLeg) -> str:
        """Route the session's events to ``leg`` until it ends."""
        self._legs[session] = leg
        if self._tracer.on:
            self._tracer.tie(leg.call_id, self._stack.call_id_of(session))
        self._quiet.clear()
        leg.when_gone(lambda: self._forget(session, leg))
        return session

    def _forget(self, session: str, leg: SipLeg | None = None) -> None:
        """The session is nobody's any more; not where it is another leg's than ``leg`` by now."""
        if leg is None or self._legs.get(session) is leg:
            self._legs.pop(session, None)
        if not self._legs:
            self._quiet.set()

    def _on_sip(self, event: SipEvent) -> None:
        match event:
            case Invited():
                self._arrived(event)
            case Requested():
                self._requested(event)
            case Referred():
                self.handover.referred(event)
            case Responded(key=key):
                if handler := self._on_response.pop(key, None):
                    handler(event)
            case _:
                leg = self._legs.get(event.session)
                if leg is not None and leg.hears(event.session):
                    leg.on_sip(event)

    def _requested(self, event: Requested) -> None:
        reply = self._doorkeeper.answer(event.request, event.source, self._clock.now())
        self._stack.answer_request(event.key, reply.status, reply.headers, reason=reply.reason)

    def _arrived(self, event: Invited) -> None:
        if self._on_arrival is None:
            self._stack.reject(event.session, 503)
            return
        try:
            verdict = self._doorkeeper.admit(event.request, event.source, self._clock.now())
        except ParseError:
            self._stack.reject(event.session, 400)
            return
        match verdict:
            case Refusal(status=status, headers=headers):
                self._stack.reject(event.session, status, headers=headers)
            case Admitted(trunk=trunk) if event.replaces is not None:
                settings = self._trunks.named(trunk)
                terms = settings.terms if settings else self._terms_of(verdict)
                self.handover.replace(event, verdict, terms.towards(event.source.host))
            case Admitted():
                self._welcome(event, verdict, self._on_arrival)

    def _welcome(self, event: Invited, admitted: Admitted, handler: ArrivalHandler) -> None:
        trunk = self._trunks.named(admitted.trunk) if admitted.trunk else None
        if trunk is not None and not self._trunks.take(trunk.name):
            self._stack.reject(event.session, 503)
            now, (ani, dnis) = self._clock.now(), (admitted.ani, admitted.dnis)
            self._full.refused(trunk.name, "in", trunk.max_calls, now, ani=ani, dnis=dnis)
            return
        call = Call(self._ids.new("call"), self._events)
        call.started(
            direction="inbound" if trunk else "internal", ani=admitted.ani, dnis=admitted.dnis, trunk=admitted.trunk
        )
        name = LegName(self._ids.new("leg"), call.id, admitted.ani, "caller", admitted.agent, admitted.trunk)
        leg = IncomingLeg(
            name,
            stack=self._stack,
            room=self._room,
            log=self._events,
            session=event.session,
            offer=event.offer,
            terms=(trunk.terms if trunk else self._terms_of(admitted)).towards(event.source.host),
        )
        if trunk is not None:
            leg.reasons = trunk.identity.reasons
            leg.when_gone(lambda: self._trunks.give_back(trunk.name))
            call.diverted(admitted.diversions)
            self._dialler.arrived(call.id, CameBy(admitted.dnis, admitted.diversions), leg)
        self._follow(event.session, leg)
        if not leg.speaks():
            call.ended(EndReason.REJECTED, by="system")
            return
        handler(Arrival(call, leg, admitted.ani, admitted.dnis, admitted.trunk, admitted.agent))

    def _terms_of(self, admitted: Admitted) -> Terms:
        return self._phones.traits_of(admitted.agent).terms

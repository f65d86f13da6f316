"""Keeps us registered with the carriers that want it, and says how each trunk stands."""

import asyncio
import logging
import random
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from core.clock import Clock
from core.errors import Unavailable
from service.supervisor import Supervisor
from telephony.sip.address import NameAddress
from telephony.sip.events import Responded
from telephony.sip.hop import Hop
from telephony.sip.outbound import flow_timer_of, own_flow
from telephony.sip.registration import Registration, Send, State
from telephony.sip.service_route import service_route_of
from telephony.sip.stack import SipStack
from telephony.sip.uri import SipUri
from telephony.switchboard import Switchboard
from telephony.trunk import TrunkBook, TrunkSettings
from telephony.trunk_places import TrunkPlaces

_log = logging.getLogger("line400.service")
IDLE_S: Final = 3600.0
LEAVE_S: Final = 2.0
"""How long a carrier may take to answer our leave when the service stops."""


@dataclass(frozen=True, slots=True)
class TrunkState:
    """``level`` is ok, degraded or down, as the console's health shows it; ``text`` says why, ``code`` for the console
    to say it in its reader's language, with the carrier's ``status`` where it refused.
    """

    level: str
    text: str
    code: str
    status: int = 0


class TrunkLine:
    """One trunk that we register to."""

    def __init__(
        self, trunk: TrunkSettings, places: TrunkPlaces, stack: SipStack, switchboard: Switchboard, clock: Clock
    ) -> None:
        self.trunk = trunk
        self._places = places
        self._flow: Hop | None = None
        """Where we registered, if that was by a connection."""
        self._asked: set[Hop] = set()
        """Servers that did not answer since one last did."""
        self.machine = Registration(
            call_id=f"{secrets.token_hex(12)}@line400", expires_s=trunk.expires_s, chance=random.random
        )
        self._stack = stack
        self._switchboard = switchboard
        self._clock = clock
        self._answered = asyncio.Event()

    async def run(self) -> None:
        """Register, refresh, back off; until cancelled. Begun again, it goes on where it was."""
        if self.machine.state is State.IDLE:
            self.machine.start(self._clock.now())
        while True:
            self._send_what_is_due()
            deadline = self.machine.next_deadline()
            wait_s = IDLE_S if deadline is None else max(0.0, deadline - self._clock.now())
            self._answered.clear()
            try:
                async with asyncio.timeout(wait_s):
                    await self._answered.wait()
            except TimeoutError:
                self.machine.on_deadline(self._clock.now())

    def flow_lost(self, hop: Hop) -> None:
        """The connection to ``hop`` is gone."""
        if hop == self._flow:
            self._flow = None
            self.machine.flow_lost(self._clock.now())
            self._answered.set()  # there is another deadline

    async def leave(self) -> None:
        """Tell the carrier that we are gone; gives up after ``LEAVE_S``."""
        self.machine.stop(self._clock.now())
        self._answered.clear()
        if self._send_what_is_due():
            try:
                async with asyncio.timeout(LEAVE_S):
                    await self._answered.wait()
            except TimeoutError:
                return

    def _send_what_is_due(self) -> bool:
        due = self.machine.next_send()
        if due is None:
            return False
        try:
            self._register(due)
        except Unavailable as error:  # we do not listen on the trunk's transport
            _log.error("trunk %s: %s", self.trunk.name, error)
            self.machine.on_answer(503, None, "", self._clock.now())
        return True

    def _register(self, due: Send) -> None:
        trunk = self.trunk
        hop = self._next_hop()
        ours = self._stack.address(hop.transport)
        host = f"[{ours.host}]" if ":" in ours.host else ours.host
        contact = f"sip:{trunk.user}@{host}:{ours.port}"
        if hop.transport != "UDP":
            contact += f";transport={hop.transport.lower()}"
        us = NameAddress(SipUri(trunk.host, user=trunk.user))
        flow = own_flow(f"sip:{trunk.user}@{trunk.host} {trunk.name}") if trunk.outbound else ""
        supported = (("Supported", "outbound, path"),) if trunk.outbound else ()
        key = self._stack.request(
            hop,
            "REGISTER",
            SipUri(trunk.host, port=trunk.uri_port),
            us,
            us,
            trunk.credentials,
            headers=(("Contact", f"<{contact}>{flow}"), ("Expires", str(due.expires_s)), *supported),
            call_id=due.call_id,
            cseq=due.cseq,
        )

        def answered(event: Responded) -> None:
            now = self._clock.now()
            if self._dead(event):
                self._places.failed(hop, now)
                self._asked.add(hop)
                if self._asked.issuperset(self._places.hops) or not self.machine.elsewhere(now):
                    self._asked.clear()
                    self.machine.on_answer(event.status, event.response, contact, now)
            else:
                self._places.answered(hop)
                self._asked.clear()
                self._flow = hop if hop.reliable else None
                if self._flow is not None and event.response is not None and (often := flow_timer_of(event.response)):
                    self._stack.keep_flow(hop, often)
                if event.response is not None and 200 <= event.status < 300:
                    self._places.service_route = service_route_of(event.response)
                self.machine.on_answer(event.status, event.response, contact, now)
            self._answered.set()

        self._switchboard.expect(key, answered)

    def _next_hop(self) -> Hop:
        """The best server that has not failed us in this round."""
        hops = self._places.order(self._clock.now())
        return next((hop for hop in hops if hop not in self._asked), hops[0])

    @staticmethod
    def _dead(event: Responded) -> bool:
        return event.response is None or event.status == 503


_SEEN: Final = ("host", "proxy", "port", "transport", "user", "credentials", "expires_s")


def _same_registration(old: TrunkSettings, new: TrunkSettings) -> bool:
    """Whether the carrier would see no difference."""
    return all(getattr(old, name) == getattr(new, name) for name in _SEEN)


class Registrations:
    """All trunks with ``register``; the others only have a state to show."""

    def __init__(self, stack: SipStack, switchboard: Switchboard, trunks: TrunkBook, clock: Clock) -> None:
        self._make: Callable[[TrunkSettings], TrunkLine] = lambda trunk: TrunkLine(
            trunk, trunks.places(trunk.name), stack, switchboard, clock
        )
        self._trunks = trunks
        self._lines = {trunk.name: self._make(trunk) for trunk in trunks.all() if trunk.register}
        self._stops: dict[str, Callable[[], object]] = {}
        self._one_at_a_time = asyncio.Lock()

    def runners(self) -> Sequence[tuple[str, TrunkLine]]:
        """A name and a line to ``run`` for each registration."""
        return tuple((f"registration {name}", line) for name, line in self._lines.items())

    def begin(self, tasks: Supervisor) -> None:
        """Run those that do not run yet."""
        for name, line in self._lines.items():
            if name not in self._stops:
                self._stops[name] = tasks.keep(f"registration {name}", line.run)

    async def change(self, tasks: Supervisor) -> None:
        """The book of trunks has changed: leave where we are not to be any more, register where we are to be now.
        Registrations that are as before stay as they are.
        """
        async with self._one_at_a_time:
            await self._change(tasks)

    async def _change(self, tasks: Supervisor) -> None:
        wanted = {trunk.name: trunk for trunk in self._trunks.all() if trunk.register}
        over: list[TrunkLine] = []
        for name, line in tuple(self._lines.items()):
            trunk = wanted.get(name)
            if trunk is not None and _same_registration(line.trunk, trunk):
                line.trunk = trunk
                continue
            self._stops.pop(name, lambda: None)()
            over.append(self._lines.pop(name))
        await asyncio.gather(*(line.leave() for line in over))  # before the new ones: the contact may be the same
        for name, trunk in wanted.items():
            self._lines.setdefault(name, self._make(trunk))
        self.begin(tasks)

    def line(self, trunk: str) -> TrunkLine | None:
        """The registration of that trunk; None where it does not register."""
        return self._lines.get(trunk)

    def flow_lost(self, hop: Hop) -> None:
        """A connection is gone: who registered by it registers anew."""
        for line in self._lines.values():
            line.flow_lost(hop)

    def state(self, trunk: str) -> TrunkState:
        """How the trunk stands."""
        line = self._lines.get(trunk)
        if line is None:
            return TrunkState("ok", "by address", "trunk_by_address")
        if line.machine.registered:
            return TrunkState("ok", "registered", "trunk_registered")
        status = line.machine.last_status
        if status:
            return TrunkState("down", f"registration refused with {status}", "trunk_refused", status)
        return TrunkState("degraded", "not registered yet", "trunk_not_yet")

    async def leave(self) -> None:
        """Take leave of every carrier."""
        await asyncio.gather(*(line.leave() for line in self._lines.values()))

"""Asks every address of every trunk with ``options_s`` for its pulse, and tells the book and the log what changes.

A trunk is up while one of its addresses is; those that are silent are tried last (``telephony.trunk_places``).
"""

import asyncio
import logging
from typing import Final

from core.clock import Clock
from core.errors import Unavailable
from core.events import Log
from service.registrations import Registrations, TrunkState
from telephony.facts import TrunkDown, TrunkUp
from telephony.sip.address import NameAddress
from telephony.sip.events import Responded
from telephony.sip.hop import Hop
from telephony.sip.stack import SipStack
from telephony.sip.uri import SipUri
from telephony.switchboard import Switchboard
from telephony.trunk import TrunkBook, TrunkSettings
from telephony.trunk_pulse import Pulse, TrunkPulse

_log = logging.getLogger("line400.service")
LOOK_S: Final = 0.5


class Qualifier:
    """One pulse for each address of each such trunk."""

    def __init__(self, stack: SipStack, switchboard: Switchboard, trunks: TrunkBook, clock: Clock, log: Log) -> None:
        self._stack = stack
        self._switchboard = switchboard
        self._trunks = trunks
        self._clock = clock
        self._events = log
        self._pulses: dict[str, dict[Hop, TrunkPulse]] = {}
        self._states: dict[str, Pulse] = {}
        self._asked: dict[str, TrunkSettings] = {}
        self.change()

    def change(self) -> None:
        """The book of trunks has changed: those that are as before keep what is known of them."""
        before, known = self._asked, self._pulses
        self._asked = {trunk.name: trunk for trunk in self._trunks.all() if trunk.options_s > 0}
        same = {name for name, trunk in self._asked.items() if before.get(name) == trunk}
        self._pulses = {name: known.get(name, {}) for name in same}
        self._states = {name: state for name, state in self._states.items() if name in same}

    def state(self, trunk: str) -> Pulse | None:
        """What is known of the trunk; None where it is not asked."""
        return self._states.get(trunk, Pulse.UNKNOWN) if trunk in self._asked else None

    def round_trip_s(self, trunk: str) -> float | None:
        """Of the first of its addresses that answers."""
        pulses = self._pulses.get(trunk, {}).values()
        return next((pulse.round_trip_s for pulse in pulses if pulse.round_trip_s is not None), None)

    def pulse(self, trunk: str, hop: Hop) -> TrunkPulse | None:
        """Of one address; None where it is not asked."""
        return self._pulses.get(trunk, {}).get(hop)

    async def run(self) -> None:
        """Ask whoever is due; until cancelled."""
        while True:
            for trunk in self._asked.values():
                self._ask_those_due(trunk)
            await asyncio.sleep(LOOK_S)

    def _ask_those_due(self, trunk: TrunkSettings) -> None:
        before = self._pulses.get(trunk.name, {})
        hops = self._trunks.places(trunk.name).hops
        pulses = {hop: before.get(hop) or TrunkPulse(trunk.options_s) for hop in hops}
        self._pulses[trunk.name] = pulses
        for hop, pulse in pulses.items():
            if pulse.ask(self._clock.now()):
                self._ask(trunk, hop, pulse)

    def _ask(self, trunk: TrunkSettings, hop: Hop, pulse: TrunkPulse) -> None:
        try:
            ours = self._stack.address(hop.transport)
        except Unavailable as error:  # we do not listen on its transport
            self._told(trunk.name, hop, pulse, 503, str(error))
            return
        to = NameAddress(SipUri(trunk.host))
        from_ = NameAddress(SipUri(ours.host, user=trunk.user or "line400"))
        uri = SipUri(trunk.host, port=trunk.uri_port)
        key = self._stack.request(hop, "OPTIONS", uri, from_, to, trunk.credentials)

        def answered(event: Responded) -> None:
            why = f"answers {event.status}" if event.response is not None else "does not answer"
            self._told(trunk.name, hop, pulse, event.status, why)

        self._switchboard.expect(key, answered)

    def _told(self, name: str, hop: Hop, pulse: TrunkPulse, status: int, why: str) -> None:
        now = self._clock.now()
        pulse.answered(status, now)
        if self.pulse(name, hop) is not pulse:
            return  # of an address that is none any more
        places = self._trunks.places(name)
        if pulse.misses:
            places.failed(hop, now)
        else:
            places.answered(hop)
        states = {one.state for one in self._pulses[name].values()}
        if Pulse.UP in states:
            self._now(name, Pulse.UP, why)
        elif states == {Pulse.DOWN}:
            self._now(name, Pulse.DOWN, why)

    def _now(self, name: str, state: Pulse, why: str) -> None:
        if self._states.get(name) is state:
            return
        self._states[name] = state
        if state is Pulse.DOWN:
            _log.warning("trunk %s is down: %s", name, why)
            self._events.post("", TrunkDown(name, why))
        else:
            self._events.post("", TrunkUp(name))
        self._trunks.mark(name, down=state is Pulse.DOWN)


def trunk_state(registrations: Registrations, qualifier: Qualifier, trunk: str) -> TrunkState:
    """How the trunk stands by its pulse and, where it has one, its registration: the worse of the two."""
    state = registrations.state(trunk)
    pulse = qualifier.state(trunk)
    if pulse is None or state.level == "down":
        return state
    if pulse is Pulse.DOWN:
        return TrunkState("down", "does not answer OPTIONS", "trunk_silent")
    round_trip_s = qualifier.round_trip_s(trunk)
    if round_trip_s is not None and state.code == "trunk_by_address":
        return TrunkState("ok", f"by address, answers in {1000 * round_trip_s:.0f} ms", "trunk_by_address")
    return state

"""Asks every trunk with ``options_s`` for its pulse, and tells the book and the log what changes."""

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
from telephony.sip.stack import SipStack
from telephony.sip.uri import SipUri
from telephony.switchboard import Switchboard
from telephony.trunk import TrunkBook, TrunkSettings
from telephony.trunk_pulse import Pulse, TrunkPulse

_log = logging.getLogger("line400.service")
LOOK_S: Final = 0.5


class Qualifier:
    """One pulse for each such trunk."""

    def __init__(self, stack: SipStack, switchboard: Switchboard, trunks: TrunkBook, clock: Clock, log: Log) -> None:
        self._stack = stack
        self._switchboard = switchboard
        self._trunks = trunks
        self._clock = clock
        self._events = log
        self._pulses: dict[str, TrunkPulse] = {}
        self._asked: dict[str, TrunkSettings] = {}
        self.change()

    def change(self) -> None:
        """The book of trunks has changed: those that are as before keep what is known of them."""
        before, known = self._asked, self._pulses
        self._asked = {trunk.name: trunk for trunk in self._trunks.all() if trunk.options_s > 0}
        self._pulses = {
            name: known[name] if before.get(name) == trunk else TrunkPulse(trunk.options_s)
            for name, trunk in self._asked.items()
        }

    def pulse(self, trunk: str) -> TrunkPulse | None:
        """What is known of the trunk; None where it is not asked."""
        return self._pulses.get(trunk)

    async def run(self) -> None:
        """Ask whoever is due; until cancelled."""
        while True:
            for name, pulse in tuple(self._pulses.items()):
                trunk = self._trunks.named(name)
                if trunk is not None and pulse.ask(self._clock.now()):
                    self._ask(trunk, pulse)
            await asyncio.sleep(LOOK_S)

    def _ask(self, trunk: TrunkSettings, pulse: TrunkPulse) -> None:
        try:
            ours = self._stack.address(trunk.transport)
        except Unavailable as error:  # we do not listen on its transport
            self._told(trunk.name, pulse, 503, str(error))
            return
        to = NameAddress(SipUri(trunk.host))
        from_ = NameAddress(SipUri(ours.host, user=trunk.user or "line400"))
        key = self._stack.request(
            trunk.hop, "OPTIONS", SipUri(trunk.host, port=trunk.port), from_, to, trunk.credentials
        )

        def answered(event: Responded) -> None:
            why = f"answers {event.status}" if event.response is not None else "does not answer"
            self._told(trunk.name, pulse, event.status, why)

        self._switchboard.expect(key, answered)

    def _told(self, name: str, pulse: TrunkPulse, status: int, why: str) -> None:
        if not pulse.answered(status, self._clock.now()) or self._pulses.get(name) is not pulse:
            return  # nothing new, or of a trunk that is another by now
        if pulse.state is Pulse.DOWN:
            _log.warning("trunk %s is down: %s", name, why)
            self._events.post("", TrunkDown(name, why))
        else:
            self._events.post("", TrunkUp(name))
        self._trunks.mark(name, down=pulse.state is Pulse.DOWN)


def trunk_state(registrations: Registrations, qualifier: Qualifier, trunk: str) -> TrunkState:
    """How the trunk stands by its pulse and, where it has one, its registration: the worse of the two."""
    state = registrations.state(trunk)
    pulse = qualifier.pulse(trunk)
    if pulse is None or state.level == "down":
        return state
    if pulse.state is Pulse.DOWN:
        return TrunkState("down", "does not answer OPTIONS", "trunk_silent")
    if pulse.round_trip_s is not None and state.code == "trunk_by_address":
        return TrunkState("ok", f"by address, answers in {1000 * pulse.round_trip_s:.0f} ms", "trunk_by_address")
    return state

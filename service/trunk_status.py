"""How every trunk stands now, for the console: ``console.ports.TrunkLines`` over book, registrations and pulses."""

from collections.abc import Sequence

from console.views import TrunkAddressView, TrunkView
from core.clock import Clock
from service.qualify import Qualifier, trunk_state
from service.registrations import Registrations
from telephony.trunk import TrunkBook, TrunkSettings
from telephony.trunk_places import Standing
from telephony.trunk_pulse import Pulse, TrunkPulse

_PULSES = {Pulse.UNKNOWN: "unknown", Pulse.UP: "up", Pulse.DOWN: "down"}


class TrunkStatus:
    """Reads; nothing is asked of any carrier."""

    def __init__(self, trunks: TrunkBook, registrations: Registrations, qualifier: Qualifier, clock: Clock) -> None:
        self._trunks = trunks
        self._registrations = registrations
        self._qualifier = qualifier
        self._clock = clock

    def trunks(self) -> Sequence[TrunkView]:
        """See the port."""
        return [self._view(trunk) for trunk in self._trunks.all()]

    def _view(self, trunk: TrunkSettings) -> TrunkView:
        now = self._clock.now()
        state = trunk_state(self._registrations, self._qualifier, trunk.name)
        calls = self._trunks.calls(trunk.name)
        places = self._trunks.places(trunk.name)
        line = self._registrations.line(trunk.name)
        lapses_at = line.machine.lapses_at if line is not None else None
        asks_at = line.machine.next_deadline() if line is not None else None
        return TrunkView(
            name=trunk.name,
            host=trunk.host,
            transport=trunk.transport.lower() or "auto",
            state=state.level,
            detail=state.text,
            code=state.code,
            values=[calls, state.status],
            calls=calls,
            max_calls=trunk.max_calls,
            calls_per_s=trunk.calls_per_s,
            codecs=list(trunk.terms.codecs),
            encryption=trunk.terms.encryption.value,
            registers=trunk.register,
            registered_for_s=None if lapses_at is None else max(0.0, round(lapses_at - now, 1)),
            register_again_s=None if asks_at is None else max(0.0, round(asks_at - now, 1)),
            addresses=[
                _address(one, self._qualifier.pulse(trunk.name, one.hop), asked=trunk.options_s > 0)
                for one in places.standings(now)
            ],
            lookup=places.fault,
        )


def _address(one: Standing, pulse: TrunkPulse | None, *, asked: bool) -> TrunkAddressView:
    state = _PULSES[pulse.state] if pulse is not None else "unknown" if asked else "not_asked"
    trip_s = pulse.round_trip_s if pulse is not None else None
    round_trip_ms = None if trip_s is None else round(1000 * trip_s, 1)
    return TrunkAddressView(str(one.hop), state, round_trip_ms, one.failures, one.avoided_s)

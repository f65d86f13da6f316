"""What the console is told of agents' phones."""

from collections.abc import Callable, Iterable, Sequence

from console.phone_views import PhoneView
from console.views import Component
from core.clock import Clock
from telephony.phone_pulse import Pulse
from telephony.phones import Phone, Phones


class PhoneStatus:
    """``console.ports.PhoneBook``; ``agents`` gives those of the configuration, in its order."""

    def __init__(self, phones: Phones, agents: Callable[[], Iterable[str]], clock: Clock) -> None:
        self._phones = phones
        self._agents = agents
        self._clock = clock

    def phones(self) -> Sequence[PhoneView]:
        """See the port."""
        return [self._view(phone) for phone in self._phones.all(self._agents(), self._clock.now())]

    def component(self) -> Component:
        """The phones as one part of the house: degraded while one that is registered does not answer."""
        phones = self._phones.all(self._agents(), self._clock.now())
        silent = sum(not self._phones.pulses.answers(phone.key) for phone in phones)
        return Component(
            "phones",
            "degraded" if silent else "ok",
            f"{len(phones)} phones, {silent} do not answer",
            "phones_silent" if silent else "phones_there",
            [len(phones), silent],
        )

    def _view(self, phone: Phone) -> PhoneView:
        pulse, binding = self._phones.pulses.of(phone.key), phone.binding
        state = pulse.state if pulse is not None else Pulse.NEW
        round_trip_s = pulse.round_trip_s if pulse is not None else None
        return PhoneView(
            agent=phone.agent,
            contact=str(binding.uri if binding is not None else phone.target.uri),
            address=str(phone.target.hop),
            user_agent=binding.user_agent if binding is not None else "",
            fixed=binding is None,
            state=state.value,
            round_trip_ms=round(1000 * round_trip_s, 1) if round_trip_s is not None else None,
            refreshed_at=binding.refreshed_at if binding is not None else None,
            expires_at=binding.expires_at if binding is not None else None,
        )

"""``console.ports.Lockouts`` over the defence of the exchange; the command line goes through it too."""

from collections.abc import Sequence

from console.operation_views import LockoutView
from core.clock import Clock
from telephony.defence import Defence


class ConsoleLockouts:
    """Shows and ends pauses."""

    def __init__(self, defence: Defence, clock: Clock) -> None:
        self._defence = defence
        self._clock = clock

    def lockouts(self) -> Sequence[LockoutView]:
        """See the port."""
        found = self._defence.lockouts(self._clock.now())
        return [LockoutView(one.source, one.user, one.wrong, one.since, one.until) for one in found]

    def lift(self, source: str, by: str) -> int:
        """See the port."""
        return self._defence.lift(source, by, self._clock.now())

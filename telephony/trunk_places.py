"""Where one carrier is: its addresses as the DNS gave them, and which of them lately took no message (RFC 3263 §4.3).

An address that failed is tried last for a while that grows with every failure; whatever answers is at once well again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from telephony.sip.hop import Hop
from telephony.sip.locating import Server, drawn, is_address
from telephony.sip.path import Path

FIRST_S: Final = 10.0
LONGEST_S: Final = 300.0


@dataclass(frozen=True, slots=True)
class Standing:
    """One address: ``failures`` in a row, and for how many more seconds it is tried last."""

    hop: Hop
    failures: int
    avoided_s: float


class TrunkPlaces:
    """``fallback`` is where to send before anything is found. ``sticky`` trunks (those that we register with) keep one
    order, so that calls go where the registration is; others draw an order by weight for each call.
    """

    def __init__(self, fallback: Hop, *, sticky: bool, chance: Callable[[], float]) -> None:
        self._servers: tuple[Server, ...] = (Server(0, 0, (fallback,)),)
        self._sticky = sticky
        self._chance = chance
        self._kept: tuple[Hop, ...] = (fallback,)
        self._failed: dict[Hop, tuple[int, float]] = {}
        self.addresses = _addresses(self._kept)
        """The IP addresses: requests from there are the carrier's."""
        self.fault = ""
        """What the last look-up said, "" where it found something."""
        self.service_route: Path = ()
        """By which proxies our calls go, as the carrier has said since we are registered with it (RFC 3608)."""
        self.look_up_at = 0.0
        self.look_ups_failed = 0

    def found(self, servers: Sequence[Server]) -> None:
        """Take what the DNS says now. A drawn order holds as long as the servers stay the same."""
        self.fault = ""
        if tuple(servers) == self._servers:
            return
        self._servers = tuple(servers)
        self._kept = tuple(drawn(self._servers, self._chance))
        self._failed = {hop: state for hop, state in self._failed.items() if hop in self._kept}
        self.addresses = _addresses(self._kept)

    @property
    def hops(self) -> tuple[Hop, ...]:
        """All addresses, in one order that lasts."""
        return self._kept

    def order(self, now: float) -> list[Hop]:
        """Where to send at ``now``, the best first; never empty."""
        hops = list(self._kept) if self._sticky else drawn(self._servers, self._chance)
        hops.sort(key=lambda hop: self._avoided_s(hop, now))  # keeps the order among those that are well
        return hops

    def failed(self, hop: Hop, now: float) -> None:
        """``hop`` could not be reached, did not answer, or sent 503. The back-off is half by chance."""
        if hop not in self._kept:
            return
        failures = self._failed.get(hop, (0, 0.0))[0] + 1
        plain = min(LONGEST_S, FIRST_S * 2.0 ** min(failures - 1, 8))
        self._failed[hop] = (failures, now + plain * (0.5 + 0.5 * self._chance()))

    def answered(self, hop: Hop) -> None:
        """``hop`` has answered."""
        self._failed.pop(hop, None)

    def standings(self, now: float) -> tuple[Standing, ...]:
        """How each address stands."""
        return tuple(
            Standing(hop, self._failed.get(hop, (0, 0.0))[0], round(self._avoided_s(hop, now), 1)) for hop in self._kept
        )

    def _avoided_s(self, hop: Hop, now: float) -> float:
        return max(0.0, self._failed.get(hop, (0, now))[1] - now)


def _addresses(hops: Sequence[Hop]) -> frozenset[str]:
    return frozenset(hop.host for hop in hops if is_address(hop.host))

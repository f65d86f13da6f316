"""Trunks: the carriers that bring calls from outside and take ours, known by address, by registration, or both."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from core.numbers import national
from telephony.negotiation import PLAIN_TERMS, Terms
from telephony.sip.credentials import Credentials
from telephony.sip.hop import Hop


@dataclass(frozen=True, slots=True)
class TrunkSettings:
    """One carrier. Requests from ``host`` (where it is an address) or from one of ``sources`` (addresses or networks
    such as ``10.1.0.0/16``) are its calls. ``caller_id`` is shown where a call names no other. ``dial_format`` is how
    Chinese numbers are sent to it: ``national`` (13800138000, 02112345678), as carriers there take them, or ``e164``.
    """

    name: str
    host: str
    port: int = 5060
    transport: str = "UDP"
    sources: tuple[str, ...] = ()
    register: bool = False
    user: str = ""
    password: str = ""
    expires_s: int = 600
    caller_id: str = ""
    terms: Terms = PLAIN_TERMS
    max_calls: int = 30
    dial_format: str = "national"

    def dialled(self, number: str) -> str:
        """``number`` (E.164, a service or a short number) as this carrier is to get it."""
        return national(number) if self.dial_format == "national" else number

    @property
    def hop(self) -> Hop:
        """Where calls through this trunk are sent."""
        return Hop(self.transport, self.host, self.port)

    @property
    def credentials(self) -> Credentials | None:
        """What we prove ourselves with when the carrier asks."""
        return Credentials(self.user, self.password) if self.user else None


class TrunkBook:
    """All trunks: finds the one that a request came from, and counts the calls on each."""

    def __init__(self, trunks: Sequence[TrunkSettings]) -> None:
        self._trunks = {trunk.name: trunk for trunk in trunks}
        self._up = dict.fromkeys(self._trunks, 0)
        self._networks = [
            (ipaddress.ip_network(source, strict=False), trunk)
            for trunk in trunks
            for source in (*trunk.sources, *([trunk.host] if _is_address(trunk.host) else []))
        ]

    def named(self, name: str) -> TrunkSettings | None:
        """The trunk of that name."""
        return self._trunks.get(name)

    def all(self) -> tuple[TrunkSettings, ...]:
        """Every trunk, in the order of the configuration."""
        return tuple(self._trunks.values())

    def of_source(self, source: Hop) -> TrunkSettings | None:
        """The trunk whose address a request came from; of several, the one whose port fits too."""
        address = ipaddress.ip_address(source.host)
        matches = [trunk for network, trunk in self._networks if address in network]
        exact = [trunk for trunk in matches if trunk.port == source.port]
        return next(iter(exact or matches), None)

    def take(self, name: str) -> bool:
        """Count one more call on the trunk; False where it has no free channel."""
        if self._up[name] >= self._trunks[name].max_calls:
            return False
        self._up[name] += 1
        return True

    def give_back(self, name: str) -> None:
        """A call on the trunk has ended."""
        self._up[name] -= 1

    def calls(self, name: str) -> int:
        """Calls that are up on the trunk."""
        return self._up[name]


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True

"""Trunks: the carriers that bring calls from outside and take ours, known by address, by registration, or both."""

import ipaddress
import random
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from core.errors import Unavailable
from core.numbers import national
from telephony.negotiation import PLAIN_TERMS, Terms
from telephony.sip.credentials import Credentials
from telephony.sip.hop import DEFAULT_PORTS, UDP, Hop
from telephony.sip.locating import Target, is_address
from telephony.trunk_identity import DEFAULT_POLICY, IdentityPolicy
from telephony.trunk_matching import likeness
from telephony.trunk_numbers import NumberRule, rewrite
from telephony.trunk_places import TrunkPlaces

MAX_WAIT_S: Final = 5.0
"""A call that would wait longer for its turn on a trunk with a limit of calls per second is refused instead."""


@dataclass(frozen=True, slots=True)
class TrunkSettings:
    """One carrier. ``host`` stands in URIs of its; requests go there, or to its outbound ``proxy`` (RFC 3261 §8.1.2).
    Requests from there (what it resolves to, where it is a name) or from one of ``sources`` (addresses or networks such
    as ``10.1.0.0/16``) are its calls. Our account is ``user`` at ``host``; ``auth_user`` is what digest knows it by,
    where that is another name, as in IMS (a public identity, and a private one that proves it).
    ``port`` 0 asks the DNS for SRV records and means the usual port where there are none; ``transport`` "" asks it for
    NAPTR. ``reach_s`` is how long an INVITE may stay
    without any answer where another address or trunk could take it (0: as long as SIP allows). ``caller_id`` is shown
    where a call names no other; of ``caller_ids`` each called number is always shown the same one. ``dial_format`` is
    how Chinese numbers are sent to it: ``national`` (13800138000, 02112345678), as carriers there take them, or
    ``e164`` (+8613800138000); then ``dial_rules`` are applied.
    ``arrival_rules`` rewrite the called number of its calls. ``calls_per_s`` 0 is no limit; ``options_s`` 0 asks for
    no pulse.
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
    caller_ids: tuple[str, ...] = ()
    dial_rules: tuple[NumberRule, ...] = ()
    arrival_rules: tuple[NumberRule, ...] = ()
    calls_per_s: float = 0.0
    options_s: float = 0.0
    reach_s: float = 5.0
    identity: IdentityPolicy = DEFAULT_POLICY
    outbound: bool = False
    """Register a flow (RFC 5626): the carrier is to call us by the connection that we made."""
    proxy: str = ""
    auth_user: str = ""

    def dialled(self, number: str) -> str:
        """``number`` (E.164, a service or a short number) as this carrier is to get it."""
        return rewrite(national(number) if self.dial_format == "national" else number, self.dial_rules)

    def called(self, number: str) -> str:
        """The called ``number`` of one of its calls as the house knows it."""
        return rewrite(number, self.arrival_rules)

    def shown(self, number: str) -> str:
        """The number that ``number`` sees when it is called and the call names none."""
        if self.caller_ids:
            return self.caller_ids[zlib.crc32(number.encode()) % len(self.caller_ids)]
        return self.caller_id or self.user

    @property
    def reached(self) -> str:
        """The name or address that requests are sent to, and calls come from."""
        return self.proxy or self.host

    @property
    def hop(self) -> Hop:
        """Where calls through this trunk are sent as long as nothing better is known."""
        transport = self.transport or UDP
        return Hop(transport, self.reached, self.port or DEFAULT_PORTS[transport])

    @property
    def uri_port(self) -> int | None:
        """The port in URIs of the carrier: only one that is given, since a port there forbids SRV (RFC 3263 §4.2). With
        a proxy it is the proxy's.
        """
        return None if self.proxy else self.port or None

    def target(self, transports: tuple[str, ...], families: tuple[int, ...]) -> Target:
        """What to look up, with what we can use."""
        return Target(self.reached, self.port, self.transport, transports, families)

    @property
    def credentials(self) -> Credentials | None:
        """What we prove ourselves with when the carrier asks."""
        name = self.auth_user or self.user
        return Credentials(name, self.password) if name else None


@dataclass(frozen=True, slots=True)
class TrunkGroup:
    """Trunks that stand in for each other. Without ``weights`` the first that works takes the call; with them calls are
    spread in their proportion, and the others stand in.
    """

    name: str
    trunks: tuple[str, ...]
    weights: tuple[int, ...] = ()


class TrunkBook:
    """All trunks: finds the one that a request came from, those that a call may take, and counts the calls on each."""

    def __init__(
        self,
        trunks: Sequence[TrunkSettings],
        groups: Sequence[TrunkGroup] = (),
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._chance = chance
        self._trunks: dict[str, TrunkSettings] = {}
        self._places: dict[str, TrunkPlaces] = {}
        self._up: dict[str, int] = {}
        self._down: set[str] = set()
        self._turn: dict[str, float] = {}
        self.change(trunks, groups)

    def change(self, trunks: Sequence[TrunkSettings], groups: Sequence[TrunkGroup] = ()) -> None:
        """These hold from now on. Calls that are up stay counted, also on a trunk that is gone."""
        self._places = {trunk.name: self._places_of(trunk) for trunk in trunks}
        self._trunks = {trunk.name: trunk for trunk in trunks}
        self._groups = {group.name: group for group in groups}
        self._up = dict.fromkeys(self._trunks, 0) | {name: up for name, up in self._up.items() if up}
        self._down &= self._trunks.keys()
        self._spread: dict[str, list[float]] = {group.name: [0.0] * len(group.trunks) for group in groups}
        self._networks = [
            (ipaddress.ip_network(source, strict=False), trunk)
            for trunk in trunks
            for source in (*trunk.sources, *([trunk.reached.strip("[]")] if is_address(trunk.reached) else []))
        ]

    def _places_of(self, trunk: TrunkSettings) -> TrunkPlaces:
        """What is known of them, as long as the carrier is to be found by the same name."""
        before = self._trunks.get(trunk.name)
        if before is not None and (before.hop, before.port, before.transport, before.register) == (
            trunk.hop,
            trunk.port,
            trunk.transport,
            trunk.register,
        ):
            return self._places[trunk.name]
        return TrunkPlaces(trunk.hop, sticky=trunk.register, chance=self._chance)

    def named(self, name: str) -> TrunkSettings | None:
        """The trunk of that name."""
        return self._trunks.get(name)

    def all(self) -> tuple[TrunkSettings, ...]:
        """Every trunk, in the order of the configuration."""
        return tuple(self._trunks.values())

    def of_source(self, source: Hop) -> TrunkSettings | None:
        """The trunk whose address a request came from; of several, the one that fits best as far as that can be told
        without knowing what is called.
        """
        return self.of_call(source, ())

    def of_call(self, source: Hop, called: Sequence[str]) -> TrunkSettings | None:
        """The same for a call: ``called`` are the users of its Request-URI and To, by which two accounts or numbers at
        one carrier are told apart.
        """
        address = ipaddress.ip_address(source.host)
        named_bits: dict[str, int] = {}
        for network, trunk in self._networks:
            if address in network:
                named_bits[trunk.name] = max(network.prefixlen, named_bits.get(trunk.name, 0))
        text = str(address)
        named_bits |= {name: address.max_prefixlen for name, places in self._places.items() if text in places.addresses}
        if len(named_bits) < 2:
            return self._trunks[next(iter(named_bits))] if named_bits else None
        matches = [trunk for name, trunk in self._trunks.items() if name in named_bits]
        return max(matches, key=lambda trunk: likeness(trunk, named_bits[trunk.name], source, called))

    def places(self, name: str) -> TrunkPlaces:
        """Where the trunk of that name is; ``KeyError`` where there is none."""
        return self._places[name]

    def candidates(self, name: str) -> list[TrunkSettings]:
        """The trunks by which a call to trunk or group ``name`` may go, in the order in which they are to be tried;
        those that are known to be down come last. Empty where there is no such trunk or group.
        """
        group = self._groups.get(name)
        if group is None:
            return [self._trunks[name]] if name in self._trunks else []
        order = self._weighted(group) if group.weights else list(group.trunks)
        order.sort(key=lambda trunk: trunk in self._down)  # keeps the order within each half
        return [self._trunks[trunk] for trunk in order]

    def _weighted(self, group: TrunkGroup) -> list[str]:
        """Smooth weighted round robin: each turn everyone gains his weight, and the richest pays all of it."""
        standing = self._spread[group.name]
        for index, weight in enumerate(group.weights):
            standing[index] += weight
        order = sorted(range(len(group.trunks)), key=lambda index: -standing[index])
        standing[order[0]] -= sum(group.weights)
        return [group.trunks[index] for index in order]

    def mark(self, name: str, *, down: bool) -> None:
        """Note what its pulse or registration says of a trunk."""
        if down:
            self._down.add(name)
        else:
            self._down.discard(name)

    def turn_s(self, name: str, now: float) -> float:
        """Take the next turn on the trunk: how many seconds the call must wait for it. ``Unavailable`` where too many
        wait already.
        """
        trunk = self._trunks.get(name)
        if trunk is None:
            raise Unavailable(f"trunk {name!r} has been taken out of the configuration")
        limit = trunk.calls_per_s
        if limit <= 0:
            return 0.0
        at = max(now, self._turn.get(name, now))
        if at - now > MAX_WAIT_S:
            raise Unavailable(f"more calls than {limit:g} a second are asked of trunk {name!r}")
        self._turn[name] = at + 1 / limit
        return at - now

    def members(self, name: str) -> tuple[str, ...]:
        """The trunks behind the name of a trunk or group; none where there is no such one."""
        group = self._groups.get(name)
        if group is not None:
            return group.trunks
        return (name,) if name in self._trunks else ()

    def waits_s(self, name: str, now: float, behind: int = 0) -> float:
        """How long a call would wait for its turn on the trunk, ``behind`` so many others; no turn is taken."""
        trunk = self._trunks.get(name)
        if trunk is None or trunk.calls_per_s <= 0:
            return 0.0
        return max(0.0, self._turn.get(name, now) - now) + behind / trunk.calls_per_s

    def take(self, name: str) -> bool:
        """Count one more call on the trunk; False where it has no free channel."""
        trunk = self._trunks.get(name)
        if trunk is None or self._up[name] >= trunk.max_calls:
            return False
        self._up[name] += 1
        return True

    def give_back(self, name: str) -> None:
        """A call on the trunk has ended."""
        self._up[name] -= 1
        if not self._up[name] and name not in self._trunks:
            del self._up[name]

    def calls(self, name: str) -> int:
        """Calls that are up on the trunk."""
        return self._up.get(name, 0)

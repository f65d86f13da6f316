"""Where the servers of a domain are: RFC 3263 §4 over NAPTR (RFC 3403), SRV (RFC 2782), A and AAAA; without I/O.

``locate`` is a generator: it yields questions for the DNS and is sent their answers. It does not keep anything: how
long what it found holds is in ``Located.ttl_s``.
"""

import ipaddress
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

from core.errors import Unavailable
from telephony.sip.hop import DEFAULT_PORTS, TCP, TLS, UDP, Hop

MAX_SERVERS: Final = 8
"""So many servers of one domain are looked at, so many NAPTR records followed, so many addresses of one server kept."""
MIN_TTL_S: Final = 30.0
MAX_TTL_S: Final = 3600.0
_NAPTR_SERVICES: Final = {"SIP+D2U": UDP, "SIP+D2T": TCP, "SIPS+D2T": TLS}
_SRV_LABELS: Final = {UDP: "_sip._udp", TCP: "_sip._tcp", TLS: "_sips._tcp"}
FOUND_BY_DNS: Final = tuple(_SRV_LABELS)
"""The transports that the DNS may name, of servers: WebSocket is for clients."""


class Kind(Enum):
    """Types of records; the values are their names."""

    NAPTR = "NAPTR"
    SRV = "SRV"
    A = "A"
    AAAA = "AAAA"


@dataclass(frozen=True, slots=True)
class Query:
    """A question for the DNS."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Naptr:
    """A NAPTR record; ``replacement`` is the name that SRV is to be asked for (with flag ``s``)."""

    order: int
    preference: int
    flags: str
    service: str
    replacement: str


@dataclass(frozen=True, slots=True)
class Srv:
    """An SRV record; ``target`` "" says that the service is decidedly not available there."""

    priority: int
    weight: int
    port: int
    target: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the DNS said: records of the kind asked for (addresses as text), for how long they hold; ``silent`` where it
    could not be asked at all, which is something else than a name without records.
    """

    naptr: tuple[Naptr, ...] = ()
    srv: tuple[Srv, ...] = ()
    addresses: tuple[str, ...] = ()
    ttl_s: float = MAX_TTL_S
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """Whom to find. ``port`` 0 and ``transport`` "" where they are not given: then SRV and NAPTR say them.
    ``transports`` are those that we can use at all, ``families`` 4 and 6.
    """

    host: str
    port: int = 0
    transport: str = ""
    transports: tuple[str, ...] = (UDP, TCP)
    families: tuple[int, ...] = (4,)


@dataclass(frozen=True, slots=True)
class Server:
    """One server with its addresses: the lowest ``rank`` is tried first, among equals by ``weight``."""

    rank: int
    weight: int
    hops: tuple[Hop, ...]


@dataclass(frozen=True, slots=True)
class Located:
    """The servers, and for how many seconds that holds."""

    servers: tuple[Server, ...]
    ttl_s: float


Search: TypeAlias = Generator[Query, Answer, Located]


def locate(target: Target) -> Search:
    """Find the servers of ``target``; ``Unavailable`` where there are none or the DNS cannot be asked."""
    found = _Found(target)
    if is_address(target.host):
        transport = target.transport or UDP
        hop = Hop(transport, target.host.strip("[]"), target.port or DEFAULT_PORTS[transport])
        return Located((Server(0, 0, (hop,)),), MAX_TTL_S)
    if not target.port:
        yield from found.by_srv() if target.transport else found.by_naptr()
    if not found.servers and not found.refused:
        # §4.2: no SRV records, or a port that makes them needless
        transport = target.transport or UDP
        yield from found.server(0, 0, target.host, target.port or DEFAULT_PORTS[transport], transport)
    if not found.servers:
        why = "the DNS does not answer" if found.silent else "its domain says that it takes no calls"
        raise Unavailable(f"{target.host} cannot be found: {why if found.silent or found.refused else 'no such name'}")
    return Located(tuple(found.servers), min(MAX_TTL_S, max(MIN_TTL_S, found.ttl_s)))


def drawn(servers: Sequence[Server], chance: Callable[[], float]) -> list[Hop]:
    """The addresses in the order in which one call is to try them: by rank, and by chance in the proportion of the
    weights (RFC 2782, "Weight").
    """
    hops: list[Hop] = []
    for rank in sorted({server.rank for server in servers}):
        # those of weight 0 first, so that they have a small chance too
        left = sorted((server for server in servers if server.rank == rank), key=lambda server: server.weight > 0)
        while left:
            mark = chance() * sum(server.weight for server in left)
            passed = 0.0
            chosen = left[-1]
            for server in left:
                passed += server.weight
                if passed >= mark:
                    chosen = server
                    break
            left.remove(chosen)
            hops += chosen.hops
    return list(dict.fromkeys(hops))


def is_address(host: str) -> bool:
    """Whether ``host`` is an IP address (IPv6 perhaps in brackets), not a name."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


class _Found:
    """What one search has found so far."""

    def __init__(self, target: Target) -> None:
        self.servers: list[Server] = []
        self.ttl_s = MAX_TTL_S
        self.silent = False
        self.refused = False
        self._target = target

    def by_naptr(self) -> Generator[Query, Answer, None]:
        """§4.1: NAPTR chooses the transport; without it the first of ours for which there are SRV records."""
        answer = yield from self._ask(self._target.host, Kind.NAPTR)
        usable = [
            (record, transport)
            for record in answer.naptr
            if record.flags.lower() == "s"
            and (transport := _NAPTR_SERVICES.get(record.service.upper())) in self._target.transports
        ]
        usable.sort(key=lambda item: (item[0].order, item[0].preference))
        for place, (record, transport) in enumerate(usable[:MAX_SERVERS]):
            if transport is not None:
                yield from self._records(record.replacement, transport, place)
        if self.servers or self.refused:
            return
        for transport in self._target.transports:
            yield from self._records(f"{_SRV_LABELS[transport]}.{self._target.host}", transport, 0)
            if self.servers:
                return

    def by_srv(self) -> Generator[Query, Answer, None]:
        """§4.2 for a transport that is given."""
        transport = self._target.transport
        yield from self._records(f"{_SRV_LABELS[transport]}.{self._target.host}", transport, 0)

    def _records(self, name: str, transport: str, place: int) -> Generator[Query, Answer, None]:
        answer = yield from self._ask(name, Kind.SRV)
        records = sorted(answer.srv, key=lambda record: record.priority)[:MAX_SERVERS]
        for record in records:
            if record.target:
                rank = (place << 16) + record.priority
                yield from self.server(rank, record.weight, record.target, record.port, transport)
            else:
                self.refused = len(records) == 1  # RFC 2782: "." means decidedly not available

    def server(self, rank: int, weight: int, host: str, port: int, transport: str) -> Generator[Query, Answer, None]:
        """The addresses of one server."""
        if len(self.servers) >= MAX_SERVERS:
            return
        addresses: list[str] = []
        if is_address(host):
            addresses = [host]
        else:
            for family in self._target.families:
                answer = yield from self._ask(host, Kind.AAAA if family == 6 else Kind.A)
                addresses += answer.addresses
        # RFC 5922 §4: a TLS server must prove to be the domain that was asked for, not the host that SRV names
        name = self._target.host if transport == TLS else ""
        hops = tuple(Hop(transport, address, port, name) for address in addresses[:MAX_SERVERS] if 0 < port < 65536)
        if hops:
            self.servers.append(Server(rank, weight, hops))

    def _ask(self, name: str, kind: Kind) -> Generator[Query, Answer, Answer]:
        answer = yield Query(name.rstrip("."), kind)
        self.silent |= answer.silent
        if answer.naptr or answer.srv or answer.addresses:
            self.ttl_s = min(self.ttl_s, answer.ttl_s)
        elif kind in (Kind.A, Kind.AAAA) or answer.silent:
            self.ttl_s = min(self.ttl_s, 2 * MIN_TTL_S)
        return answer

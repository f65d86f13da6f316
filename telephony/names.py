"""Asks the DNS for what ``telephony.sip.locating`` wants to know, with dnspython; names of this machine's own ``hosts``
file are known too.
"""

import asyncio
import socket
from collections.abc import Sequence
from typing import Final, Protocol

import dns.asyncresolver
import dns.exception
import dns.rdatatype
import dns.resolver
from dns.rdtypes.IN.A import A
from dns.rdtypes.IN.AAAA import AAAA
from dns.rdtypes.IN.NAPTR import NAPTR
from dns.rdtypes.IN.SRV import SRV

from telephony.sip.locating import MIN_TTL_S, Answer, Kind, Located, Naptr, Query, Srv, Target, locate

ASK_S: Final = 5.0
"""How long one question may take, repeats at all name servers included."""
MAX_RECORDS: Final = 64


class Names(Protocol):
    """Who answers questions."""

    async def ask(self, query: Query) -> Answer:
        """The records; no error for names without any."""
        ...


class DnsNames:
    """``servers`` are ``(address, port)`` of name servers; none: those of the system."""

    def __init__(self, servers: Sequence[tuple[str, int]] = ()) -> None:
        self._own = bool(servers)
        self._resolver: dns.asyncresolver.Resolver | None
        try:
            self._resolver = dns.asyncresolver.Resolver(configure=not servers)
        except dns.resolver.NoResolverConfiguration:
            self._resolver = None  # a machine without name servers still has its hosts file
        if self._resolver is not None and servers:
            self._resolver.nameservers = [address for address, _ in servers]
            self._resolver.nameserver_ports = dict(servers)

    async def ask(self, query: Query) -> Answer:
        """See ``Names``."""
        answer = await self._of_dns(query)
        if answer.addresses or self._own or query.kind not in (Kind.A, Kind.AAAA):
            return answer
        return await _of_system(query, answer)

    async def _of_dns(self, query: Query) -> Answer:
        if self._resolver is None:
            return Answer(silent=True)
        try:
            found = await self._resolver.resolve(
                f"{query.name}.", query.kind.value, lifetime=ASK_S, raise_on_no_answer=False
            )
        except dns.resolver.NXDOMAIN:
            return Answer()
        except (dns.exception.DNSException, OSError, UnicodeError):  # no server answers, or a name that is none
            return Answer(silent=True)
        records = list(found.rrset or ())[:MAX_RECORDS]
        return Answer(
            naptr=tuple(_naptr(record) for record in records if isinstance(record, NAPTR)),
            srv=tuple(_srv(record) for record in records if isinstance(record, SRV)),
            addresses=tuple(str(record.address) for record in records if isinstance(record, A | AAAA)),
            ttl_s=float(found.rrset.ttl) if found.rrset is not None else MIN_TTL_S,
        )


async def find(target: Target, names: Names) -> Located:
    """Run ``locate`` to its end; ``Unavailable`` as it says."""
    search = locate(target)
    try:
        query = next(search)
        while True:
            query = search.send(await names.ask(query))
    except StopIteration as over:
        located: Located = over.value
        return located


async def _of_system(query: Query, before: Answer) -> Answer:
    """The hosts file and whatever else this machine knows names by."""
    family = socket.AF_INET6 if query.kind is Kind.AAAA else socket.AF_INET
    try:
        found = await asyncio.get_running_loop().getaddrinfo(query.name, None, family=family, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError):
        return before
    return Answer(addresses=tuple(dict.fromkeys(str(item[4][0]) for item in found))[:MAX_RECORDS], ttl_s=MIN_TTL_S)


def _naptr(record: NAPTR) -> Naptr:
    return Naptr(
        int(record.order), int(record.preference), _text(record.flags), _text(record.service),
        record.replacement.to_text(omit_final_dot=True),
    )  # fmt: skip


def _srv(record: SRV) -> Srv:
    return Srv(
        int(record.priority), int(record.weight), int(record.port),
        "" if record.target.to_text() == "." else record.target.to_text(omit_final_dot=True),
    )  # fmt: skip


def _text(octets: object) -> str:
    return octets.decode("ascii", "replace") if isinstance(octets, bytes) else str(octets)

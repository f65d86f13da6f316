"""The Via header, RFC 3261 §20.42, with ``rport`` of RFC 3581."""

import re
from dataclasses import dataclass
from typing import Final

from core.errors import ParseError
from telephony.sip.grammar import TOKEN_CHARS, split_list
from telephony.sip.hop import DEFAULT_PORTS
from telephony.sip.params import NO_PARAMS, Params, parse_params

MAGIC_COOKIE: Final = "z9hG4bK"

_VIA: Final = re.compile(
    rf"[Ss][Ii][Pp]\s*/\s*2\.0\s*/\s*([{TOKEN_CHARS}]+)\s+([A-Za-z0-9\-._]+|\[[0-9A-Fa-f:.]+\])"
    r"(?:\s*:\s*([0-9]{1,5}))?\s*(;.*)?",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Via:
    """One hop: ``SIP/2.0/transport host:port;params``; ``transport`` in upper case, ``host`` in lower case."""

    transport: str
    host: str
    port: int | None = None
    params: Params = NO_PARAMS

    @property
    def branch(self) -> str:
        """The branch, "" where there is none (RFC 2543)."""
        return self.params.get("branch") or ""

    @property
    def has_transaction_id(self) -> bool:
        """Whether the branch names a transaction (§17.2.3): the cookie, and something after it (RFC 4475 §3.2.1)."""
        branch = self.branch
        return branch.startswith(MAGIC_COOKIE) and len(branch) > len(MAGIC_COOKIE)

    @property
    def received(self) -> str | None:
        """The address that the request came from, where the server noted it."""
        return self.params.get("received")

    @property
    def wants_rport(self) -> bool:
        """Whether the client asked for the source port (RFC 3581 §3)."""
        return "rport" in self.params

    @property
    def rport(self) -> int | None:
        """The source port that the server noted; None where absent or still empty."""
        value = self.params.get("rport")
        return int(value) if value and value.isascii() and value.isdigit() and len(value) <= 5 else None

    @property
    def sent_by(self) -> tuple[str, int]:
        """Host and port of the sender as it calls itself; the port by default of the transport."""
        return self.host, self.port if self.port is not None else DEFAULT_PORTS.get(self.transport, 5060)

    def stamped(self, host: str, port: int) -> "Via":
        """§18.2.1 and RFC 3581 §4: with ``received`` (where it differs, or rport was asked) and ``rport`` filled in."""
        params = self.params
        if self.wants_rport:
            params = params.set("rport", str(port)).set("received", host)
        elif self.host != host:
            params = params.set("received", host)
        return self if params is self.params else Via(self.transport, self.host, self.port, params)

    def __str__(self) -> str:
        port = "" if self.port is None else f":{self.port}"
        return f"SIP/2.0/{self.transport} {self.host}{port}{self.params}"


def parse_via(text: str) -> Via:
    """One hop, and nothing else in ``text``; ``ParseError`` otherwise."""
    match = _VIA.fullmatch(text)
    if match is None:
        raise ParseError("malformed Via")
    transport, host, port, params = match.groups()
    if port is not None and int(port) > 65535:
        raise ParseError("Via port out of range")
    return Via(transport.upper(), host.lower(), None if port is None else int(port), parse_params(params or ""))


def parse_vias(text: str) -> list[Via]:
    """The hops of one header value, newest first."""
    return [parse_via(item) for item in split_list(text)]

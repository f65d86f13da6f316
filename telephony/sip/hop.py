"""One hop on the wire: where a message came from, or where it goes."""

from dataclasses import dataclass
from typing import Final

UDP: Final = "UDP"
TCP: Final = "TCP"
TLS: Final = "TLS"
WS: Final = "WS"
WSS: Final = "WSS"
DEFAULT_PORTS: Final = {UDP: 5060, TCP: 5060, TLS: 5061, WS: 80, WSS: 443}
"""RFC 3261 §19.1.2, RFC 7118 §5.2; the keys are the transports that there are."""
WEB: Final = frozenset({WS, WSS})
"""RFC 7118: only clients make these connections, so a peer is reached by the one that it made or not at all."""
ENCRYPTED: Final = frozenset({TLS, WSS})


@dataclass(frozen=True, slots=True)
class Hop:
    """``transport`` is one of ``DEFAULT_PORTS``; ``host`` an IP address, or (as a destination) a name to look up.
    ``name`` is what a TLS server at that address must prove to be, where that is not ``host``.
    """

    transport: str
    host: str
    port: int
    name: str = ""

    @property
    def reliable(self) -> bool:
        """Whether the transport itself repeats what is lost, so that transactions need not."""
        return self.transport != UDP

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.transport.lower()}:{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Packet:
    """One message to send.

    ``flow`` names the peer's end of a connection that should be used where it is still up (RFC 3261 §18.2.2,
    RFC 5923); otherwise, and for UDP, the message goes to ``destination``.
    """

    data: bytes
    destination: Hop
    flow: Hop | None = None

    @property
    def transport(self) -> str:
        """Transport of the destination."""
        return self.destination.transport

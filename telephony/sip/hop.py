"""One hop on the wire: where a message came from, or where it goes."""

from dataclasses import dataclass
from typing import Final

UDP: Final = "UDP"
TCP: Final = "TCP"
TRANSPORTS: Final = (UDP, TCP)


@dataclass(frozen=True, slots=True)
class Hop:
    """``transport`` is ``UDP`` or ``TCP``; ``host`` an IP address, or (only as a destination) a name to look up."""

    transport: str
    host: str
    port: int

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

    ``flow`` names the peer's end of a TCP connection that should be used where it is still up (RFC 3261 §18.2.2,
    RFC 5923); otherwise, and for UDP, the message goes to ``destination``.
    """

    data: bytes
    destination: Hop
    flow: Hop | None = None

    @property
    def transport(self) -> str:
        """Transport of the destination."""
        return self.destination.transport

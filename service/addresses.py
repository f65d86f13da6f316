"""Which of this machine's addresses others can reach, where the configuration says only "listen everywhere"."""

import ipaddress
import socket
from typing import Final

_SOMEWHERE: Final = ("192.0.2.1", 9)
"""A documentation address (RFC 5737): asking for the way there sends nothing."""


def reachable(host: str) -> str:
    """``host``, or, where it means all interfaces, the address of the one that leads out (loopback if none does)."""
    if not ipaddress.ip_address(host).is_unspecified:
        return host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_SOMEWHERE)
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])

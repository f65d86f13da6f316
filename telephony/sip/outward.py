"""Which addresses this machine has, and which of them leads outward."""

import socket


def outward_address(wildcard: str = "0.0.0.0") -> str:
    """The address of the interface that leads outward, for listeners on a wildcard; no packet is sent."""
    family, far, here = (
        (socket.AF_INET6, "2001:db8::1", "::1") if ":" in wildcard else (socket.AF_INET, "192.0.2.1", "127.0.0.1")
    )
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((far, 9))
            return str(probe.getsockname()[0])
    except OSError:
        return here


def has_address(host: str) -> bool:
    """Whether the address ``host`` is one of this machine now: something could listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((host, 0))
    except OSError:
        return False
    return True

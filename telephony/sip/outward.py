"""Which address of this machine leads outward."""

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

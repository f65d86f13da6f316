"""Which of this machine's addresses others can reach, where the configuration says only "listen everywhere"."""

import ipaddress
import socket

from telephony.sip.outward import outward_address


def reachable(host: str) -> str:
    """``host``, or, where it means all interfaces, the address of the one that leads out (loopback if none does)."""
    if not ipaddress.ip_address(host).is_unspecified:
        return host
    return outward_address(host)


def is_ours(host: str) -> bool:
    """This machine has that address now: something could listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((host, 0))
    except OSError:
        return False
    return True

"""Which of this machine's addresses others can reach, where the configuration says only "listen everywhere"."""

import ipaddress

from telephony.sip.outward import has_address, outward_address


def reachable(host: str) -> str:
    """``host``, or, where it means all interfaces, the address of the one that leads out (loopback if none does)."""
    if not ipaddress.ip_address(host).is_unspecified:
        return host
    return outward_address(host)


def is_ours(host: str) -> bool:
    """This machine has that address now: something could listen there."""
    return has_address(host)

"""Where voice may be sent: a far end may name any place in its SDP, and some of them are nobody's telephone. Pure."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Whether ``host`` is this machine's own, by an address that no other can use; False for names but localhost."""
    try:
        return _bare(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def is_nowhere(host: str) -> bool:
    """Whether ``host`` is the unspecified address, with which a far end says "send me nothing" (RFC 3264 §8.4). It is
    no place: an operating system takes it for this machine. ``ValueError`` where it is no address.
    """
    return _bare(host).is_unspecified


def unfit(host: str, *, loopback: bool) -> str:
    """Why voice is never sent to the address ``host``, "" where it may be. ``loopback``: whether its far end speaks to
    us over loopback too. ``ValueError`` where it is no address.
    """
    address = _bare(host)
    if address.is_multicast:
        return "is multicast"
    if address.is_loopback and not loopback:
        return "is loopback, but the far end is not on this machine"
    if address.is_unspecified:
        return "is no address of a host"
    if address.version == 4 and (int(address) == 2**32 - 1 or int(address) < 2**24):
        return "is no address of a host"  # broadcast; 0.0.0.0/8 (RFC 1122 §3.2.1.3)
    return ""


def _bare(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """An IPv4 address also where it is dressed up as one of IPv6 (RFC 4291 §2.5.5.2)."""
    address = ipaddress.ip_address(host)
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address

"""Where messages go: requests by route set or URI (RFC 3261 §8.1.2), responses by Via (§18.2.2, RFC 3581 §4)."""

import ipaddress
from collections.abc import Sequence
from dataclasses import replace

from telephony.sip.address import NameAddress
from telephony.sip.hop import DEFAULT_PORTS, TLS, UDP, WEB, Hop, Packet
from telephony.sip.message import Request
from telephony.sip.uri import SipUri, Uri
from telephony.sip.via import Via, parse_vias


def hop_of(uri: Uri, fallback: Hop) -> Hop:
    """Where a request for ``uri`` goes; to ``fallback`` for URIs that name no host we could send to.

    The transport is the URI's, else that of ``fallback``. Within a dialog carriers give an address here; a host name is
    left for the transport to look up. (Trunks are found by ``telephony.sip.locating``.)
    """
    if not isinstance(uri, SipUri):
        return fallback
    transport = uri.transport or (TLS if uri.scheme == "sips" else fallback.transport)
    if uri.scheme == "sips" and transport == "TCP":
        transport = TLS  # §26.2.2: transport=tcp with sips means TLS over TCP
    if transport not in DEFAULT_PORTS or transport in WEB:
        return fallback  # a WebSocket peer is where its connection is, whatever it calls itself (RFC 7118 §5)
    host = uri.params.get("maddr") or uri.host
    # RFC 5118 §4.10: the grammar of RFC 3261 lets a third colon stand before an embedded IPv4 address
    return Hop(transport, host.strip("[]").replace(":::", "::"), uri.port or DEFAULT_PORTS[transport])


def request_line(target: Uri, routes: Sequence[NameAddress]) -> tuple[Uri, tuple[NameAddress, ...]]:
    """Request-URI and Route values for a route set (§12.2.1.1), with strict routers of RFC 2543 served as they need."""
    if not routes:
        return target, ()
    first = routes[0].uri
    if isinstance(first, SipUri) and not first.is_loose_router:
        return first, (*routes[1:], NameAddress(target))
    return target, tuple(routes)


def reply_hop(via: Via, source: Hop) -> Packet:
    """Destination and flow for responses to a request with top ``via`` that came from ``source`` (data is empty).

    The host is always the one that the request came from: that is what "received" says.
    """
    if source.transport != UDP:
        return Packet(b"", Hop(source.transport, source.host, via.sent_by[1]), source)
    port = source.port if via.wants_rport else via.sent_by[1]
    return Packet(b"", Hop(UDP, source.host, port))


def stamp_via(request: Request, source: Hop, *, symmetric: bool = False) -> None:
    """Note in the top Via where the request came from (§18.2.1, RFC 3581 §4); with ``symmetric`` as if its sender had
    asked for rport.
    """
    top = asked = request.top_via
    if symmetric and not top.wants_rport:
        asked = replace(top, params=top.params.set("rport"))
    stamped = asked.stamped(source.host, source.port)
    if stamped is top or stamped == top:
        return
    lines = request.headers.get_all("Via")
    _, *others = parse_vias(lines[0])
    line = ", ".join(str(via) for via in (stamped, *others))
    if len(lines) == 1:
        request.headers.set("Via", line)
        return
    request.headers.remove("Via")
    for value in reversed((line, *lines[1:])):
        request.headers.prepend("Via", value)


def seems_natted(contact: Uri, source: Hop) -> bool:
    """Whether a peer that calls itself ``contact`` but sends from ``source`` sits behind a NAT (RFC 1918 addresses)."""
    if not isinstance(contact, SipUri):
        return False
    host = contact.host.strip("[]")
    if host == source.host:
        return False
    try:
        address = ipaddress.ip_address(host)
        if address == ipaddress.ip_address(source.host):  # IPv6 can be written in many ways
            return False
    except ValueError:
        return False
    return address.is_private or address.is_unspecified

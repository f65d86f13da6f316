"""Service-Route, RFC 3608: by which proxies requests outside of calls go to a carrier that we are registered with."""

from typing import Final

from core.errors import ParseError
from telephony.sip.address import parse_addresses
from telephony.sip.message import Response
from telephony.sip.path import MAX_LENGTH, MAX_PROXIES, Path
from telephony.sip.uri import SipUri

NONE: Final[Path] = ()


def service_route_of(response: Response) -> Path:
    """What the 200 to a REGISTER says, the nearest proxy first; none where it says nothing, what cannot be read, more
    than we keep, or a strict router (§5: all must be loose).
    """
    lines = response.headers.get_all("Service-Route")
    if sum(map(len, lines)) > MAX_LENGTH:
        return NONE
    try:
        proxies = tuple(proxy for line in lines for proxy in parse_addresses(line))
    except ParseError:
        return NONE
    loose = all(isinstance(proxy.uri, SipUri) and "lr" in proxy.uri.params for proxy in proxies)
    return proxies if loose and len(proxies) <= MAX_PROXIES else NONE

"""Path, RFC 3327: the proxies between a phone and its registrar, by which calls to the phone must come back.

Such proxies put themselves into a REGISTER; we keep them with the binding and send requests to it with them as Route.
Bounded, as everything that a phone has us remember and send.
"""

from typing import Final, TypeAlias

from core.errors import ParseError
from telephony.sip.address import NameAddress
from telephony.sip.grammar import BeyondBound
from telephony.sip.hop import WEB, Hop
from telephony.sip.message import Request
from telephony.sip.routing import hop_of
from telephony.sip.uri import SipUri

OPTION: Final = "path"
MAX_PROXIES: Final = 8
MAX_LENGTH: Final = 1000
"""Characters of all its lines together: they go out again with every call."""
PATH_UNSUPPORTED: Final = ("Unsupported", OPTION)

Path: TypeAlias = tuple[NameAddress, ...]


def path_of(request: Request) -> Path:
    """The proxies of a REGISTER, the nearest to us first; none where it came without. ``ParseError`` where they cannot
    be read, are no SIP addresses, or are too many.
    """
    lines = request.headers.get_all("Path")
    if sum(map(len, lines)) > MAX_LENGTH:
        raise BeyondBound(f"Path Longer Than {MAX_LENGTH} Characters", where="Path")
    path = tuple(request.paths)
    if len(path) > MAX_PROXIES:
        raise BeyondBound(f"More Than {MAX_PROXIES} Proxies In Path", where="Path")
    if not all(isinstance(proxy.uri, SipUri) for proxy in path):
        raise ParseError("a proxy is no SIP address", where="Path")
    return path


def lists_path(request: Request) -> bool:
    """Whether the phone itself says that it knows Path (§5.1), so that no proxy put it there behind its back."""
    return OPTION in request.options("Supported")


def path_header(path: Path) -> tuple[tuple[str, str], ...]:
    """What a 200 to the REGISTER repeats (§5.3): the phone sees which way its calls come."""
    return (("Path", ", ".join(str(proxy) for proxy in path)),) if path else ()


def hop_after_loss(path: Path, lost: Hop) -> Hop | None:
    """Where the nearest proxy is reached when its connection ``lost`` is gone: where it says, if that is the host that
    it was known by; None otherwise, until the phone comes again.
    """
    nearest = path[0].uri
    if lost.transport in WEB or (isinstance(nearest, SipUri) and nearest.transport in WEB):
        return None
    instead = hop_of(nearest, lost)
    return instead if instead.host == lost.host else None

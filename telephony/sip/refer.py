"""Refer-To and Replaces as values (RFC 3515 §2.1, RFC 3891 §6.1), and the outcome that a NOTIFY tells (§2.4.5).

Pure. Everything that a peer may have written wrongly is a ``ParseError``.
"""

from dataclasses import dataclass, replace
from typing import Final

from core.errors import ParseError
from telephony.sip.address import parse_address
from telephony.sip.message import REASONS, Request
from telephony.sip.params import NO_PARAMS, Params, parse_params
from telephony.sip.uri import SipUri, Uri

SIPFRAG: Final = "message/sipfrag;version=2.0"


@dataclass(frozen=True, slots=True)
class Replaces:
    """Which dialog is to be replaced, as its own user agent sees it: ``to_tag`` is that one's, ``from_tag`` its peer's.

    ``early_only``: not once it has been answered.
    """

    call_id: str
    to_tag: str
    from_tag: str
    early_only: bool = False


@dataclass(frozen=True, slots=True)
class ReferTo:
    """Whom a REFER wants to be called; ``replaces`` where it is to take the place of a call that is up (attended)."""

    uri: Uri
    replaces: Replaces | None = None


def parse_replaces(text: str) -> Replaces:
    """The value of a Replaces header; ``ParseError`` where the Call-ID or one of the tags is missing or said twice."""
    call_id, semicolon, rest = text.partition(";")
    call_id = call_id.strip()
    params = parse_params(semicolon + rest)
    to_tag, from_tag = _once(params, "to-tag"), _once(params, "from-tag")
    if not call_id or any(character.isspace() or character in '<>",' for character in call_id):
        raise ParseError("Replaces names no Call-ID")
    return Replaces(call_id, to_tag, from_tag, "early-only" in params)


def _once(params: Params, name: str) -> str:
    values = [value for key, value in params if key.lower() == name]
    if len(values) != 1 or not values[0]:
        raise ParseError(f"Replaces needs one {name}")
    return values[0]


def replaces_of(request: Request) -> Replaces | None:
    """What an INVITE is to replace, None for nothing; ``ParseError`` where there are two or it cannot be read (§3)."""
    values = request.headers.get_all("Replaces")
    if not values:
        return None
    if len(values) > 1:
        raise ParseError("more than one Replaces")
    return parse_replaces(values[0])


def refer_to_of(request: Request) -> ReferTo:
    """What a REFER asks for; ``ParseError`` unless it has exactly one Refer-To that can be read (RFC 3515 §2.4.2).

    A method other than INVITE is an error too: nothing else is done on anybody's word. URI headers other than Replaces
    are passed over, for what we send is ours to say.
    """
    values = request.headers.get_all("Refer-To")
    if len(values) != 1:
        raise ParseError("a REFER has one Refer-To")
    uri = parse_address(values[0]).uri
    if not isinstance(uri, SipUri):
        return ReferTo(uri)
    if (uri.params.get("method") or "INVITE").upper() != "INVITE":
        raise ParseError("Refer-To asks for something other than an INVITE")
    replaced = [value for name, value in uri.headers if name.lower() == "replaces"]
    if len(replaced) > 1:
        raise ParseError("more than one Replaces")
    bare = replace(uri, headers=NO_PARAMS, params=uri.params.remove("method"))
    return ReferTo(bare, parse_replaces(replaced[0] or "") if replaced else None)


def wants_no_subscription(request: Request) -> bool:
    """RFC 4488: whether the REFER asks that nothing be told about its outcome."""
    return (request.headers.get("Refer-Sub") or "").partition(";")[0].strip().lower() == "false"


def fragment(status: int, reason: str = "") -> bytes:
    """The body that tells ``status`` (RFC 3420)."""
    return f"SIP/2.0 {status} {reason or REASONS.get(status, 'Unknown')}\r\n".encode()

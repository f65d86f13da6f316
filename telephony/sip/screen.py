"""The checks that a UAS makes of a request before it looks at what is asked, RFC 3261 §8.2.1 to §8.2.3. Pure."""

import re
from dataclasses import dataclass
from typing import Final

from core.errors import ParseError
from telephony.sip.capabilities import ACCEPT, ACCEPT_ENCODING, SDP_TYPE
from telephony.sip.grammar import BeyondBound
from telephony.sip.message import REASONS, Message, Request, Response
from telephony.sip.methods import KNOWN_METHODS
from telephony.sip.multipart import MULTIPART, beyond, handling_of, insists, part_of
from telephony.sip.uri import SipUri

_REFUSED: Final = re.compile(r"(?:^|;)\s*q\s*=\s*0(?:\.0{0,3})?\s*(?:;|$)")
SESSION_METHODS: Final = frozenset({"INVITE", "ACK", "UPDATE", "PRACK"})


@dataclass(frozen=True, slots=True)
class Refusal:
    """The answer: status, reason (``words``, else RFC 3261's) and the headers that §21 asks for beside it."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    words: str = ""

    @property
    def reason(self) -> str:
        """The reason phrase."""
        return self.words or REASONS[self.status]


def screen(
    request: Request,
    *,
    methods: frozenset[str],
    extensions: frozenset[str] = frozenset(),
) -> Refusal | None:
    """Why the request cannot be served, or None. An ACK is never refused.

    ``methods``: those that are served; ``extensions``: option tags that are supported.
    """
    if request.method == "ACK":
        return None
    if request.method not in methods:
        allow = ("Allow", ", ".join(sorted(methods)))
        return Refusal(405, (allow,)) if request.method in KNOWN_METHODS else Refusal(501, (allow,))
    if not isinstance(request.uri, SipUri) and request.uri.scheme != "tel":
        return Refusal(416)
    try:
        required = request.tokens("Require") if "Require" in request.headers else frozenset()
        unsupported = sorted(option for option in required if option.lower() not in extensions)
        accepts = request.headers.items_of("Accept")
        to = request.to.uri
    except BeyondBound as error:
        return Refusal(400, words=error.reason)
    except ParseError:
        return Refusal(400)
    if request.method == "REGISTER" and not isinstance(to, SipUri):
        return Refusal(400)  # RFC 4475 §3.3.4: an address of record is a SIP or SIPS URI
    if unsupported and request.method != "CANCEL":
        return Refusal(420, (("Unsupported", ", ".join(unsupported)),))
    return _screen_body(request, accepts)


def _screen_body(request: Request, accepts: list[str]) -> Refusal | None:
    if request.method not in SESSION_METHODS:
        return None
    encoding = request.headers.get("Content-Encoding")
    if encoding is not None and encoding.strip().lower() != "identity":
        return Refusal(415, (ACCEPT_ENCODING,))
    optional = handling_of(request.headers.get("Content-Disposition") or "") == "optional"
    kind = request.headers.get("Content-Type") or ""
    if request.body and not optional and sdp_of(request) is None:
        too_much = beyond(kind, request.body)
        return Refusal(413, words=too_much) if too_much else Refusal(415, (ACCEPT,))
    if not optional and request.content_type in MULTIPART and insists(kind, request.body, SDP_TYPE):
        return Refusal(415, (ACCEPT,))
    if accepts and not any(_covers(item) for item in accepts):
        return Refusal(406)  # RFC 4475 §3.3.15: our answer would be SDP
    return None


def _covers(media_range: str) -> bool:
    name, _, params = media_range.lower().partition(";")
    refused = _REFUSED.search(params) is not None
    return name.strip() in (SDP_TYPE, "application/*", "*/*") and not refused


def sdp_of(message: Message) -> bytes | None:
    """The SDP in a message, alone or as one part of several; None where it has none."""
    kind = message.content_type
    if kind in (SDP_TYPE, ""):
        return message.body or None
    if kind in MULTIPART:
        return part_of(message.headers.get("Content-Type") or "", message.body, SDP_TYPE)
    return None


def is_ours(response: Response) -> bool:
    """§8.1.3.3: a response with more than one Via was not meant for a user agent and must be dropped."""
    return len(response.vias) == 1

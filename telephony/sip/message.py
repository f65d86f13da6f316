"""Requests and responses, RFC 3261 §7, with typed views of the headers that the protocol itself needs.

A view reads the header when it is first asked for and again after a change.
Views of headers that are missing or malformed raise ``ParseError``; ``parser.parse_message`` has checked the
mandatory ones (Via, From, To, Call-ID, CSeq, Max-Forwards, Contact).
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias

from core.errors import LocalProtocolError, ParseError
from telephony.sip.address import NameAddress, parse_address, parse_addresses
from telephony.sip.grammar import BeyondBound, is_token, parse_count
from telephony.sip.headers import Headers
from telephony.sip.uri import Uri
from telephony.sip.via import Via, parse_vias

SIP_VERSION: Final = "SIP/2.0"
MAX_CSEQ_LENGTH: Final = 512


class CSeq(NamedTuple):
    """Sequence number and method."""

    number: int
    method: str

    def __str__(self) -> str:
        return f"{self.number} {self.method}"


class _Message:
    """What requests and responses share."""

    __slots__ = ()
    headers: Headers
    body: bytes

    def start_line(self) -> str:
        """The first line without its end."""
        raise NotImplementedError

    @property
    def vias(self) -> list[Via]:
        """All hops, newest first."""
        return [via for value in self.headers.get_all("Via") for via in parse_vias(value)]

    @property
    def via(self) -> list[Via]:
        """The same as ``vias``."""
        return self.vias

    @property
    def top_via(self) -> Via:
        """The newest hop."""
        return self.headers.read("Via", newest_via)

    @property
    def from_(self) -> NameAddress:
        """Who sent the request."""
        return self.headers.read("From", parse_address)

    @property
    def to(self) -> NameAddress:
        """Whom the request is for."""
        return self.headers.read("To", parse_address)

    @property
    def call_id(self) -> str:
        """The Call-ID."""
        value = self.headers.get("Call-ID")
        if value is None:
            raise ParseError("header is missing", where="Call-ID")
        return value

    @property
    def cseq(self) -> CSeq:
        """Sequence number and method."""
        return self.headers.read("CSeq", parse_cseq)

    @property
    def contacts(self) -> list[NameAddress]:
        """All contacts; none for ``Contact: *`` (see ``is_contact_wildcard``)."""
        values = self.headers.get_all("Contact")
        return [address for value in values if value != "*" for address in parse_addresses(value)]

    @property
    def is_contact_wildcard(self) -> bool:
        """Whether the Contact is ``*`` (§10.2.2: drop all bindings)."""
        return "*" in self.headers.get_all("Contact")

    @property
    def routes(self) -> list[NameAddress]:
        """The Route set as it stands in the message."""
        return [address for value in self.headers.get_all("Route") for address in parse_addresses(value)]

    @property
    def record_routes(self) -> list[NameAddress]:
        """Record-Route, first line first."""
        return [address for value in self.headers.get_all("Record-Route") for address in parse_addresses(value)]

    @property
    def paths(self) -> list[NameAddress]:
        """Path (RFC 3327), first line first."""
        return [address for value in self.headers.get_all("Path") for address in parse_addresses(value)]

    @property
    def max_forwards(self) -> int | None:
        """Max-Forwards; None where missing or, above 255, to be taken as missing (RFC 4475 §3.1.2.4)."""
        return self._small_number("Max-Forwards", 255)

    @property
    def expires(self) -> int | None:
        """Expires in seconds; None where missing or no 32-bit number: the default holds (RFC 4475 §3.1.2.4)."""
        return self._small_number("Expires", 2**32 - 1)

    @property
    def content_type(self) -> str:
        """The media type in lower case without parameters, "" where there is none."""
        return (self.headers.get("Content-Type") or "").partition(";")[0].strip().lower()

    def tokens(self, name: str) -> frozenset[str]:
        """The items of a list header such as Require, Supported or Allow."""
        return frozenset(self.headers.items_of(name))

    def options(self, name: str) -> frozenset[str]:
        """The option tags of Require or Supported in lower case: how they are written means nothing (§7.3.1)."""
        return frozenset(option.lower() for option in self.headers.items_of(name))

    def to_bytes(self) -> bytes:
        """The message for the wire, Content-Length always right. ``LocalProtocolError`` if it cannot be sent."""
        lines = [self.start_line()]
        if "\r" in lines[0] or "\n" in lines[0] or "\0" in lines[0]:
            raise LocalProtocolError("line break or NUL in the start line")
        has_length = False
        length = str(len(self.body))
        for key, name, value, line in self.headers.fields():
            if key != "content-length":
                lines.append(f"{name}: {value}" if line is None else line)
            elif not has_length:
                lines.append(line if value == length and line is not None else f"Content-Length: {length}")
                has_length = True
        if not has_length:
            lines.append(f"Content-Length: {length}")
        lines.append("\r\n")
        return "\r\n".join(lines).encode("utf-8", "surrogateescape") + self.body

    def _small_number(self, name: str, limit: int) -> int | None:
        value = self.headers.get(name)
        if value is None or not (value.isascii() and value.isdigit()) or len(value) > 32:
            return None
        number = int(value)
        return number if number <= limit else None


@dataclass(slots=True)
class Request(_Message):
    """``method uri version`` with headers and body."""

    method: str
    uri: Uri
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""
    version: str = SIP_VERSION

    def start_line(self) -> str:
        """The Request-Line; ``LocalProtocolError`` where the method is no token."""
        if not is_token(self.method):
            raise LocalProtocolError("method is no token")
        return f"{self.method} {self.uri} {self.version}"


@dataclass(slots=True)
class Response(_Message):
    """``version status reason`` with headers and body."""

    status: int
    reason: str = ""
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""
    version: str = SIP_VERSION

    def start_line(self) -> str:
        """The Status-Line; ``LocalProtocolError`` for a status outside 100 to 699."""
        if not 100 <= self.status <= 699:
            raise LocalProtocolError(f"status {self.status} cannot be sent")
        return f"{self.version} {self.status} {self.reason or REASONS.get(self.status, '')}"


Message: TypeAlias = Request | Response


def newest_via(text: str) -> Via:
    """The first hop of a Via header, all of which is read."""
    return parse_vias(text)[0]


@lru_cache(maxsize=1024)
def parse_cseq(text: str) -> CSeq:
    """``number method``; ``ParseError`` otherwise (numbers above 2**32-1 too)."""
    if len(text) > MAX_CSEQ_LENGTH:
        raise BeyondBound("CSeq Too Long", where="CSeq")
    parts = text.split()
    if len(parts) != 2:
        raise ParseError("malformed CSeq", where="CSeq")
    if not is_token(parts[1]):
        raise ParseError("malformed method", where="CSeq")
    return CSeq(parse_count(parts[0]), parts[1])


REASONS: Final = {
    100: "Trying", 180: "Ringing", 181: "Call Is Being Forwarded", 182: "Queued", 183: "Session Progress",
    200: "OK", 202: "Accepted", 204: "No Notification",
    300: "Multiple Choices", 301: "Moved Permanently", 302: "Moved Temporarily", 305: "Use Proxy",
    380: "Alternative Service",
    400: "Bad Request", 401: "Unauthorized", 402: "Payment Required", 403: "Forbidden", 404: "Not Found",
    405: "Method Not Allowed", 406: "Not Acceptable", 407: "Proxy Authentication Required", 408: "Request Timeout",
    410: "Gone", 412: "Conditional Request Failed", 413: "Request Entity Too Large", 414: "Request-URI Too Long",
    415: "Unsupported Media Type", 416: "Unsupported URI Scheme", 420: "Bad Extension", 421: "Extension Required",
    422: "Session Interval Too Small", 423: "Interval Too Brief", 469: "Bad Info Package",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist", 482: "Loop Detected", 483: "Too Many Hops", 484: "Address Incomplete",
    485: "Ambiguous", 486: "Busy Here", 487: "Request Terminated", 488: "Not Acceptable Here", 489: "Bad Event",
    491: "Request Pending", 493: "Undecipherable",
    500: "Server Internal Error", 501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable",
    504: "Server Time-out", 505: "Version Not Supported", 513: "Message Too Large", 580: "Precondition Failure",
    600: "Busy Everywhere", 603: "Decline", 604: "Does Not Exist Anywhere", 606: "Not Acceptable",
    607: "Unwanted", 608: "Rejected",
}  # fmt: skip
"""Reason phrases of RFC 3261 §21 and its extensions."""

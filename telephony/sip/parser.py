"""From octets to messages, RFC 3261 §7 and §18.3: one message of a datagram, or the messages of a TCP stream.

Everything that the protocol needs is checked here: start line, Via, From, To, Call-ID, CSeq, Max-Forwards, Contact,
Content-Length, and header fields that may stand only once. Other headers are read when somebody asks for them.
"""

import re
from collections.abc import Mapping
from typing import Final

from core.errors import ParseError
from telephony.sip.address import parse_address, parse_addresses
from telephony.sip.grammar import TOKEN_CHARS, BeyondBound, is_one_line, is_token, parse_count
from telephony.sip.headers import KEYS, Field, Headers, key_of, new_field
from telephony.sip.message import SIP_VERSION, Message, Request, Response, newest_via, parse_cseq
from telephony.sip.methods import KNOWN_METHODS
from telephony.sip.uri import MAX_URI_LENGTH, SipUri, Uri, parse_uri
from telephony.sip.via import parse_vias

MAX_MESSAGE_BYTES: Final = 65536
MAX_HEADERS: Final = 100
MAX_HEADER_LENGTH: Final = 8192
MAX_ECHOED: Final = 500
"""Header lines that the answer to a request repeats whose headers cannot be read."""

_LINE_END: Final = re.compile(r"\r\n(?![ \t])")
_FOLD: Final = re.compile(r"\r\n[ \t]+")
_LOOSE_NUL: Final = re.compile(r"(?<!\\)\0")
_REQUEST_LINE: Final = re.compile(rf"([{TOKEN_CHARS}]+) (\S+) ([Ss][Ii][Pp]/[0-9]+\.[0-9]+)")
_STATUS_LINE: Final = re.compile(r"([Ss][Ii][Pp]/[0-9]+\.[0-9]+) ([0-9]+)(?: (.*))?", re.DOTALL)

_NO_LENGTH: Final = 10**32
"""Every number that is read is below it."""
_TOO_LARGE: Final = f"Message Larger Than {MAX_MESSAGE_BYTES} Octets"
_ONCE: Final = frozenset({"from", "to", "call-id", "cseq", "max-forwards", "content-type"})
_MANDATORY: Final = ("via", "from", "to", "call-id", "cseq")
_FOR_ANSWER: Final = ("Via", "From", "To", "Call-ID", "CSeq")
_ECHOED: Final = re.compile(
    r"^(via|v|from|f|to|t|call-id|i|cseq)[ \t]*:([^\r\n]*+(?:(?:\r\n[ \t]|\r(?!\n))[^\r\n]*+)*+)",
    re.IGNORECASE | re.MULTILINE,
)
"""Lines that an answer repeats, with their folds. One pass over the whole text: there may be thousands of lines."""


class BrokenRequest(ParseError):  # noqa: N818 - a thing that is handed on and answered
    """A request that cannot be served but can be answered with ``status`` and ``reason``.

    ``headers`` holds what there is of Via, From, To, Call-ID and CSeq, in the exact text; ``method`` "" where unknown.
    An ACK must never be answered.
    """

    def __init__(self, message: str, *, status: int, reason: str, method: str, headers: Headers, where: str) -> None:
        super().__init__(message, where=where)
        self.status = status
        self.reason = reason
        self.method = method
        self.headers = headers

    def answer(self, tag: str) -> Response:
        """The response to send, statelessly, to where the request came from; ``tag`` goes on a To that has none."""
        headers = self.headers.copy()
        to = headers.get("To")
        if to is not None:
            try:
                address = parse_address(to)
                if address.tag is None:
                    headers.set("To", str(address.with_tag(tag)))
            except ParseError:
                pass  # a To that nobody can read goes back as it came
        return Response(self.status, self.reason, headers)


class _Fault(Exception):  # noqa: N818 - never leaves this file
    """Why a request is refused, before it is known what of it can be echoed."""

    def __init__(self, message: str, status: int = 400, reason: str = "Bad Request", where: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.where = where


def is_keepalive(data: bytes) -> bool:
    """Whether a datagram holds only line ends and NULs, as phones send to keep a NAT binding open (RFC 5626 §3.5)."""
    return len(data) <= 16 and not data.strip(b"\r\n\0")


def parse_message(data: bytes) -> Message:
    """The message in one datagram or one frame of a stream.

    Octets after the body (RFC 4475 §3.1.1.8) are dropped. Raises ``BrokenRequest`` for a request that deserves an
    answer, plain ``ParseError`` for all else that is malformed; never anything other.
    """
    if len(data) > MAX_MESSAGE_BYTES:
        raise ParseError(f"message larger than {MAX_MESSAGE_BYTES} bytes")
    head, blank, body = data.lstrip(b"\r\n").partition(b"\r\n\r\n")
    text = head.decode("utf-8", "surrogateescape")
    start, _, rest = text.partition("\r\n")
    status = _STATUS_LINE.fullmatch(start)
    if status is not None and is_one_line(start):
        try:
            return _response(status, _fields(rest, bool(blank)), body, len(head))
        except _Fault as fault:
            raise ParseError(str(fault), where=fault.where) from None
    if " SIP/" not in start.upper():
        raise ParseError("neither request nor response", where="start line")
    headers = Headers()
    method = start.partition(" ")[0]
    try:
        headers = _fields(rest, bool(blank))
        return _request(start, headers, body, len(head))
    except _Fault as fault:
        headers = headers if len(headers) else _sound_fields(rest)
        raise BrokenRequest(
            str(fault),
            status=fault.status,
            reason=fault.reason,
            method=method if is_token(method) else "",
            headers=headers.copy(*_FOR_ANSWER),
            where=fault.where,
        ) from None


def _fields(text: str, complete: bool) -> Headers:
    if not complete:
        raise _Fault("no empty line after the headers", reason="Headers Without End")
    if "\0" in text and _LOOSE_NUL.search(text):
        raise _Fault("NUL octet in the headers", reason="NUL In Headers")
    lines = text.split("\r\n")
    if not len(lines) - 1 == text.count("\r") == text.count("\n"):
        raise _Fault("stray line end in the headers", reason="Stray Line End In Headers")
    folded = "\n " in text or "\n\t" in text
    if folded:
        lines = _LINE_END.split(text)
    if len(lines) > MAX_HEADERS:
        raise _Fault(f"more than {MAX_HEADERS} headers", reason=f"More Than {MAX_HEADERS} Header Lines")
    fields: list[Field] = []
    append = fields.append  # this loop is the hottest of the parser
    wide = len(text) > MAX_HEADER_LENGTH
    for line in lines:
        flat = _FOLD.sub(" ", line) if folded else line
        name, colon, value = flat.partition(":")
        if not colon:
            raise _Fault("header line without a colon", reason="Header Line Without Colon")
        if wide and len(value) > MAX_HEADER_LENGTH:
            raise _Fault("overlong header line", reason=f"Header Line Longer Than {MAX_HEADER_LENGTH} Characters")
        key = KEYS.get(name)
        if key is None:
            name = name.rstrip(" \t")
            try:
                key = key_of(name)
            except ParseError as error:
                raise _Fault(str(error)) from None
        append(new_field((key, name, value.strip(" \t"), line)))
    return Headers.of_fields(fields)


def _sound_fields(text: str) -> Headers:
    """What the answer to a request can echo whose headers are broken somewhere, or too many: the lines that can be read
    by themselves. Nothing where these are too many, for of Via all or none go back.
    """
    fields: list[Field] = []
    for match in _ECHOED.finditer(text):
        if len(fields) >= MAX_ECHOED:
            return Headers()
        name, value = match[1], _FOLD.sub(" ", match[2])
        if is_one_line(value) and len(value) <= MAX_HEADER_LENGTH:
            fields.append(Field(KEYS[name.lower()], name, value.strip(" \t"), match[0]))
    return Headers.of_fields(fields)


def _request(start: str, headers: Headers, body: bytes, head_bytes: int) -> Request:
    match = _REQUEST_LINE.fullmatch(start)
    if match is None:
        raise _Fault("malformed request line", where="start line")
    method, uri_text, version = match.groups()
    if version.upper() != SIP_VERSION:
        raise _Fault(f"version {version[:20]}", 505, "Version Not Supported", "start line")
    values = _checked(headers)
    uri = _request_uri(uri_text)
    number, cseq_method = headers.read("CSeq", parse_cseq)
    if cseq_method != method:
        # RFC 4475 §3.1.2.18: an unknown method is better told so than called malformed
        status, reason = (400, "Bad Request") if method in KNOWN_METHODS else (501, "Not Implemented")
        raise _Fault(f"CSeq {number} names another method", status, reason, "CSeq")
    if values.get("contact") == "*" and method != "REGISTER":
        raise _Fault("a wildcard stands only in REGISTER", where="Contact")
    return Request(method, uri, headers, _body(values, body, head_bytes), SIP_VERSION)


def _request_uri(text: str) -> Uri:
    if len(text) > MAX_URI_LENGTH:
        raise _Fault("Request-URI too long", 414, "Request-URI Too Long", "start line")
    try:
        uri = parse_uri(text)
    except ParseError as error:
        raise _Fault(str(error), where="start line") from None
    if isinstance(uri, SipUri) and uri.headers:
        raise _Fault("headers in the Request-URI (RFC 3261 §19.1.1)", where="start line")
    return uri


def _response(start: re.Match[str], headers: Headers, body: bytes, head_bytes: int) -> Response:
    version, status, reason = start.groups()
    if version.upper() != SIP_VERSION or len(status) != 3 or not "100" <= status <= "699":
        raise _Fault("version or status out of range", where="start line")
    values = _checked(headers)
    return Response(int(status), reason or "", headers, _body(values, body, head_bytes), SIP_VERSION)


def _checked(headers: Headers) -> Mapping[str, str]:
    """The value of the first line of each header, after all that the protocol needs has been read once."""
    values = headers.firsts
    where = ""
    try:
        if len(values) < len(headers):
            _check_repeated(headers, values)
        for where in _MANDATORY:
            if not values.get(where):
                raise _Fault("header is missing or empty", where=where)
        where = "via"
        headers.read("Via", newest_via)
        where = "contact"
        if where in values and values[where] != "*":
            parse_addresses(values[where])
        where = "from"
        headers.read("From", parse_address)
        where = "to"
        headers.read("To", parse_address)
        where = "cseq"
        headers.read("CSeq", parse_cseq)
        where = "max-forwards"
        if where in values:
            parse_count(values[where], limit=_NO_LENGTH)
    except BeyondBound as error:
        raise _Fault(str(error), reason=error.reason, where=where) from None
    except ParseError as error:
        raise _Fault(str(error), where=where) from None
    return values


def _check_repeated(headers: Headers, values: Mapping[str, str]) -> None:
    seen: set[str] = set()
    for key, name, value, _ in headers.fields():
        if key not in seen:
            seen.add(key)
        elif key in _ONCE or (key == "content-length" and value != values[key]):
            raise _Fault("stands more than once", where=name)
        elif key == "via":
            parse_vias(value)
        elif key == "contact":
            if "*" in (value, values["contact"]):
                raise _Fault("* stands beside another Contact", reason="Contact * Stands Alone", where=name)
            parse_addresses(value)


def _body(values: Mapping[str, str], octets: bytes, head_bytes: int) -> bytes:
    text = values.get("content-length")
    if text is None:
        return octets
    try:
        length = parse_count(text, _NO_LENGTH)
    except ParseError as error:
        raise _Fault(str(error), where="Content-Length") from None
    if head_bytes + length > MAX_MESSAGE_BYTES:
        raise _Fault("the message is too large", 513, _TOO_LARGE, "Content-Length")
    if length > len(octets):
        raise _Fault("the body is shorter than Content-Length", where="Content-Length")
    return octets if length == len(octets) else octets[:length]

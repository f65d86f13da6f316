"""Responses built from requests (RFC 3261 §8.2.6) and what can be read out of bodies and Reason headers."""

import re
from collections.abc import Iterable
from typing import Final

from core.errors import ParseError
from telephony.sip.capabilities import SDP_TYPE
from telephony.sip.headers import Field, Headers, field_of, make_field
from telephony.sip.message import REASONS, Message, Request, Response

RETRY_AFTER_S: Final = 5
"""What a 503 of ours asks for: whatever is full or closing may have room by then."""

_COPIED: Final = frozenset({"via", "from", "to", "call-id", "cseq"})
_SIGNAL: Final = re.compile(rb"^\s*Signal\s*=\s*([0-9*#A-D]+)\s*$", re.MULTILINE | re.IGNORECASE)
_FLASH: Final = re.compile(rb"^\s*(?:Signal\s*=\s*)?(?:16|!|hf|flash|hookflash)\s*$", re.MULTILINE | re.IGNORECASE)
_NAMED_DIGITS: Final = {"10": "*", "11": "#", "12": "A", "13": "B", "14": "C", "15": "D"}
_CAUSE: Final = re.compile(r"Q\.850\s*;(?:[^,]*;)?\s*cause\s*=\s*(\d{1,3})", re.IGNORECASE)


def reply_to(
    request: Request,
    status: int,
    tag: str,
    reason: str = "",
    headers: Iterable[tuple[str, str]] = (),
    body: bytes = b"",
    content_type: str = SDP_TYPE,
) -> Response:
    """A response to ``request``; ``tag`` goes on a To that has none (not for 100). A 503 says when to come again, where
    ``headers`` do not: without that it counts as 500 (§21.5.4).
    """
    fields = [field for field in request.headers.fields() if field[0] in _COPIED]
    if status > 100:
        fields = [_tagged(field, request, tag) if field[0] == "to" else field for field in fields]
    else:
        timestamp = request.headers.get("Timestamp")
        if timestamp is not None:
            fields.append(field_of("Timestamp", timestamp))
    fields += [field_of(name, value) for name, value in headers]
    if status == 503 and not any(field.name == "Retry-After" for field in fields):
        fields.append(field_of("Retry-After", str(RETRY_AFTER_S)))
    if body:
        fields.append(field_of("Content-Type", content_type))
    return Response(status, reason or REASONS.get(status, ""), Headers.of_fields(fields), body)


def _tagged(to: Field, request: Request, tag: str) -> Field:
    try:
        address = request.to
    except ParseError:
        return to  # the parser has read it once already; what cannot be read goes back as it came
    if address.tag is not None:
        return to
    return make_field("To", f"{to.value};tag={tag}" if "<" in to.value else str(address.with_tag(tag)))


def cause_of(message: Message) -> int | None:
    """The Q.850 cause of a Reason header (RFC 3326)."""
    for value in message.headers.get_all("Reason"):
        match = _CAUSE.search(value)
        if match is not None:
            return int(match.group(1))
    return None


def is_flash(message: Message) -> bool:
    """Whether an INFO tells of a flash of the hook, as gateways send it beside keys: it means nothing here."""
    return _FLASH.search(message.body[:256].replace(b"\r", b"")) is not None


def digit_of(message: Message) -> str | None:
    """The key in an INFO body: ``application/dtmf-relay`` (Signal=5) or ``application/dtmf`` (5), else None."""
    body = message.body[:256]
    if message.content_type == "application/dtmf-relay":
        match = _SIGNAL.search(body.replace(b"\r", b""))
        text = match.group(1).decode("ascii") if match else ""
    elif message.content_type == "application/dtmf":
        text = body.decode("ascii", "replace").strip()
    else:
        return None
    text = _NAMED_DIGITS.get(text, text).upper()
    return text if len(text) == 1 and text in "0123456789*#ABCD" else None

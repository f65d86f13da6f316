"""Traced messages told for people: who sent what to whom, for a ladder diagram."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from core.errors import ParseError
from telephony.sip.message import Request
from telephony.sip.parser import BrokenRequest, parse_message
from telephony.sip.trace import Traced


@dataclass(frozen=True, slots=True)
class Rung:
    """One arrow: from and to as ``host:port``, our own end as ``line400``; ``text`` such as ``INVITE`` or ``200 OK
    (INVITE)``; ``leg`` its Call-ID; ``message`` the whole text.
    """

    serial: int
    at: float
    source: str
    target: str
    text: str
    sdp: bool
    leg: str
    message: str


US: Final = "line400"
"""Our own end."""


def ladder(messages: Iterable[Traced]) -> list[Rung]:
    """The rungs, in order."""
    return [_rung(one) for one in messages]


def _rung(one: Traced) -> Rung:
    peer = f"{one.hop.host}:{one.hop.port}"
    source, target = (peer, US) if one.received else (US, peer)
    text, sdp = _told(one.data)
    return Rung(
        one.serial, one.at, source, target, text, sdp, one.call_id, one.data.decode("utf-8", "backslashreplace")
    )


def _told(data: bytes) -> tuple[str, bool]:
    try:
        message = parse_message(data)
    except (BrokenRequest, ParseError):
        return data.split(b"\r\n", 1)[0].decode("utf-8", "backslashreplace")[:80], False
    sdp = "sdp" in message.content_type
    if isinstance(message, Request):
        return message.method, sdp
    try:
        method = message.cseq.method
    except ParseError:
        method = "?"
    return f"{message.status} {message.reason} ({method})", sdp

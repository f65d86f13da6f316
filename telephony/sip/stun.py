"""STUN Binding on the SIP port (RFC 8489, RFC 5626 §3.5.2 and §8): phones behind NAT keep their way open with it.

Sans-I/O. Only the Binding request is known, without authentication; the answer says where the request came from. It is
12 octets longer than the shortest request (24 for IPv6), and each address gets few of them: nothing is amplified.
"""

import struct
from collections import Counter
from ipaddress import ip_address
from typing import Final
from zlib import crc32

from telephony.sip.hop import Hop

HEADER: Final = 20
MAX_REQUEST: Final = 548
"""RFC 8489 §6.1: what fits every path; no request that we serve is longer."""
MAX_PER_SECOND: Final = 50
"""Answers to one address; many phones may stand behind it, each asking every half minute or so."""
MAX_ADDRESSES: Final = 4096

_COOKIE: Final = 0x2112A442
_COOKIE_OCTETS: Final = _COOKIE.to_bytes(4)
_REQUEST, _SUCCESS, _ERROR = 0x0001, 0x0101, 0x0111
_MAPPED, _ERROR_CODE, _UNKNOWN, _XOR_MAPPED, _FINGERPRINT = 0x0001, 0x0009, 0x000A, 0x0020, 0x8028
_FINGERPRINT_XOR: Final = 0x5354554E
_PASSED_OVER: Final = frozenset({0x0006, 0x0008, 0x0014, 0x0015, 0x001C, 0x001D, 0x001E})
"""Credentials (RFC 8489 §9.1.3): a server that asks for none passes over them."""


def is_stun(data: bytes) -> bool:
    """Whether a datagram is STUN rather than SIP, whose first octet is a letter or CR (RFC 5626 §8.1)."""
    return (
        len(data) >= HEADER and data[0] < 4 and len(data) % 4 == 0 and int.from_bytes(data[2:4]) == len(data) - HEADER
    )


class StunServer:
    """Answers Binding requests."""

    __slots__ = ("_answered", "_second")

    def __init__(self) -> None:
        self._second = 0
        self._answered: Counter[str] = Counter()

    def answer(self, data: bytes, source: Hop, now: float) -> bytes | None:
        """The answer to ``data`` (which ``is_stun``) from ``source``; None for what gets none."""
        if int.from_bytes(data[:2]) != _REQUEST or len(data) > MAX_REQUEST or not self._may_have(source.host, now):
            return None
        modern = data[4:8] == _COOKIE_OCTETS
        attributes = _attributes(data)
        if attributes is None:
            return None
        fingerprint = attributes.pop(_FINGERPRINT, None)
        if fingerprint is not None and fingerprint != _fingerprint(data[:-8]):
            return None  # §14.7: it is another protocol that looks like STUN
        unknown = [kind for kind in attributes if kind < 0x8000 and kind not in _PASSED_OVER]
        if unknown and modern:
            body = _attribute(_ERROR_CODE, b"\0\0\x04\x14") + _attribute(
                _UNKNOWN, struct.pack(f"!{len(unknown)}H", *unknown)
            )
            return _message(_ERROR, data[4:HEADER], body, sealed=fingerprint is not None)
        body = (
            _attribute(_XOR_MAPPED, _address(source, data[4:HEADER]))
            if modern
            else _attribute(_MAPPED, _address(source))
        )
        return _message(_SUCCESS, data[4:HEADER], body, sealed=fingerprint is not None)

    def _may_have(self, host: str, now: float) -> bool:
        if int(now) != self._second:
            self._second = int(now)
            self._answered.clear()
        if self._answered[host] >= MAX_PER_SECOND or len(self._answered) >= MAX_ADDRESSES:
            return False
        self._answered[host] += 1
        return True


def _attributes(data: bytes) -> dict[int, bytes] | None:
    """Attributes by type, the first of each (§14); None where they do not fit the message."""
    found: dict[int, bytes] = {}
    at = HEADER
    while at < len(data):
        kind, size = struct.unpack_from("!HH", data, at)
        value = data[at + 4 : at + 4 + size]
        if len(value) < size:
            return None
        found.setdefault(kind, value)
        at += 4 + size + -size % 4
    return found


def _address(source: Hop, mask: bytes = bytes(16)) -> bytes:
    """§14.1 and §14.2: family, port and address, masked with cookie and transaction id."""
    address = ip_address(source.host).packed
    port = source.port ^ int.from_bytes(mask[:2])
    hidden = bytes(octet ^ cover for octet, cover in zip(address, mask, strict=False))
    return struct.pack("!xBH", 1 if len(address) == 4 else 2, port) + hidden


def _attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)


def _message(kind: int, identity: bytes, body: bytes, *, sealed: bool) -> bytes:
    size = len(body) + (8 if sealed else 0)
    message = struct.pack("!HH", kind, size) + identity + body
    return message + _attribute(_FINGERPRINT, _fingerprint(message)) if sealed else message


def _fingerprint(before: bytes) -> bytes:
    """§14.7, over everything before the attribute, whose own length the header already counts."""
    return (crc32(before) ^ _FINGERPRINT_XOR).to_bytes(4)

"""RTP packets (RFC 3550 section 5.1): the header of 12 bytes and what may follow it.

The relay reads and writes ``HEADER`` directly for plain packets (first byte 0x80); ``parse_rtp`` copes with the rest:
contributing sources, header extension, padding.
"""

import struct
from dataclasses import dataclass
from typing import Final

from core.errors import ParseError

HEADER: Final = struct.Struct("!BBHII")
HEADER_SIZE: Final = HEADER.size
PLAIN: Final = 0x80
"""First byte of a version 2 packet without padding, extension or contributing sources."""
MARKER: Final = 0x80


@dataclass(frozen=True, slots=True)
class RtpPacket:
    """One packet; ``sequence`` modulo 2**16, ``timestamp`` and ``ssrc`` modulo 2**32, in units of the codec's clock."""

    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes
    marker: bool = False

    def to_bytes(self) -> bytes:
        """As it goes on the wire."""
        second = self.payload_type | (MARKER if self.marker else 0)
        return HEADER.pack(PLAIN, second, self.sequence, self.timestamp, self.ssrc) + self.payload


def parse_rtp(data: bytes) -> RtpPacket:
    """The packet in ``data``; ``ParseError`` if it is not RTP version 2 or its parts do not fit its length."""
    if len(data) < HEADER_SIZE:
        raise ParseError("not RTP: shorter than its header")
    first, second, sequence, timestamp, ssrc = HEADER.unpack_from(data)
    if first >> 6 != 2:
        raise ParseError("not RTP version 2")
    start = HEADER_SIZE + 4 * (first & 0x0F)
    if first & 0x10:  # header extension, section 5.3.1: profile (2 bytes), length in words (2 bytes)
        if len(data) < start + 4:
            raise ParseError("RTP header extension is cut off")
        start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4])
    end = len(data)
    if first & 0x20:
        padding = data[-1]
        if padding == 0:
            raise ParseError("RTP padding of length 0")
        end -= padding
    if start > end:
        raise ParseError("RTP packet is shorter than its parts")
    return RtpPacket(second & 0x7F, sequence, timestamp, ssrc, data[start:end], bool(second & MARKER))


def payload_of(data: bytes) -> bytes:
    """The payload of a packet with contributing sources, extension or padding; empty where it is not RTP."""
    try:
        return parse_rtp(data).payload
    except ParseError:
        return b""

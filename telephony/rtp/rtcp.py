"""RTCP packets (RFC 3550 sections 6.4 to 6.6): sender and receiver reports, source descriptions, goodbyes.

A datagram carries several packets, one after the other. It may begin with any of them (RFC 5506, reduced size); types
that are not listed here (application, feedback, extended reports) are checked for length and skipped. Encryption
(RFC 3711) is somebody else's matter.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

from core.errors import ParseError

SENDER_REPORT: Final = 200
RECEIVER_REPORT: Final = 201
SOURCE_DESCRIPTION: Final = 202
GOODBYE: Final = 203
MAX_DATAGRAM: Final = 1500
MOST: Final = 31
"""Report blocks, chunks or sources of one packet: the count has five bits."""
_CNAME: Final = 1
_MAX_TEXT: Final = 255
_HEADER: Final = struct.Struct("!BBH")
_WORD: Final = struct.Struct("!I")
_SENDER: Final = struct.Struct("!IQIII")
_BLOCK: Final = struct.Struct("!IIIIII")
_LOST_MAX: Final = 0x7FFFFF


@dataclass(frozen=True, slots=True)
class ReportBlock:
    """What a receiver says of one source (section 6.4.1).

    ``fraction_lost`` in 1/256 since the report before; ``lost`` since the beginning, signed 24 bits; ``highest``
    sequence number with its cycles; ``jitter`` in units of the stream's clock; ``last_sr`` the middle 32 bits of the
    NTP time of the newest sender report of the source, ``since_last_sr`` in 1/65536 s (both 0: none came).
    """

    ssrc: int
    fraction_lost: int
    lost: int
    highest: int
    jitter: int
    last_sr: int = 0
    since_last_sr: int = 0


@dataclass(frozen=True, slots=True)
class SenderReport:
    """What ``ssrc`` has sent: ``ntp`` (64 bits, 1/2**32 s) and ``rtp_timestamp`` are of the same instant."""

    ssrc: int
    ntp: int
    rtp_timestamp: int
    packets: int
    octets: int
    blocks: tuple[ReportBlock, ...] = ()


@dataclass(frozen=True, slots=True)
class ReceiverReport:
    """``ssrc`` has sent nothing lately; what it has received."""

    ssrc: int
    blocks: tuple[ReportBlock, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceDescription:
    """Canonical names (section 6.5.1) by source; other items of a description are not kept."""

    names: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Goodbye:
    """``sources`` have left; ``reason`` for people, often ""."""

    sources: tuple[int, ...]
    reason: str = ""


RtcpPacket: TypeAlias = SenderReport | ReceiverReport | SourceDescription | Goodbye


def is_rtcp(data: bytes) -> bool:
    """Whether a datagram at a port that RTP and RTCP share is RTCP (RFC 5761 section 4: types 192 to 223)."""
    return len(data) >= _HEADER.size + _WORD.size and data[0] >> 6 == 2 and 192 <= data[1] <= 223


def parse_rtcp(data: bytes) -> tuple[RtcpPacket, ...]:
    """The packets of one datagram that we know; ``ParseError`` if any part of it does not fit its length."""
    if not _HEADER.size <= len(data) <= MAX_DATAGRAM:
        raise ParseError(f"not RTCP: {len(data)} bytes")
    packets: list[RtcpPacket] = []
    start = 0
    while start < len(data):
        if len(data) - start < _HEADER.size:
            raise ParseError("RTCP header is cut off")
        first, kind, words = _HEADER.unpack_from(data, start)
        if first >> 6 != 2:
            raise ParseError("not RTCP version 2")
        end = start + 4 * (words + 1)
        if end > len(data):
            raise ParseError("RTCP packet is longer than its datagram")
        body = data[start + _HEADER.size : end]
        if first & 0x20:
            if end != len(data):
                raise ParseError("RTCP padding before the last packet")  # section 6.4.1: only there
            body = _unpadded(body)
        packet = _parse_one(kind, first & 0x1F, body)
        if packet is not None:
            packets.append(packet)
        start = end
    return tuple(packets)


def _unpadded(body: bytes) -> bytes:
    padding = body[-1] if body else 0
    if padding == 0 or padding % 4 or padding > len(body):
        raise ParseError(f"RTCP padding of {padding} bytes")
    return body[:-padding]


def _parse_one(kind: int, count: int, body: bytes) -> RtcpPacket | None:
    if kind == SENDER_REPORT:
        if len(body) < _SENDER.size:
            raise ParseError("sender report is too short")
        ssrc, ntp, rtp_timestamp, packets, octets = _SENDER.unpack_from(body)
        blocks = _parse_blocks(body[_SENDER.size :], count)
        return SenderReport(ssrc, ntp, rtp_timestamp, packets, octets, blocks)
    if kind == RECEIVER_REPORT:
        if len(body) < _WORD.size:
            raise ParseError("receiver report is too short")
        return ReceiverReport(_WORD.unpack_from(body)[0], _parse_blocks(body[_WORD.size :], count))
    if kind == SOURCE_DESCRIPTION:
        return _parse_description(body, count)
    if kind == GOODBYE:
        return _parse_goodbye(body, count)
    return None


def _parse_blocks(body: bytes, count: int) -> tuple[ReportBlock, ...]:
    """What follows the blocks is an extension of some profile, and skipped (section 6.4.3)."""
    if len(body) < count * _BLOCK.size:
        raise ParseError("RTCP report has fewer blocks than it says")
    blocks: list[ReportBlock] = []
    for ssrc, losses, highest, jitter, last_sr, since in _BLOCK.iter_unpack(body[: count * _BLOCK.size]):
        lost = losses & 0xFFFFFF
        lost -= (lost & 0x800000) << 1  # two's complement of 24 bits
        blocks.append(ReportBlock(ssrc, losses >> 24, lost, highest, jitter, last_sr, since))
    return tuple(blocks)


def _parse_description(body: bytes, count: int) -> SourceDescription:
    names: list[tuple[int, str]] = []
    at = 0
    for _ in range(count):
        if at + _WORD.size > len(body):
            raise ParseError("source description has fewer chunks than it says")
        (ssrc,) = _WORD.unpack_from(body, at)
        at += _WORD.size
        while True:
            if at >= len(body):
                raise ParseError("chunk of a source description does not end")
            item = body[at]
            if item == 0:
                at = (at // 4 + 1) * 4  # nulls up to the next word
                break
            if at + 2 > len(body) or at + 2 + body[at + 1] > len(body):
                raise ParseError("item of a source description is cut off")
            text = body[at + 2 : at + 2 + body[at + 1]]
            if item == _CNAME:
                names.append((ssrc, text.decode(errors="replace")))
            at += 2 + len(text)
    return SourceDescription(tuple(names))


def _parse_goodbye(body: bytes, count: int) -> Goodbye:
    end = count * _WORD.size
    if len(body) < end:
        raise ParseError("goodbye has fewer sources than it says")
    sources = tuple(ssrc for (ssrc,) in _WORD.iter_unpack(body[:end]))
    reason = b""
    if len(body) > end:
        reason = body[end + 1 : end + 1 + body[end]]
        if len(reason) != body[end]:
            raise ParseError("reason of a goodbye is cut off")
    return Goodbye(sources, reason.decode(errors="replace"))


def build_rtcp(packets: Iterable[RtcpPacket]) -> bytes:
    """One datagram; ``ValueError`` for more than ``MOST`` parts or a text of more than 255 bytes."""
    return b"".join(_build_one(packet) for packet in packets)


def _build_one(packet: RtcpPacket) -> bytes:
    match packet:
        case SenderReport(ssrc, ntp, rtp_timestamp, sent, octets, blocks):
            body = _SENDER.pack(ssrc, ntp, rtp_timestamp, sent, octets) + _build_blocks(blocks)
            return _framed(SENDER_REPORT, len(blocks), body)
        case ReceiverReport(ssrc, blocks):
            return _framed(RECEIVER_REPORT, len(blocks), _WORD.pack(ssrc) + _build_blocks(blocks))
        case SourceDescription(names):
            chunks = (_filled(_WORD.pack(ssrc) + bytes([_CNAME]) + _text(name) + b"\0") for ssrc, name in names)
            return _framed(SOURCE_DESCRIPTION, len(names), b"".join(chunks))
        case Goodbye(sources, reason):
            body = b"".join(_WORD.pack(ssrc) for ssrc in sources) + (_filled(_text(reason)) if reason else b"")
            return _framed(GOODBYE, len(sources), body)


def _framed(kind: int, count: int, body: bytes) -> bytes:
    if count > MOST:
        raise ValueError(f"an RTCP packet holds {MOST} parts, not {count}")
    return _HEADER.pack(0x80 | count, kind, len(body) // 4) + body


def _build_blocks(blocks: tuple[ReportBlock, ...]) -> bytes:
    parts: list[bytes] = []
    for block in blocks:
        lost = max(-_LOST_MAX - 1, min(_LOST_MAX, block.lost)) & 0xFFFFFF
        losses = block.fraction_lost << 24 | lost
        parts.append(_BLOCK.pack(block.ssrc, losses, block.highest, block.jitter, block.last_sr, block.since_last_sr))
    return b"".join(parts)


def _text(text: str) -> bytes:
    encoded = text.encode()
    if len(encoded) > _MAX_TEXT:
        raise ValueError(f"an RTCP text holds {_MAX_TEXT} bytes, not {len(encoded)}")
    return bytes([len(encoded)]) + encoded


def _filled(part: bytes) -> bytes:
    return part + bytes(-len(part) % 4)

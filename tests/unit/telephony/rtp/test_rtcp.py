import contextlib
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ParseError
from telephony.rtp.rtcp import (
    Goodbye,
    ReceiverReport,
    ReportBlock,
    RtcpPacket,
    SenderReport,
    SourceDescription,
    build_rtcp,
    is_rtcp,
    parse_rtcp,
)

u32 = st.integers(0, 0xFFFFFFFF)
short_text = st.text(max_size=60)
report_blocks = st.lists(
    st.builds(ReportBlock, u32, st.integers(0, 255), st.integers(-(1 << 23), (1 << 23) - 1), u32, u32, u32, u32),
    max_size=4,
).map(tuple)
packets = st.one_of(
    st.builds(SenderReport, u32, st.integers(0, (1 << 64) - 1), u32, u32, u32, report_blocks),
    st.builds(ReceiverReport, u32, report_blocks),
    st.builds(SourceDescription, st.lists(st.tuples(u32, short_text), max_size=3).map(tuple)),
    st.builds(Goodbye, st.lists(u32, max_size=5).map(tuple), short_text),
)


@settings(max_examples=200)
@given(st.lists(packets, min_size=1, max_size=3))
def test_what_is_built_is_parsed_to_the_same(compound: list[RtcpPacket]) -> None:
    data = build_rtcp(compound)
    assert len(data) % 4 == 0
    assert parse_rtcp(data) == tuple(compound)


@settings(max_examples=300)
@given(st.binary(max_size=120))
def test_anything_is_parsed_or_refused(data: bytes) -> None:
    with contextlib.suppress(ParseError):
        parse_rtcp(data)


@settings(max_examples=300)
@given(st.lists(packets, min_size=1, max_size=2), st.data())
def test_damage_is_parsed_or_refused_and_never_more_than_what_came(
    compound: list[RtcpPacket], data: st.DataObject
) -> None:
    raw = bytearray(build_rtcp(compound))
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] = data.draw(st.integers(0, 255))
    cut = bytes(raw[: data.draw(st.integers(0, len(raw)))])
    try:
        parsed = parse_rtcp(cut)
    except ParseError:
        return
    assert len(parsed) <= len(cut) // 4


def test_the_bytes_are_those_of_the_rfc() -> None:
    block = ReportBlock(0x01020304, 64, -2, 0x00010005, 37, 0xAABBCCDD, 65536)
    data = build_rtcp([SenderReport(0x11223344, 0x0102030405060708, 9, 10, 11, (block,))])
    assert data[:4] == bytes([0x81, 200, 0, 12])  # version 2, one block; 13 words less one
    assert struct.unpack("!IQIII", data[4:28]) == (0x11223344, 0x0102030405060708, 9, 10, 11)
    assert data[28:36] == bytes([1, 2, 3, 4, 64, 0xFF, 0xFF, 0xFE])
    assert struct.unpack("!IIII", data[36:]) == (0x00010005, 37, 0xAABBCCDD, 65536)


def test_a_description_keeps_only_the_canonical_name() -> None:
    chunk = struct.pack("!I", 7) + b"\x02\x03abc" + b"\x01\x04a@bc" + b"\x06\x00" + b"\0"
    chunk += bytes(-len(chunk) % 4)
    assert parse_rtcp(struct.pack("!BBH", 0x81, 202, len(chunk) // 4) + chunk) == (SourceDescription(((7, "a@bc"),)),)


def test_extended_reports_feedback_and_profile_extensions_are_skipped() -> None:
    extended = struct.pack("!BBHII", 0x80, 207, 2, 7, 0)
    report = struct.pack("!BBHI", 0x80, 201, 2, 7) + b"ours"
    assert parse_rtcp(extended + report) == (ReceiverReport(7),)


def test_reduced_size_and_padding_at_the_end_are_taken() -> None:
    assert parse_rtcp(build_rtcp([Goodbye((5,))])) == (Goodbye((5,)),)
    padded = struct.pack("!BBHI", 0xA0, 201, 3, 7) + b"\0\0\0\0\0\0\0\x08"
    assert parse_rtcp(padded) == (ReceiverReport(7),)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80\xc8\x00",
        struct.pack("!BBHI", 0x40, 201, 1, 7),  # version 1
        struct.pack("!BBHI", 0x80, 201, 2, 7),  # longer than the datagram
        struct.pack("!BBHI", 0x81, 201, 1, 7),  # a block that is not there
        struct.pack("!BBHI", 0x80, 200, 1, 7),  # a sender report without its sender
        struct.pack("!BBH", 0x80, 201, 0),
        struct.pack("!BBHI", 0x82, 203, 1, 7),  # a source that is not there
        struct.pack("!BBHI", 0x80, 203, 1, 0xFF000000),  # a reason that is not there
        struct.pack("!BBHI", 0x81, 202, 1, 7),  # a chunk without an end
        struct.pack("!BBHII", 0x81, 202, 2, 7, 0x01FF6161),  # an item that is cut off
        struct.pack("!BBHI", 0xA0, 201, 1, 0),  # padding of none
        struct.pack("!BBHI", 0xA0, 201, 1, 200),  # more padding than packet
        struct.pack("!BBHII", 0xA0, 201, 2, 7, 4) + struct.pack("!BBHI", 0x80, 201, 1, 7),  # padding before the last
        struct.pack("!BBHI", 0x80, 201, 1, 7) + b"\x80",
        bytes(1501),
    ],
)
def test_what_does_not_fit_is_refused(data: bytes) -> None:
    with pytest.raises(ParseError):
        parse_rtcp(data)


def test_what_does_not_fit_is_not_built() -> None:
    with pytest.raises(ValueError, match="255 bytes"):
        build_rtcp([SourceDescription(((1, "x" * 256),))])
    with pytest.raises(ValueError, match="31 parts"):
        build_rtcp([Goodbye(tuple(range(32)))])


def test_losses_beyond_24_bits_are_told_as_the_most_there_is() -> None:
    parsed = parse_rtcp(build_rtcp([ReceiverReport(1, (ReportBlock(2, 0, 1 << 30, 0, 0),))]))
    assert parsed == (ReceiverReport(1, (ReportBlock(2, 0, 0x7FFFFF, 0, 0),)),)


def test_rtcp_on_a_shared_port_is_told_by_its_type() -> None:
    assert is_rtcp(build_rtcp([ReceiverReport(1)]))
    for payload_type in (0, 8, 9, 13, 96, 101, 111, 127):
        assert not is_rtcp(bytes([0x80, payload_type]) + bytes(10))
        if not 64 <= payload_type <= 95:
            assert not is_rtcp(bytes([0x80, payload_type | 0x80]) + bytes(10))

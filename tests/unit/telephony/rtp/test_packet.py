import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ParseError
from telephony.rtp.packet import RtpPacket, parse_rtp

PACKET = RtpPacket(8, 65535, 2**32 - 1, 0xDEADBEEF, b"\xd5" * 160, marker=True)


def test_bytes_follow_rfc_3550_section_5_1() -> None:
    assert PACKET.to_bytes() == bytes.fromhex("8088ffffffffffffdeadbeef") + b"\xd5" * 160


def test_a_packet_comes_back_as_it_went() -> None:
    assert parse_rtp(PACKET.to_bytes()) == PACKET


def test_contributing_sources_extension_and_padding_are_cut_off() -> None:
    head = bytearray(PACKET.to_bytes()[:12])
    head[0] = 0x80 | 0x20 | 0x10 | 2
    data = bytes(head) + bytes(8) + b"\xbe\xde\x00\x01" + bytes(4) + b"sound" + b"\x00\x00\x03"
    assert parse_rtp(data).payload == b"sound"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bytes(11),
        b"\x40" + bytes(20),  # version 1
        b"\x8f" + bytes(20),  # fifteen sources that are not there
        b"\x90" + bytes(13),  # extension cut off
        b"\x90" + bytes(11) + b"\x00\x00\xff\xff" + bytes(20),  # extension longer than the packet
        b"\xa0" + bytes(20),  # padding of length 0
        b"\xa0" + bytes(20) + b"\xff",  # padding longer than the packet
    ],
)
def test_what_is_not_rtp_is_refused(data: bytes) -> None:
    with pytest.raises(ParseError):
        parse_rtp(data)


@settings(max_examples=200)
@given(st.binary(max_size=64))
def test_no_input_does_anything_but_parse_or_refuse(data: bytes) -> None:
    try:
        packet = parse_rtp(data)
    except ParseError:
        return
    assert len(packet.payload) <= len(data) - 12

"""STUN on the SIP port: the test vectors of RFC 5769, what is refused, and that nothing is amplified."""

import struct
from zlib import crc32

import pytest

from telephony.sip.hop import Hop
from telephony.sip.stun import MAX_PER_SECOND, StunServer, is_stun

COOKIE = bytes.fromhex("2112a442")
ID = bytes.fromhex("b7e7a701bc34d686fa87dfae")
SOURCE = Hop("UDP", "192.0.2.1", 32853)
SOURCE6 = Hop("UDP", "2001:db8:1234:5678:11:2233:4455:6677", 32853)


def request(attributes: bytes = b"", *, kind: int = 1, cookie: bytes = COOKIE) -> bytes:
    return struct.pack("!HH", kind, len(attributes)) + cookie + ID + attributes


def sealed(attributes: bytes = b"", spoil: int = 0) -> bytes:
    head = struct.pack("!HH", 1, len(attributes) + 8) + COOKIE + ID + attributes
    return head + bytes.fromhex("80280004") + (crc32(head) ^ 0x5354554E ^ spoil).to_bytes(4)


@pytest.mark.parametrize(
    ("source", "mapped"),
    [
        (SOURCE, "002000080001a147e112a643"),  # as in RFC 5769 §2.2
        (SOURCE6, "002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9"),  # §2.3
    ],
)
def test_the_mapped_addresses_of_rfc_5769(source: Hop, mapped: str) -> None:
    asked = request()
    assert is_stun(asked)
    answer = StunServer().answer(asked, source, 0.0)
    assert answer == struct.pack("!HH", 0x0101, len(mapped) // 2) + COOKIE + ID + bytes.fromhex(mapped)
    assert len(answer) <= len(asked) + 24


def test_a_fingerprint_is_checked_and_answered_with_one() -> None:
    answer = StunServer().answer(sealed(), SOURCE, 0.0)
    assert answer is not None and is_stun(answer)
    assert answer[-8:-4] == bytes.fromhex("80280004")
    assert int.from_bytes(answer[-4:]) == crc32(answer[:-8]) ^ 0x5354554E
    assert StunServer().answer(sealed(spoil=1), SOURCE, 0.0) is None


def test_what_must_be_understood_and_is_not_is_named() -> None:
    asked = request(bytes.fromhex("00030004 00000006 00240004 00000001 80220004 61626364 00060004 75736572"))
    answer = StunServer().answer(asked, SOURCE, 0.0)
    assert answer is not None
    assert answer[:2] == bytes.fromhex("0111")
    assert answer[20:] == bytes.fromhex("00090004 00000414 000a0004 00030024")
    assert len(answer) < len(asked) + 20


def test_older_clients_get_the_address_as_it_is() -> None:
    answer = StunServer().answer(request(cookie=b"\1\2\3\4"), SOURCE, 0.0)
    assert answer is not None and answer[20:] == bytes.fromhex("000100080001 8055 c0000201")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"OPTIONS sip:a@b SIP/2.0\r\n",
        b"\r\n\r\n",
        request()[:19],
        request() + b"\0\0\0\0",
        b"\x40" + request()[1:],
        b"\x80" + bytes(39),  # RTP
    ],
)
def test_what_is_no_stun(data: bytes) -> None:
    assert not is_stun(data)


@pytest.mark.parametrize(
    "data",
    [
        request(kind=0x0011),  # an indication
        request(kind=0x0101),  # an answer
        request(bytes.fromhex("00060009 75736572")),  # longer than what is there
        request(bytes.fromhex("8022ffff")),
        request(bytes(600)),
    ],
)
def test_what_gets_no_answer(data: bytes) -> None:
    assert is_stun(data)
    assert StunServer().answer(data, SOURCE, 0.0) is None


def test_each_address_gets_so_many_in_a_second() -> None:
    server = StunServer()
    answers = [server.answer(request(), SOURCE, 7.0) for _ in range(MAX_PER_SECOND + 1)]
    assert answers[-1] is None and None not in answers[:-1]
    assert server.answer(request(), SOURCE6, 7.5) is not None
    assert server.answer(request(), SOURCE, 8.0) is not None

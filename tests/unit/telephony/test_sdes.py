"""Keys in SDP: which lines are taken, and that both sides end with the same keys."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ParseError
from telephony.sdp.sdes import KEY_BYTES, SUITES, Crypto, LegKeys, parse_crypto, usable_lines, without_keys
from telephony.sip.hop import Hop
from telephony.sip.trace import Tracer

KEY = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz"
"""The key of the examples of RFC 4568 section 4.1: 30 bytes."""


def counting(start: int) -> LegKeys:
    """Keys whose first bytes tell whose they are and in which order they were drawn."""
    drawn = iter(range(start, 256))
    return LegKeys(lambda length: bytes([next(drawn)]) * length)


def test_the_example_of_the_rfc() -> None:
    line = parse_crypto(f"1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|2^20 WSH=64")
    assert (line.tag, line.suite, len(line.key)) == (1, "AES_CM_128_HMAC_SHA1_80", 30)
    assert line.key.startswith(b"YS___semctl")
    assert parse_crypto(line.to_text()) == line
    assert KEY not in repr(line), "keys do not get into logs"
    assert "YS___" not in repr(line)


@pytest.mark.parametrize("suite", sorted(KEY_BYTES))
def test_every_suite_goes_there_and_back(suite: str) -> None:
    line = Crypto(7, suite, bytes(range(KEY_BYTES[suite])))
    assert parse_crypto(line.to_text()) == line


@pytest.mark.parametrize(
    "value",
    [
        "", "1", "1 AES_CM_128_HMAC_SHA1_80", f"x AES_CM_128_HMAC_SHA1_80 inline:{KEY}",
        f"1 F8_128_HMAC_SHA1_80 inline:{KEY}", f"1 AES_CM_128_HMAC_SHA1_80 outline:{KEY}",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|2^20|1:4", f"1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|1:32",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{KEY};inline:{KEY}", "1 AES_CM_128_HMAC_SHA1_80 inline:%%%%",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{KEY[:-4]}", f"1 AEAD_AES_256_GCM inline:{KEY}",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{KEY} UNENCRYPTED_SRTP", f"1 AES_CM_128_HMAC_SHA1_80 inline:{KEY} KDR=0",
    ],
)  # fmt: skip
def test_lines_that_ask_for_what_we_cannot_do_are_passed_over(value: str) -> None:
    with pytest.raises(ParseError):
        parse_crypto(value)
    good = f"2 AES_CM_128_HMAC_SHA1_80 inline:{KEY} -WHATEVER"
    assert [line.tag for line in usable_lines([value, None, good])] == [2]


def test_both_sides_have_the_same_keys_crosswise() -> None:
    ours, theirs = counting(10), counting(100)
    chosen = theirs.answer(ours.offer())
    assert chosen is not None
    line, at_theirs = chosen
    at_ours = ours.accept([line])
    assert at_ours is not None
    assert at_ours.suite == at_theirs.suite == SUITES[0]
    assert (at_ours.send_key, at_ours.receive_key) == (at_theirs.receive_key, at_theirs.send_key)
    assert at_ours.send_key != at_ours.receive_key


def test_a_second_description_repeats_the_keys() -> None:
    keys = counting(10)
    first = keys.offer()
    assert keys.offer() == first
    answered = keys.answer(counting(100).offer())
    assert answered is not None
    assert answered[0].key == first[0].key


def test_an_answer_must_take_one_of_our_lines() -> None:
    ours = counting(10)
    (line, *_) = ours.offer()
    assert ours.accept([]) is None
    assert ours.accept([Crypto(line.tag + 7, line.suite, line.key)]) is None
    assert ours.accept([Crypto(line.tag, SUITES[-1], bytes(30))]) is None
    assert ours.answer([]) is None
    assert LegKeys(bytes, ("AEAD_AES_128_GCM",)).answer([Crypto(1, "AES_CM_128_HMAC_SHA1_80", bytes(30))]) is None


def test_a_trace_shows_no_keys() -> None:
    message = f"INVITE x SIP/2.0\r\n\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 INLINE:{KEY}|2^20;inline:{KEY}\r\n".encode()
    shown = without_keys(message)
    assert len(shown) == len(message), "its Content-Length still holds"
    assert KEY.encode() not in shown
    assert shown.count(b"x" * len(KEY)) == 2
    assert shown.endswith(b"\r\n")
    tracer = Tracer()
    tracer.start()
    tracer.note(message, Hop("UDP", "192.0.2.1", 5060), received=True)
    assert tracer.messages()[0].data == shown
    assert without_keys(b"OPTIONS x SIP/2.0\r\n\r\n") == b"OPTIONS x SIP/2.0\r\n\r\n"


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(max_size=80), max_size=30))
def test_any_text_is_read_or_passed_over(values: list[str]) -> None:
    assert len(usable_lines(values)) <= 16

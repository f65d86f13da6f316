"""Every bound of what is read: who goes beyond it is told which, where an answer can find him, and costs little."""

import pytest

from core.errors import ParseError
from telephony.sip.endpoint import Endpoint
from telephony.sip.framing import StreamParser
from telephony.sip.headers import Headers
from telephony.sip.hop import UDP, Hop
from telephony.sip.message import Request
from telephony.sip.parser import MAX_ECHOED, MAX_HEADERS, MAX_MESSAGE_BYTES, BrokenRequest, parse_message
from telephony.sip.uri import parse_sip_uri

CALLER = Hop(UDP, "10.0.0.9", 5060)


def asked(*more: tuple[str, str], method: str = "INVITE", uri: str = "sip:400@10.0.0.2", to: str = "") -> bytes:
    """A request; ``more`` are further lines, ``to`` another To."""
    headers = Headers(
        [
            ("Via", "SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bKx1"),
            ("From", "<sip:139@10.0.0.9>;tag=theirs"),
            ("To", to or "<sip:400@10.0.0.2>"),
            ("Call-ID", "call-1"),
            ("CSeq", f"1 {method}"),
            ("Max-Forwards", "70"),
            ("Contact", "<sip:139@10.0.0.9:5060>"),
            *more,
        ]
    )
    return Request(method, parse_sip_uri("sip:x@y"), headers, b"").to_bytes().replace(b"sip:x@y", uri.encode(), 1)


def answers(data: bytes) -> list[list[str]]:
    """What one endpoint says at once to ``data``, in lines: what went beyond our bounds we could not read ourselves."""
    line = Endpoint([Hop(UDP, "10.0.0.2", 5060)], entropy=bytes)
    line.receive(data, CALLER, 0.0)
    assert not line.has_events
    return [packet.data.decode().removesuffix("\r\n\r\n").split("\r\n") for packet in line.outgoing()]


LINES = tuple((f"X-{number}", "a") for number in range(MAX_HEADERS))


@pytest.mark.parametrize(
    ("data", "status", "reason"),
    [
        (asked(*LINES), 400, "More Than 100 Header Lines"),
        (asked(*LINES * 30, method="OPTIONS"), 400, "More Than 100 Header Lines"),
        (asked(("Subject", "x" * 8193)), 400, "Header Line Longer Than 8192 Characters"),
        (asked(uri=f"sip:{'4' * 2048}@10.0.0.2"), 414, "Request-URI Too Long"),
        (asked(to=f"<sip:{'4' * 2048}@10.0.0.2>"), 400, "URI Longer Than 2048 Characters"),
        (asked(to=f"<sip:400@10.0.0.2>{';x' * 65}"), 400, "More Than 64 Parameters"),
        (asked(("Contact", ",".join(["<sip:a@b>"] * 257))), 400, "More Than 256 List Items"),
        (asked(("Require", ",".join(["a"] * 257))), 400, "More Than 256 List Items"),
        (asked().replace(b"CSeq: 1 INVITE", b"CSeq: 1 " + b"X" * 600), 400, "CSeq Too Long"),
        (asked().replace(b"Length: 0", b"Length: 65000"), 513, "Message Larger Than 65536 Octets"),
        (asked().replace(b"\r\n\r\n", b"\r\n"), 400, "Headers Without End"),
    ],
)
def test_who_goes_beyond_a_bound_is_told_which(data: bytes, status: int, reason: str) -> None:
    if b"Length: 65000" in data:
        data = data.replace(b"Max-Forwards", b"X: " + b"y" * 600 + b"\r\nMax-Forwards")
    (answer,) = answers(data)
    assert answer[:3] == [
        f"SIP/2.0 {status} {reason}",
        "Via: SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bKx1",
        "From: <sip:139@10.0.0.9>;tag=theirs",
    ]
    assert "Call-ID: call-1" in answer and sum(line.startswith(("CSeq: 1 ", "To: <sip:4")) for line in answer) == 2


def test_of_many_vias_all_go_back() -> None:
    (answer,) = answers(asked(*[("v", f"SIP/2.0/UDP 10.0.1.{number}") for number in range(120)]))
    assert answer[0] == "SIP/2.0 400 More Than 100 Header Lines" and answer[1].startswith("Via: ")
    assert [line for line in answer if line.startswith("v: ")] == [f"v: SIP/2.0/UDP 10.0.1.{n}" for n in range(120)]


@pytest.mark.parametrize(
    "data",
    [
        asked(*LINES, method="ACK"),
        asked(*LINES).replace(b"Via:", b"Vix:"),
        asked(*LINES).replace(b"CSeq:", b"CSex:"),
        asked(*LINES, *[("Via", "SIP/2.0/UDP h")] * MAX_ECHOED),
        asked(*LINES).replace(b"INVITE sip:400@10.0.0.2 SIP/2.0", b"SIP/2.0 200 OK"),
    ],
)
def test_what_nobody_could_match_or_nobody_awaits_is_not_answered(data: bytes) -> None:
    assert answers(data) == []


def test_a_stream_says_what_was_too_large_before_it_ends() -> None:
    parser = StreamParser()
    whole = asked().replace(b"Content-Length: 0", b"Content-Length: 65500")
    (head,) = parser.feed(whole + b"x" * 1000)
    assert parser.fault is not None and parser.feed(asked()) == []
    with pytest.raises(BrokenRequest) as caught:
        parse_message(head)
    assert (caught.value.status, caught.value.answer("t").call_id) == (513, "call-1")


def test_a_stream_whose_headers_do_not_end_says_so() -> None:
    parser = StreamParser()
    frames = parser.feed(asked(*LINES * 110).removesuffix(b"\r\n\r\n"))
    assert parser.fault is not None
    (head,) = frames
    assert len(head) <= MAX_MESSAGE_BYTES
    with pytest.raises(BrokenRequest) as caught:
        parse_message(head)
    assert (caught.value.reason, caught.value.answer("t").call_id) == ("Headers Without End", "call-1")
    nothing = StreamParser()
    assert nothing.feed(b"x" * (MAX_MESSAGE_BYTES + 1)) == [] and nothing.fault is not None


def test_a_datagram_of_nothing_but_lines_is_looked_at_once() -> None:
    """Each alone is cheap, and there are 20,000; those that would be repeated are counted, not kept."""
    with pytest.raises(ParseError):
        parse_message(b"OPTIONS sip:a SIP/2.0\r\n" + b"v:\r\n" * 16000 + b"\r\n")
    with pytest.raises(BrokenRequest) as caught:
        parse_message(b"OPTIONS sip:a SIP/2.0\r\n" + b"x:\r\n" * 16000 + b"t: a\r\n b\r\n\r\n")
    assert caught.value.headers.get("To") == "a b"

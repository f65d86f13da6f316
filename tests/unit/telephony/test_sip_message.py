import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.errors import LocalProtocolError, ParseError
from telephony.sip.grammar import MAX_ITEMS
from telephony.sip.headers import Headers
from telephony.sip.message import Request, Response
from telephony.sip.params import MAX_PARAMS
from telephony.sip.parser import MAX_HEADERS, MAX_MESSAGE_BYTES, BrokenRequest, is_keepalive, parse_message
from telephony.sip.uri import SipUri
from telephony.sip.via import parse_via

SETTINGS = settings(max_examples=100, deadline=None)
INVITE = (
    b"INVITE sip:4001@192.0.2.1 SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 192.0.2.9:5062;branch=z9hG4bKabc;rport\r\n"
    b'From: "Zhang" <sip:139@192.0.2.9>;tag=t1\r\n'
    b"To: <sip:4001@192.0.2.1>\r\n"
    b"Call-ID: c1@192.0.2.9\r\n"
    b"CSeq: 1 INVITE\r\n"
    b"Contact: <sip:139@192.0.2.9:5062>\r\n"
    b"Supported: timer,\r\n  replaces\r\n"
    b"Max-Forwards: 70\r\n"
    b"Content-Type: Application/SDP ; charset=utf-8\r\n"
    b"Content-Length: 4\r\n\r\nv=0\n"
)


def changed(old: bytes, new: bytes) -> bytes:
    assert old in INVITE
    return INVITE.replace(old, new, 1)


def test_an_invite() -> None:
    message = parse_message(INVITE)
    assert isinstance(message, Request)
    assert message.top_via.wants_rport
    assert message.top_via.rport is None
    assert message.top_via.sent_by == ("192.0.2.9", 5062)
    assert message.from_.tag == "t1"
    assert message.to.tag is None
    assert message.cseq == (1, "INVITE")
    assert str(message.cseq) == "1 INVITE"
    assert message.content_type == "application/sdp"
    assert message.tokens("supported") == {"timer", "replaces"}
    assert message.body == b"v=0\n"
    assert message.to_bytes() == INVITE


def test_views_follow_changes() -> None:
    message = parse_message(INVITE)
    message.headers.prepend("v", "SIP/2.0/TCP proxy;branch=z9hG4bK1")
    assert [via.host for via in message.vias] == ["proxy", "192.0.2.9"]
    message.headers.set("To", str(message.to.with_tag("new")))
    assert message.to.tag == "new"
    message.headers.remove("contact")
    assert message.contacts == []
    message.headers.add("Contact", "*")
    assert message.is_contact_wildcard
    message.headers.remove("From")
    with pytest.raises(ParseError):
        _ = message.from_


def test_untouched_headers_keep_their_text() -> None:
    message = parse_message(INVITE)
    message.headers.set("Max-Forwards", "69")
    assert message.to_bytes() == changed(b"Max-Forwards: 70", b"Max-Forwards: 69")


def test_content_length_is_always_right() -> None:
    response = Response(200, headers=Headers([("l", "99"), ("Content-Length", "5")]), body=b"abc")
    assert response.to_bytes() == b"SIP/2.0 200 OK\r\nContent-Length: 3\r\n\r\nabc"
    assert Response(599).to_bytes() == b"SIP/2.0 599 \r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize("value", ["a\r\nEvil: 1", "a\nb", "a\rb", "a\0"])
def test_line_breaks_cannot_be_written(value: str) -> None:
    headers = Headers()
    for write in (headers.add, headers.set, headers.prepend):
        with pytest.raises(LocalProtocolError):
            write("Subject", value)
    with pytest.raises(LocalProtocolError):
        headers.add("Sub ject", "x")
    with pytest.raises(LocalProtocolError):
        Response(200, value).to_bytes()
    with pytest.raises(LocalProtocolError):
        Request(value, SipUri("h")).to_bytes()
    with pytest.raises(LocalProtocolError):
        Response(99).to_bytes()
    assert len(headers) == 0


def test_a_header_map_shows_no_personal_data() -> None:
    assert "139" not in repr(parse_message(INVITE).headers)


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (changed(b"Max-Forwards: 70", b"Max-Forwards: x"), 400),
        (changed(b"CSeq: 1 INVITE", b"CSeq: 1"), 400),
        (changed(b"CSeq: 1 INVITE", b"CSeq: 1 BYE"), 400),
        (changed(b"Contact: <sip:139@192.0.2.9:5062>", b"Contact: *"), 400),
        (changed(b"Call-ID: c1@192.0.2.9", b"Call-ID:"), 400),
        (changed(b"\r\nMax", b"\nMax"), 400),
        (changed(b"Supported: timer", b"Supported: ti\0mer"), 400),
        (changed(b"Supported: timer", b"Supp orted: timer"), 400),
        (changed(b"Supported: timer", b"Supported timer"), 400),
        (changed(b"SIP/2.0\r\nVia", b"SIP/3.0\r\nVia"), 505),
        (changed(b"sip:4001@", b"sip:" + b"4" * 3000 + b"@"), 414),
        (changed(b"\r\n\r\nv=0\n", b""), 400),
        (changed(b"Supported", b"X: y\r\n" * MAX_HEADERS + b"Supported"), 400),
        (changed(b"timer", b"t" * 9000), 400),
        (changed(b"<sip:139@192.0.2.9:5062>", b"<sip:139@192.0.2.9:5062>" + b";x" * (MAX_PARAMS + 1)), 400),
        (changed(b"<sip:139@192.0.2.9:5062>", b",".join([b"<sip:a@b>"] * (MAX_ITEMS + 1))), 400),
    ],
)
def test_broken_requests_get_an_answer(data: bytes, status: int) -> None:
    with pytest.raises(BrokenRequest) as caught:
        parse_message(data)
    assert caught.value.status == status


@pytest.mark.parametrize(
    "data",
    [b"", b"\r\n\r\n", b"hello", b"SIP/2.0 200 OK\r\n\r\n", b"SIP/2.0 99 x\r\n\r\n", b"\0" * 20, b" SIP/2.0",
     INVITE + b" " * MAX_MESSAGE_BYTES],
)  # fmt: skip
def test_noise_is_dropped(data: bytes) -> None:
    with pytest.raises(ParseError) as caught:
        parse_message(data)
    assert not isinstance(caught.value, BrokenRequest) or data == b" SIP/2.0"


def test_leniency_that_peers_need() -> None:
    assert parse_message(b"\r\n\r\n" + INVITE).call_id == "c1@192.0.2.9"
    response = INVITE.replace(b"INVITE sip:4001@192.0.2.1 SIP/2.0", b"SIP/2.0 200")
    assert parse_message(response.replace(b"v=0\n", b"v=0\nmore")).body == b"v=0\n"
    assert parse_message(changed(b"Content-Length: 4", b"Content-Length: 4\r\nl: 4")).body == b"v=0\n"
    assert (
        parse_message(changed(b"INVITE sip:4001@192.0.2.1 SIP", b"INVITE sip:4001@192.0.2.1 sip")).version == "SIP/2.0"
    )
    assert is_keepalive(b"\r\n\r\n")
    assert is_keepalive(b"\0")
    assert not is_keepalive(INVITE)


@SETTINGS
@given(st.binary(max_size=400))
@example(b"SIP/2.0 \xff\xfe")
@example(b"INVITE \xff SIP/2.0\r\n\r\n")
def test_random_octets_raise_nothing_but_parse_error(data: bytes) -> None:
    try:
        parse_message(data)
    except BrokenRequest as broken:
        broken.answer("t").to_bytes()
    except ParseError:
        pass


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(INVITE) - 1), st.binary(max_size=3), st.integers(0, 6)), max_size=5))
def test_damaged_messages_raise_nothing_but_parse_error(cuts: list[tuple[int, bytes, int]]) -> None:
    data = INVITE
    for place, new, drop in cuts:
        data = data[:place] + new + data[place + drop :]
    try:
        message = parse_message(data)
    except BrokenRequest as broken:
        broken.answer("t").to_bytes()
        return
    except ParseError:
        return
    assert parse_message(message.to_bytes()).headers == message.headers or "Content-Length" not in message.headers
    # all that parse_message promises to have checked
    _ = (message.vias, message.from_.tag, message.to.tag, message.cseq, message.call_id, message.contacts)
    _ = (message.max_forwards, message.expires, message.content_type)


@pytest.mark.parametrize(
    ("text", "host", "port", "after"),
    [
        ("SIP/2.0/UDP a;branch=z9hG4bKx", "1.2.3.4", 5, "SIP/2.0/UDP a;branch=z9hG4bKx;received=1.2.3.4"),
        ("SIP/2.0/UDP 1.2.3.4;rport;branch=b", "1.2.3.4", 5, "SIP/2.0/UDP 1.2.3.4;rport=5;branch=b;received=1.2.3.4"),
        ("SIP/2.0/TCP 1.2.3.4:9", "1.2.3.4", 5, "SIP/2.0/TCP 1.2.3.4:9"),
    ],
)
def test_via_is_stamped_with_where_it_came_from(text: str, host: str, port: int, after: str) -> None:
    assert str(parse_via(text).stamped(host, port)) == after


def test_via_parts() -> None:
    via = parse_via("sip / 2.0 / tls  Host.Example:5063 ; Branch = z9hG4bK ;rport=77; received=2001:db8::1")
    assert (via.transport, via.host, via.port) == ("TLS", "host.example", 5063)
    assert via.branch == "z9hG4bK"
    assert not via.has_transaction_id
    assert (via.rport, via.received) == (77, "2001:db8::1")
    assert parse_via("SIP/2.0/TLS h").sent_by == ("h", 5061)
    assert parse_via("SIP/2.0/UDP h").sent_by == ("h", 5060)
    for broken in ("SIP/2.0/UDP", "SIP/2.0/UDP h:99999", "SIP/1.0/UDP h", "SIP/2.0/UDP h;;", "UDP h"):
        with pytest.raises(ParseError):
            parse_via(broken)


@pytest.mark.parametrize(
    "value",
    [
        "a" * 8000,
        "a " * 4000,
        "a  ," * 2000,
        '"' * 8000,
        '"a' * 4000,
        "<" * 8000,
        ";a" * 4000,
        "; a =" * 1600,
        " " * 8000 + "x",
        "<sip:a@b>," * 800,
        "sip:" + "a%41" * 500 + "@",
        "sip:" + "a;" * 1000 + ":" + "b" * 30 + "!",
        "SIP/2.0/UDP " + "h :" * 2000,
        '<sip:a@b>;x="' + "\\" * 4001,
    ],
)
@pytest.mark.parametrize("name", ["From", "Via", "Contact", "To", "CSeq"])
def test_no_text_makes_the_parser_slow(name: str, value: str) -> None:
    """Each of these takes milliseconds; a grammar that tries all ways to read them would not come back at all."""
    data = changed(b"Max-Forwards: 70", b"Max-Forwards: 70\r\nX: a" + b" " * 8000 + b"\r\n b").replace(
        f"{name}: ".encode(), f"{name}: {value}\r\nX-Old: ".encode(), 1
    )
    with pytest.raises(BrokenRequest):
        parse_message(data)


def test_a_nul_in_a_name_cannot_stop_the_answer() -> None:
    message = parse_message(changed(b"To: <", b'To: "a\\\0b" <').replace(b"Call-ID: c1", b"Call-ID: c\\\0"))
    assert message.to.display == "a\0b"
    answer = Response(200, headers=message.headers.copy("Via", "From", "CSeq"))
    answer.headers.add("To", str(message.to.with_tag("t")))
    answer.headers.add("Call-ID", message.call_id)
    again = parse_message(answer.to_bytes())
    assert (again.to.display, again.to.tag, again.call_id) == ("a b", "t", message.call_id)
    for reason in (b"O\nK", b"O\rK", b"O\0K"):
        with pytest.raises(ParseError):
            parse_message(answer.to_bytes().replace(b"200 OK", b"200 " + reason))

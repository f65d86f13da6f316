import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import LocalProtocolError, ParseError
from telephony.media.port import Address, Stream
from telephony.sdp.negotiate import Direction, NegotiationError, accept_answer, answer_offer, make_offer
from telephony.sdp.session import Origin, SessionDescription, parse_sdp

LOCAL = Address("192.0.2.1", 4000)
REMOTE = Address("192.0.2.2", 6000)


def description(*lines: str, connection: str = "c=IN IP4 192.0.2.2") -> SessionDescription:
    text = ["v=0", "o=- 1 1 IN IP4 192.0.2.2", "s=-", connection, "t=0 0", *lines]
    return parse_sdp("\r\n".join(text).encode() + b"\r\n")


def answered(*lines: str, **more: object) -> tuple[SessionDescription, Stream]:
    data, stream = answer_offer(description(*lines), LOCAL, session_id=7, **more)  # type: ignore[arg-type]
    return parse_sdp(data), stream


def test_two_of_us_agree() -> None:
    offer = parse_sdp(make_offer(LOCAL, session_id=1))
    data, theirs = answer_offer(offer, REMOTE, session_id=2)
    ours = accept_answer(offer, parse_sdp(data))
    assert ours == Stream(REMOTE, "PCMA", 8, 101)
    assert theirs == Stream(LOCAL, "PCMA", 8, 101)
    assert b"a=fmtp:101 0-15\r\n" in data
    assert parse_sdp(data).origin == Origin("line400", "2", "0", "192.0.2.2")


@pytest.mark.parametrize(
    ("mine", "theirs", "send", "receive", "said"),
    [
        ("SENDRECV", "sendonly", False, True, "recvonly"),
        ("SENDRECV", "recvonly", True, False, "sendonly"),
        ("SENDRECV", "inactive", False, False, "inactive"),
        ("SENDRECV", "sendrecv", True, True, "sendrecv"),
        ("SENDONLY", "sendrecv", True, False, "sendonly"),
        ("SENDONLY", "sendonly", False, False, "inactive"),
        ("INACTIVE", "sendrecv", False, False, "inactive"),
    ],
)
def test_directions(mine: str, theirs: str, send: bool, receive: bool, said: str) -> None:
    answer, stream = answered("m=audio 6000 RTP/AVP 8", f"a={theirs}", direction=Direction[mine])
    assert (stream.send, stream.receive) == (send, receive)
    assert answer.media[0].direction == said
    offer = parse_sdp(make_offer(LOCAL, session_id=1, direction=Direction[mine]))
    agreed = accept_answer(offer, description("m=audio 6000 RTP/AVP 8", f"a={theirs}"))
    assert (agreed.send, agreed.receive) == (send, receive)


def test_hold_by_zero_address_and_by_session_attribute() -> None:
    offer = description("m=audio 6000 RTP/AVP 8", connection="c=IN IP4 0.0.0.0")
    _, stream = answer_offer(offer, LOCAL, session_id=1)
    assert (stream.send, stream.receive) == (False, True)
    offer = description("a=sendonly", "m=audio 6000 RTP/AVP 8")
    assert answer_offer(offer, LOCAL, session_id=1)[1].send is False


def test_codecs_payload_types_and_ptime() -> None:
    answer, stream = answered(
        "m=audio 6000 RTP/AVP 9 97 0 96",
        "a=rtpmap:97 pcma/8000/1",
        "a=rtpmap:96 telephone-event/8000",
        "a=rtpmap:9 G722/8000",
        "a=ptime:30",
    )
    assert stream == Stream(REMOTE, "PCMA", 97, 96, 30)
    assert answer.media[0].formats == ("97", "96")
    assert answer.media[0].ptime_ms == 30
    _, other = answered("m=audio 6000 RTP/AVP 8 0", codecs=("PCMU",))
    assert (other.codec, other.payload_type, other.event_type) == ("PCMU", 0, None)
    assert answered("m=audio 6000 RTP/AVP 8", "a=ptime:35")[1].ptime_ms == 30
    # a static number may be given another meaning; then it is not G.711
    with pytest.raises(NegotiationError):
        answered("m=audio 6000 RTP/AVP 8", "a=rtpmap:8 opus/48000/2")


def test_event_of_another_clock_is_not_taken() -> None:
    _, stream = answered("m=audio 6000 RTP/AVP 8 110", "a=rtpmap:110 telephone-event/48000")
    assert stream.event_type is None


def test_other_sections_are_refused_in_their_places() -> None:
    answer, stream = answered(
        "m=video 5000 RTP/AVP 31", "m=audio 0 RTP/AVP 8", "m=audio 7000/2 RTP/SAVP 8", "m=audio 6000 RTP/AVP 8",
        "c=IN IP4 192.0.2.9", "m=audio 6002 RTP/AVP 8",
    )  # fmt: skip
    assert [(media.kind, media.port) for media in answer.media] == [
        ("video", 0), ("audio", 0), ("audio", 0), ("audio", 4000), ("audio", 0),
    ]  # fmt: skip
    assert stream.remote == Address("192.0.2.9", 6000)


@pytest.mark.parametrize(
    "lines",
    [["m=audio 6000 RTP/AVP 18"], ["m=video 6000 RTP/AVP 8"], ["m=audio 0 RTP/AVP 8"], [], ["m=image 9 udptl t38"],
     ["m=audio 6000 RTP/AVP x", "a=rtpmap:x PCMA/8000"]],
)  # fmt: skip
def test_nothing_in_common_is_488(lines: list[str]) -> None:
    with pytest.raises(NegotiationError) as caught:
        answered(*lines)
    assert caught.value.status == 488
    with pytest.raises(NegotiationError):
        accept_answer(parse_sdp(make_offer(LOCAL, session_id=1)), description(*lines))


def test_addresses_that_cannot_be_used() -> None:
    for connection in ("c=IN IP4 host.example", "b=AS:64"):
        with pytest.raises(NegotiationError):
            answer_offer(description("m=audio 6000 RTP/AVP 8", connection=connection), LOCAL, session_id=1)


@pytest.mark.parametrize(
    "host",
    [
        "224.0.0.1",
        "239.255.255.255",
        "ff02::1",
        "::ffff:224.0.0.1",
        "255.255.255.255",
        "0.0.0.1",
        "0.255.0.1",
    ],
)
@pytest.mark.parametrize("loopback", [False, True])
def test_security_voice_is_never_sent_where_no_single_telephone_is(host: str, loopback: bool) -> None:
    _refused_both_ways(host, loopback=loopback)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1"])
def test_security_voice_is_sent_to_loopback_only_where_sip_goes_there_too(host: str) -> None:
    _refused_both_ways(host, loopback=False)
    family = 6 if ":" in host else 4
    offer = description("m=audio 6000 RTP/AVP 8", connection=f"c=IN IP{family} {host}")
    local = Address("2001:db8::2" if family == 6 else "192.0.2.2", 2)
    assert answer_offer(offer, local, session_id=1, loopback=True)[1].remote == Address(host, 6000)


def _refused_both_ways(host: str, *, loopback: bool) -> None:
    family = 6 if ":" in host else 4
    local = Address("2001:db8::2" if family == 6 else "192.0.2.2", 2)
    theirs = description("m=audio 6000 RTP/AVP 8", connection=f"c=IN IP{family} {host}")
    with pytest.raises(NegotiationError, match="voice") as caught:
        answer_offer(theirs, local, session_id=1, loopback=loopback)
    assert caught.value.status == 488
    with pytest.raises(NegotiationError, match="voice"):
        accept_answer(parse_sdp(make_offer(local, session_id=1)), theirs, loopback=loopback)


@pytest.mark.parametrize(
    ("host", "taken"), [("192.0.2.9", True), ("0.0.0.0", False), ("127.0.0.1", False), ("224.0.0.1", False)]
)
def test_security_rtcp_is_not_sent_there_either(host: str, taken: bool) -> None:
    lines = ("m=audio 6000 RTP/AVP 8", f"a=rtcp:7000 IN IP4 {host}")
    assert answered(*lines)[1].rtcp == (Address(host, 7000) if taken else None)


@pytest.mark.parametrize(
    ("host", "as_told"), [("0.0.0.0", "0.0.0.0"), ("::", "::"), ("0:0::0", "::"), ("::ffff:0.0.0.0", "::")]
)
def test_an_unspecified_address_is_a_hold(host: str, as_told: str) -> None:
    family, local = (6, "2001:db8::2") if ":" in host else (4, "192.0.2.2")
    offer = description("m=audio 6000 RTP/AVP 8", connection=f"c=IN IP{family} {host}")
    stream = answer_offer(offer, Address(local, 2), session_id=1)[1]
    assert (stream.send, stream.remote.host) == (False, as_told)


def test_answer_must_be_of_what_was_offered() -> None:
    offer = parse_sdp(make_offer(LOCAL, session_id=1, codecs=("PCMA",)))
    with pytest.raises(NegotiationError):
        accept_answer(offer, description("m=audio 6000 RTP/AVP 0"))


def test_ipv6() -> None:
    data = make_offer(Address("2001:db8::1", 4000), session_id=1)
    assert b"c=IN IP6 2001:db8::1\r\n" in data
    _, stream = answer_offer(parse_sdp(data), Address("2001:db8::2", 2), session_id=1)
    assert stream.remote.host == "2001:db8::1"


def test_sloppy_peers() -> None:
    text = b"v=0\no=x 1 1 IN IP4 192.0.2.2 \nc=IN IP4 192.0.2.2/127\ni=info\nm=audio 6000 RTP/AVP 8 0 \na=sendrecv \n\n"
    session = parse_sdp(text)
    assert session.media[0].formats == ("8", "0")
    assert session.direction_of(session.media[0]) == "sendrecv"


@pytest.mark.parametrize(
    "text",
    ["", "v=1", "v=0", "v=0\r\no=bad", "v=0\r\no=- 1 1 IN IP4 h\r\nx",
     "v=0\r\no=- 1 1 IN IP4 h\r\nm=audio 70000 RTP/AVP 8",
     "v=0\r\no=- 1 1 IN IP4 h\r\nc=IN IP9 h", "v=0\r\no=- 1 1 IN IP4 h\r\nm=audio x RTP/AVP 8", "v=0\n" + "a=b\n" * 600,
     "v=0\r\no=- 1 1 IN IP4 h\r\n" + "m=audio 1 RTP/AVP 8\r\n" * 40, "v=0\n" + "a" * 70000],
)  # fmt: skip
def test_malformed(text: str) -> None:
    with pytest.raises(ParseError):
        parse_sdp(text.encode())


def test_no_line_can_be_smuggled_in() -> None:
    session = SessionDescription(Origin("a\r\nm=x", "1", "1", "h"), ())
    with pytest.raises(LocalProtocolError):
        session.to_bytes()


GOOD = make_offer(LOCAL, session_id=1)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.binary(max_size=3), st.integers(0, 6)), max_size=5))
def test_damaged_descriptions_raise_nothing_unexpected(cuts: list[tuple[int, bytes, int]]) -> None:
    data = GOOD
    for place, new, drop in cuts:
        data = data[:place] + new + data[place + drop :]
    try:
        session = parse_sdp(data)
    except ParseError:
        return
    try:
        answer, _ = answer_offer(session, REMOTE, session_id=1)
        parse_sdp(answer)
        accept_answer(parse_sdp(GOOD), session)
    except NegotiationError:
        pass
    except LocalProtocolError:
        pytest.fail("a parsed description could not be written")


def test_an_address_of_the_other_family_is_not_agreed_to() -> None:
    six = description("m=audio 6000 RTP/AVP 8", connection="c=IN IP6 2001:db8::9")
    with pytest.raises(NegotiationError) as caught:
        answer_offer(six, LOCAL, session_id=1)
    assert caught.value.status == 488
    _, stream = answer_offer(six, Address("2001:db8::1", 4000), session_id=1)
    assert stream.remote == Address("2001:db8::9", 6000)
    both = description(
        "m=audio 6000 RTP/AVP 8", "m=audio 6002 RTP/AVP 8", "c=IN IP4 192.0.2.2", connection="c=IN IP6 2001:db8::9"
    )
    data, stream = answer_offer(both, LOCAL, session_id=1)
    assert stream.remote == Address("192.0.2.2", 6002)
    assert [media.port for media in parse_sdp(data).media] == [0, 4000]

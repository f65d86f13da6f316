"""Offer and answer over all codecs: what is chosen, with which numbers and clocks, and what must hold for any pair."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telephony.media.port import Address, Stream
from telephony.negotiation import SdpSide
from telephony.rtp.formats import FORMATS
from telephony.sdp.audio import audio_types
from telephony.sdp.negotiate import NegotiationError, accept_answer, answer_offer, make_offer
from telephony.sdp.sdes import Encryption
from telephony.sdp.session import SessionDescription, parse_sdp
from tests.unit.telephony.test_sdp import LOCAL, REMOTE, answered, description

ALL = ("PCMA", "PCMU", "G722", "opus")


def test_what_we_offer() -> None:
    lines = make_offer(LOCAL, session_id=1, codecs=("opus", "PCMA", "G722", "PCMU")).decode().split("\r\n")
    assert lines[5:] == [
        "m=audio 4000 RTP/AVP 107 8 9 0 101 102",
        "a=rtpmap:107 opus/48000/2",
        "a=fmtp:107 useinbandfec=1;usedtx=0",
        "a=rtpmap:8 PCMA/8000",
        "a=rtpmap:9 G722/8000",
        "a=rtpmap:0 PCMU/8000",
        "a=rtpmap:101 telephone-event/8000",
        "a=fmtp:101 0-15",
        "a=rtpmap:102 telephone-event/48000",
        "a=fmtp:102 0-15",
        "a=ptime:20",
        "a=sendrecv",
        "",
    ]


def test_opus_has_events_by_its_own_clock() -> None:
    answer, stream = answered(
        "m=audio 6000 RTP/AVP 96 8 97 98",
        "a=rtpmap:96 opus/48000/2",
        "a=rtpmap:97 telephone-event/8000",
        "a=rtpmap:98 telephone-event/48000",
        "a=fmtp:96 useinbandfec=1",
        codecs=("opus", "PCMA"),
    )
    assert stream == Stream(REMOTE, "opus", 96, 98, 20, event_clock_hz=48000)
    assert answer.media[0].formats == ("96", "98")
    assert ("rtpmap", "96 opus/48000/2") in answer.media[0].attributes
    assert ("rtpmap", "98 telephone-event/48000") in answer.media[0].attributes


def test_opus_beside_events_of_8_khz_only() -> None:
    _, stream = answered(
        "m=audio 6000 RTP/AVP 96 97",
        "a=rtpmap:96 opus/48000/2",
        "a=rtpmap:97 telephone-event/8000",
        codecs=("opus",),
    )
    assert (stream.event_type, stream.event_clock_hz) == (97, 8000)


def test_g722_by_its_static_number_and_its_old_clock() -> None:
    answer, stream = answered("m=audio 6000 RTP/AVP 9 8", codecs=("G722", "PCMA"))
    assert (stream.codec, stream.payload_type, stream.event_clock_hz) == ("G722", 9, 8000)
    assert ("rtpmap", "9 G722/8000") in answer.media[0].attributes
    with pytest.raises(NegotiationError):
        answered("m=audio 6000 RTP/AVP 96", "a=rtpmap:96 G722/16000", codecs=ALL)


@pytest.mark.parametrize(("prefer", "codec"), [((), "PCMA"), (("G722",), "G722"), (("opus", "PCMU"), "PCMU")])
def test_the_codec_of_the_other_leg_comes_first(prefer: tuple[str, ...], codec: str) -> None:
    _, stream = answered("m=audio 6000 RTP/AVP 8 0 9", codecs=("PCMA", "PCMU", "G722"), prefer=prefer)
    assert stream.codec == codec
    side = SdpSide(LOCAL, ("PCMA", "PCMU", "G722"), prefer=prefer)
    assert next(iter(audio_types(parse_sdp(side.offer()).media[0]))) == codec


def test_a_preferred_codec_that_is_not_ours_is_not_taken() -> None:
    _, stream = answered("m=audio 6000 RTP/AVP 9 8", codecs=("PCMA",), prefer=("G722",))
    assert stream.codec == "PCMA"
    assert b"G722" not in SdpSide(LOCAL, ("PCMA",), prefer=("G722",)).offer()


@pytest.mark.parametrize(
    ("said", "codec", "ptime_ms"),
    [
        (("a=ptime:10",), "PCMA", 10), (("a=ptime:50",), "PCMA", 50), (("a=ptime:60",), "G722", 60),
        (("a=ptime:5",), "PCMA", 10), (("a=ptime:200",), "PCMA", 60), (("a=maxptime:10",), "PCMA", 10),
        (("a=ptime:40", "a=maxptime:30"), "PCMA", 30), (("a=ptime:40", "a=maxptime:30"), "opus", 20),
        (("a=ptime:30",), "opus", 20), (("a=ptime:60",), "opus", 60), (("a=ptime:x",), "PCMA", 20),
        (("a=ptime:0",), "PCMA", 20), (("a=maxptime:150",), "opus", 20),
    ],
)  # fmt: skip
def test_we_send_packets_of_the_length_that_is_asked_for(said: tuple[str, ...], codec: str, ptime_ms: int) -> None:
    lines = ("m=audio 6000 RTP/AVP 8 9 96", "a=rtpmap:96 opus/48000/2", *said)
    answer, stream = answered(*lines, codecs=(codec,))
    assert stream.ptime_ms == answer.media[0].ptime_ms == ptime_ms
    offer = parse_sdp(make_offer(LOCAL, session_id=1, codecs=(codec,)))
    assert accept_answer(offer, description(*lines)).ptime_ms == ptime_ms


def test_comfort_noise_is_understood_where_it_is_offered_but_not_asked_for() -> None:
    answer, stream = answered("m=audio 6000 RTP/AVP 8 13 101", "a=rtpmap:101 telephone-event/8000")
    assert (stream.comfort_type, stream.event_type) == (13, 101)
    assert answer.media[0].formats == ("8", "101"), "so that the far end sends its silence"
    _, opus = answered("m=audio 6000 RTP/AVP 96 13", "a=rtpmap:96 opus/48000/2", codecs=("opus",))
    assert opus.comfort_type is None
    assert b"CN/8000" not in make_offer(LOCAL, session_id=1, codecs=ALL)


@pytest.mark.parametrize(
    ("lines", "rtcp", "mux"),
    [
        ((), None, False),
        (("a=rtcp:6001",), None, False),
        (("a=rtcp:7001",), Address("192.0.2.2", 7001), False),
        (("a=rtcp:53020 IN IP4 198.51.100.7",), Address("198.51.100.7", 53020), False),
        (("a=rtcp:53020 IN IP6 2001:db8::1",), None, False),
        (("a=rtcp:53020 IN IP4 far.example",), None, False),
        (("a=rtcp:0",), None, False),
        (("a=rtcp:99999",), None, False),
        (("a=rtcp:7001", "a=rtcp-mux"), None, True),
    ],
)
def test_where_rtcp_goes(lines: tuple[str, ...], rtcp: Address | None, mux: bool) -> None:
    answer, stream = answered("m=audio 6000 RTP/AVP 8", *lines)
    assert (stream.rtcp, stream.rtcp_mux) == (rtcp, mux)
    assert answer.media[0].has_flag("rtcp-mux") is mux
    offer = parse_sdp(make_offer(LOCAL, session_id=1))
    accepted = accept_answer(offer, description("m=audio 6000 RTP/AVP 8", *lines))
    assert accepted.rtcp_mux is False, "we did not offer it"


def side(port: int, encryption: Encryption, start: int) -> SdpSide:
    drawn = iter(range(start, 250))
    return SdpSide(
        Address("192.0.2.1", port),
        ("PCMA",),
        encryption=encryption,
        entropy=lambda length: bytes([next(drawn)]) * length,
    )


@pytest.mark.parametrize("caller", list(Encryption))
@pytest.mark.parametrize("called", list(Encryption))
def test_encryption_off_optional_and_required(caller: Encryption, called: Encryption) -> None:
    first, second = side(4000, caller, 1), side(6000, called, 100)
    offer = first.offer()
    assert (b"RTP/SAVP" in offer) is (caller is Encryption.REQUIRED)
    if {caller, called} == {Encryption.OFF, Encryption.REQUIRED}:
        with pytest.raises(NegotiationError):
            second.answer(offer)
        return
    answer, at_second = second.answer(offer)
    at_first = first.take_answer(answer)
    if Encryption.OFF in {caller, called}:
        assert at_first.crypto is at_second.crypto is None
        assert b"a=crypto" not in answer
        return
    assert at_first.crypto is not None
    assert at_second.crypto is not None
    assert at_first.crypto.send_key == at_second.crypto.receive_key
    assert at_first.crypto.receive_key == at_second.crypto.send_key
    again, at_second_again = second.answer(first.offer())
    assert at_second_again.crypto == at_second.crypto, "a re-INVITE keeps the keys"
    assert first.take_answer(again).crypto == at_first.crypto


def test_a_required_encryption_that_the_answer_does_not_give_ends_it() -> None:
    ours = side(4000, Encryption.REQUIRED, 1)
    ours.offer()
    with pytest.raises(NegotiationError):
        ours.take_answer(make_offer(REMOTE, session_id=1, codecs=("PCMA",)))


STRAY_KEY = b"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n"


@pytest.mark.parametrize(
    ("encryption", "profile", "keyed", "taken"),
    [
        (Encryption.OFF, b"RTP/AVP", False, True),
        (Encryption.OFF, b"RTP/AVPF", False, True),
        (Encryption.OFF, b"RTP/SAVP", False, False),
        (Encryption.OFF, b"RTP/SAVP", True, False),
        (Encryption.OFF, b"RTP/SAVPF", True, False),
        (Encryption.OFF, b"UDP/TLS/RTP/SAVPF", False, False),
        (Encryption.OFF, b"udptl", False, False),
        (Encryption.OPTIONAL, b"RTP/AVP", False, True),
        (Encryption.OPTIONAL, b"RTP/AVP", True, True),
        (Encryption.OPTIONAL, b"RTP/SAVP", True, True),
        (Encryption.OPTIONAL, b"RTP/SAVP", False, False),
        (Encryption.OPTIONAL, b"UDP/TLS/RTP/SAVP", True, False),
        (Encryption.REQUIRED, b"RTP/SAVP", True, True),
        (Encryption.REQUIRED, b"RTP/SAVPF", True, True),
        (Encryption.REQUIRED, b"RTP/AVP", True, False),
    ],
)
def test_an_answer_has_the_profile_of_the_offer(
    encryption: Encryption, profile: bytes, keyed: bool, taken: bool
) -> None:
    """RFC 3264 §6, RFC 4568 §5.1.3; what is let pass is said in ``negotiate``."""
    ours = side(4000, encryption, 1)
    offer = ours.offer()
    if keyed and encryption is not Encryption.OFF:
        answer, _ = side(6000, encryption, 100).answer(offer)
    else:
        answer = make_offer(REMOTE, session_id=1, codecs=("PCMA",)) + (STRAY_KEY if keyed else b"")
    before = b"RTP/SAVP" if b"RTP/SAVP" in answer else b"RTP/AVP"
    answer = answer.replace(before, profile)
    if taken:
        stream = ours.take_answer(answer)
        assert (stream.crypto is not None) is keyed
        return
    with pytest.raises(NegotiationError, match=r"the answer is"):
        ours.take_answer(answer)
    assert not ours.agreed


def test_a_payload_type_keeps_its_meaning_for_the_session() -> None:
    ours = SdpSide(LOCAL, ("PCMA", "opus"))
    theirs = (
        b"v=0\r\no=- 1 1 IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 192.0.2.2\r\nt=0 0\r\n"
        b"m=audio 6000 RTP/AVP 101 8 107 9\r\na=rtpmap:101 opus/48000/2\r\na=rtpmap:107 telephone-event/8000\r\n"
        b"a=rtpmap:9 PCMU/8000\r\n"
    )
    ours.answer(theirs)
    (media,) = parse_sdp(ours.offer()).media
    assert media.formats[:2] == ("8", "101"), "opus is still 101"
    assert media.encodings["107"].name == "TELEPHONE-EVENT"
    assert media.encodings[media.formats[3]].rate_hz == 48000
    assert len(set(media.formats)) == len(media.formats)


CODECS = st.lists(st.sampled_from(ALL), min_size=1, max_size=4, unique=True).map(tuple)


@st.composite
def offers(draw: st.DrawFn) -> SessionDescription:
    """An offer with any of the codecs, of others, with any numbers, events, lengths and directions."""
    numbers = draw(st.lists(st.integers(96, 127), min_size=8, max_size=8, unique=True))
    formats: list[str] = []
    lines: list[str] = []
    for name, dynamic in zip(draw(CODECS), numbers, strict=False):
        number = FORMATS[name].payload_type if name != "opus" and draw(st.booleans()) else dynamic
        formats.append(str(number))
        if number >= 96 or draw(st.booleans()):
            lines.append(f"a=rtpmap:{number} {FORMATS[name].encoding}")
    for clock_hz, number in zip(draw(st.sets(st.sampled_from((8000, 16000, 48000)))), numbers[4:], strict=False):
        formats.append(str(number))
        lines.append(f"a=rtpmap:{number} telephone-event/{clock_hz}")
    formats += draw(st.lists(st.sampled_from(["13", "18", "3", str(numbers[7])]), unique=True))
    formats = draw(st.permutations(formats))
    for name in ("ptime", "maxptime"):
        value = draw(st.none() | st.integers(0, 300))
        lines += [] if value is None else [f"a={name}:{value}"]
    lines.append("a=" + draw(st.sampled_from(["sendrecv", "sendonly", "recvonly", "inactive"])))
    return description(f"m=audio 6000 RTP/AVP {' '.join(formats)}", *lines)


@settings(max_examples=200, deadline=None)
@given(offers(), CODECS, st.lists(st.sampled_from(ALL), max_size=2))
def test_what_holds_for_every_answer(offer: SessionDescription, codecs: tuple[str, ...], prefer: list[str]) -> None:
    (asked,) = offer.media
    theirs = audio_types(asked)
    common = [name for name in [*prefer, *codecs] if name in codecs and name in theirs]
    if not common:
        with pytest.raises(NegotiationError):
            answer_offer(offer, LOCAL, session_id=1, codecs=codecs, prefer=prefer)
        return
    data, stream = answer_offer(offer, LOCAL, session_id=1, codecs=codecs, prefer=prefer)
    (said,) = parse_sdp(data).media
    assert stream.codec == common[0], "our order, the preferred ones first"
    assert set(said.formats) <= set(asked.formats), "nothing that was not offered"
    assert stream.payload_type == theirs[stream.codec], "the offerer's numbers"
    assert {number: asked.encodings[number] for number in said.formats} == dict(said.encodings), "and their meaning"
    form = FORMATS[stream.codec]
    assert stream.ptime_ms in form.ptimes_ms
    assert stream.ptime_ms <= max(10, asked.maxptime_ms or 300)
    if stream.event_type is not None:
        assert asked.encodings[str(stream.event_type)].rate_hz == stream.event_clock_hz
        assert stream.event_clock_hz in {8000, form.clock_hz}
    assert stream.send is (asked.direction in {"sendrecv", "recvonly"})
    assert stream.receive is (asked.direction in {"sendrecv", "sendonly"})


@settings(max_examples=150, deadline=None)
@given(CODECS, CODECS, st.lists(st.sampled_from(ALL), max_size=2))
def test_two_of_us_agree_on_one_codec_whenever_there_is_one(
    mine: tuple[str, ...], yours: tuple[str, ...], prefer: list[str]
) -> None:
    caller, called = SdpSide(LOCAL, mine, prefer=prefer), SdpSide(REMOTE, yours)
    offer = caller.offer()
    if not set(mine) & set(yours):
        with pytest.raises(NegotiationError):
            called.answer(offer)
        return
    answer, at_called = called.answer(offer)
    at_caller = caller.take_answer(answer)
    assert at_caller.codec == at_called.codec
    assert at_caller.payload_type == at_called.payload_type
    assert (at_caller.event_type, at_caller.event_clock_hz) == (at_called.event_type, at_called.event_clock_hz)
    assert at_caller.event_clock_hz == FORMATS[at_caller.codec].clock_hz
    assert at_caller.remote == REMOTE

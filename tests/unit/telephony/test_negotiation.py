"""One leg's side of offer and answer."""

import pytest

from telephony.media.port import Address
from telephony.negotiation import SdpSide
from telephony.sdp.negotiate import NegotiationError
from telephony.sdp.session import parse_sdp
from tests.unit.telephony.doubles import FAR, far_side, held

OURS = Address("192.0.2.1", 20000)


def _origin(sdp: bytes) -> bytes:
    return next(line for line in sdp.splitlines() if line.startswith(b"o="))


def test_an_offer_and_its_answer() -> None:
    ours, theirs = SdpSide(OURS, ("PCMU", "PCMA")), far_side()
    answer, at_theirs = theirs.answer(ours.offer())
    at_ours = ours.take_answer(answer)
    assert (at_ours.remote, at_theirs.remote) == (FAR, OURS)
    assert at_ours.codec == at_theirs.codec == "PCMA", "who answers chooses"
    assert (at_ours.send, at_ours.receive) == (True, True)
    assert at_ours.event_type == 101


def test_the_version_grows_with_each_description_and_the_session_stays() -> None:
    ours, theirs = SdpSide(OURS, ("PCMA",)), far_side()
    described = [ours.offer(), ours.answer(theirs.offer())[0], ours.offer()]
    origins = [_origin(sdp).split() for sdp in described]
    assert [origin[2] for origin in origins] == [b"0", b"1", b"2"]
    assert len({origin[1] for origin in origins}) == 1


def test_the_session_is_named_by_chance_and_says_nothing_of_our_port() -> None:
    """RFC 8866 §5.2, RFC 3264 §5."""
    names = [int(_origin(SdpSide(OURS, ("PCMA",)).offer()).split()[1]) for _ in range(20)]
    assert len(set(names)) == 20
    assert OURS.port not in names
    assert all(0 <= name < 2**31 for name in names)
    side = SdpSide(OURS, ("PCMA",), entropy=lambda size: b"\xff" * size)
    assert _origin(side.offer()).split()[1:3] == [b"2147483647", b"0"]
    moved = side.at(Address("192.0.2.1", 30000))
    assert _origin(moved.offer()).split()[1:3] == [b"2147483647", b"1"], "the session stays where its port does not"


def test_hold_and_resume() -> None:
    ours, theirs = SdpSide(OURS, ("PCMA",)), far_side()
    answer, stream = ours.answer(held(theirs.offer()))
    assert (stream.send, stream.receive) == (False, True)
    assert b"a=recvonly" in answer
    _, stream = ours.answer(theirs.offer())
    assert (stream.send, stream.receive) == (True, True)


@pytest.mark.parametrize("offer", [b"hello", b"", far_side().offer().replace(b"RTP/AVP 8 0", b"RTP/AVP 18")])
def test_offers_that_cannot_be_agreed(offer: bytes) -> None:
    with pytest.raises(NegotiationError):
        SdpSide(OURS, ("PCMA", "PCMU")).answer(offer)


def test_answers_that_cannot_be_used() -> None:
    ours = SdpSide(OURS, ("PCMA",))
    ours.offer()
    for answer in (b"no sdp", far_side().offer().replace(b"RTP/AVP 8 0 101", b"RTP/AVP 0 101")):
        with pytest.raises(NegotiationError):
            ours.take_answer(answer)


def test_our_codecs_are_offered_in_our_order() -> None:
    (media,) = parse_sdp(SdpSide(OURS, ("PCMU", "PCMA")).offer()).media
    assert tuple(media.formats[:2]) == ("0", "8")

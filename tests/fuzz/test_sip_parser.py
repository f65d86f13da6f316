"""The torture messages of RFC 4475, damaged in ways that are the same at every run: only ``ParseError`` comes out, and
whatever is accepted can be written and read again.
"""

import random
from pathlib import Path

import pytest

from core.errors import ParseError
from telephony.media.port import Address
from telephony.rtp.formats import FORMATS
from telephony.sdp.negotiate import Direction, NegotiationError, answer_offer, make_offer
from telephony.sdp.session import parse_sdp
from telephony.sip.framing import StreamParser
from telephony.sip.parser import BrokenRequest, parse_message

VECTORS = sorted((Path(__file__).resolve().parents[1] / "vectors" / "rfc4475").glob("*.dat"))
SPICE = [
    b"\r\n",
    b"\n",
    b"\\\x00",
    b"\r",
    b"\x00",
    b";",
    b",",
    b":",
    b"<",
    b">",
    b'"',
    b"\\",
    b"%",
    b"%00",
    b"@",
    b" ",
    b"\t",
    b"=",
    b"?",
    b"\xff",
    b"\xc3",
    b"SIP/2.0",
    b"sip:",
    b"[::1]",
    b"\r\n ",
    b"\r\n\r\n",
    b"99999999999",
    b"-1",
]
ROUNDS = 40


def damaged(data: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(data) + 1)
        match chance.randrange(4):
            case 0:
                data = data[:place] + chance.choice(SPICE) + data[place:]
            case 1:
                data = data[:place] + data[place + chance.randint(1, 20) :]
            case 2:
                data = data[:place] + data[place : place + chance.randint(1, 40)] + data[place:]
            case _:
                data = data[:place] + bytes([chance.randrange(256)]) + data[place + 1 :]
    return data


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_damaged_torture_messages(path: Path) -> None:
    chance = random.Random(path.stem)
    for _ in range(ROUNDS):
        data = damaged(path.read_bytes(), chance)
        try:
            message = parse_message(data)
        except BrokenRequest as broken:
            broken.answer("t").to_bytes()
            continue
        except ParseError:
            continue
        again = parse_message(message.to_bytes())
        assert again.start_line() == message.start_line()
        assert again.body == message.body
        kept = [field for field in message.headers.fields() if field.key != "content-length"]
        assert [field for field in again.headers.fields() if field.key != "content-length"] == kept


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_damaged_streams(path: Path) -> None:
    chance = random.Random(path.stem)
    for _ in range(ROUNDS):
        parser = StreamParser()
        for _ in range(3):
            for frame in parser.feed(damaged(path.read_bytes(), chance)):
                assert frame


OFFERS = [
    make_offer(Address("198.51.100.7", 40000), session_id=7),
    make_offer(Address("198.51.100.7", 40002), session_id=7, version=3, codecs=["PCMU"], direction=Direction.SENDONLY),
    b"v=0\r\no=alice 2890844526 2890844526 IN IP4 192.0.2.101\r\ns=-\r\nt=0 0\r\n"
    b"m=audio 49172 RTP/AVP 0 8 97 101\r\nc=IN IP4 192.0.2.101\r\nb=AS:64\r\na=rtpmap:0 PCMU/8000\r\n"
    b"a=rtpmap:97 iLBC/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=maxptime:150\r\n"
    b"m=video 51372 RTP/AVP 31\r\nc=IN IP4 192.0.2.101\r\na=rtpmap:31 H261/90000\r\n",
]


def test_damaged_offers() -> None:
    chance = random.Random("sdp")
    answered = refused = broken = 0
    bodies = [body for path in VECTORS if (body := path.read_bytes().partition(b"\r\n\r\n")[2]).startswith(b"v=0")]
    assert len(bodies) > 5
    for body in (OFFERS * 5 + bodies) * ROUNDS:
        try:
            answer, stream = answer_offer(parse_sdp(damaged(body, chance)), Address("192.0.2.1", 4000), session_id=1)
        except NegotiationError:
            refused += 1
        except ParseError:
            broken += 1
        else:
            answered += 1
            ours = [media for media in parse_sdp(answer).media if media.port]
            assert [(media.kind, media.port) for media in ours] == [("audio", 4000)]
            assert stream.codec in FORMATS
    # every way out is really taken, or the test looks at nothing
    assert answered > 75, (answered, refused, broken)
    assert refused > 25, (answered, refused, broken)
    assert broken > 100, (answered, refused, broken)

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telephony.sip.framing import NO_LENGTH, PING, StreamParser
from telephony.sip.parser import MAX_MESSAGE_BYTES, BrokenRequest, parse_message

FIRST = b"OPTIONS sip:a@b SIP/2.0\r\nl: 5\r\n\r\nhello"
SECOND = b"SIP/2.0 200 OK\r\nX: y\r\nContent-Length :\r\n 0\r\n\r\n"


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 200), max_size=20))
def test_any_cutting_gives_the_same_messages(cuts: list[int]) -> None:
    stream = b"\r\n" + FIRST + PING + SECOND + b"\r\n" + FIRST + SECOND
    parser = StreamParser()
    frames = []
    edges = [0, *sorted(cut for cut in cuts if cut < len(stream)), len(stream)]
    for begin, end in itertools.pairwise(edges):
        frames += parser.feed(stream[begin:end])
    assert frames == [FIRST, PING, SECOND, FIRST, SECOND]
    assert parser.fault is None


def test_broken_framing_ends_the_stream_and_shows_the_head() -> None:
    for lengths in (b"l: -1\r\n", b"l: 1\r\nContent-Length: 2\r\n", b"l: x\r\n", b"l: 99999999999\r\n"):
        parser = StreamParser()
        head = b"OPTIONS sip:a@b SIP/2.0\r\nX: y\r\n" + lengths + b"\r\n"
        assert parser.feed(FIRST + head + SECOND) == [FIRST, head]
        assert parser.fault is not None
        assert parser.feed(SECOND) == []


def test_headers_without_end_and_giants_are_bounded() -> None:
    parser = StreamParser()
    for _ in range(70):
        parser.feed(b"X: " + b"y" * 1000 + b"\r\n")
    assert parser.fault is not None
    parser = StreamParser()
    parser.feed(b"OPTIONS sip:a@b SIP/2.0\r\nl: %d\r\n\r\n" % MAX_MESSAGE_BYTES)
    assert parser.fault is not None


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_random_streams_never_raise(data: st.DataObject) -> None:
    """Whole messages, however cut, come out whole; what follows of noise neither raises nor brings them back."""
    wanted = data.draw(st.lists(st.sampled_from([FIRST, SECOND, PING]), min_size=1, max_size=6))
    noise = data.draw(st.binary(max_size=60))
    stream = b"".join(wanted) + noise
    cuts = sorted(data.draw(st.sets(st.integers(0, len(stream)), max_size=8)))
    parser = StreamParser()
    frames: list[bytes] = []
    for start, end in itertools.pairwise([0, *cuts, len(stream)]):
        frames += parser.feed(stream[start:end])
    assert frames[: len(wanted)] == wanted
    assert sum(map(len, frames)) <= len(stream) + len(NO_LENGTH)


def test_a_message_without_length_ends_the_stream_and_can_be_refused() -> None:
    parser = StreamParser()
    head = (
        b"OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP c;branch=z9hG4bK1\r\nFrom: <sip:d@e>;tag=1\r\n"
        b"To: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 9\r\n"
    )
    first, last = parser.feed(FIRST + head + b"\r\n" + SECOND)
    assert (first, last) == (FIRST, head + NO_LENGTH + b"\r\n")
    with pytest.raises(BrokenRequest) as refused:
        parse_message(last)
    assert refused.value.answer("tag").status == 400
    assert parser.fault is not None and parser.feed(SECOND) == []

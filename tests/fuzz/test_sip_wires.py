"""Damaged octets to what stands before the SIP parser: the WebSocket, the stream, STUN. Nothing may raise or grow."""

from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.client import ClientProtocol
from websockets.typing import Subprotocol
from websockets.uri import parse_uri

from telephony.sip.hop import Hop
from telephony.sip.parser import MAX_MESSAGE_BYTES
from telephony.sip.stun import StunServer, is_stun
from telephony.sip.wire import StreamWire, Wire
from telephony.sip.ws import WebSocketWire

MESSAGE = b"OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 0\r\n\r\n"
STUN = bytes.fromhex("000100002112a442") + b"t" * 12


def conversation() -> bytes:
    """What a client sends: handshake, whole and cut messages, keep-alives, goodbye."""
    client = ClientProtocol(parse_uri("ws://192.0.2.1/"), subprotocols=[Subprotocol("sip")])
    server = WebSocketWire()
    client.send_request(client.connect())
    sent = b"".join(client.data_to_send())
    server.feed(sent)
    client.receive_data(server.replies())
    client.send_text(MESSAGE)
    client.send_ping(b"x")
    client.send_binary(MESSAGE, fin=False)
    client.send_continuation(MESSAGE, fin=True)
    client.send_text(b"\r\n\r\n")
    client.send_close(1000)
    return sent + b"".join(client.data_to_send())


TALK = conversation()
HANDSHAKE = TALK.index(b"\r\n\r\n") + 4
damage = st.lists(st.tuples(st.integers(0, 700), st.integers(0, 3), st.binary(min_size=1, max_size=4)), max_size=4)


def damaged(data: bytes, marks: list[tuple[int, int, bytes]], start: int = 0) -> bytes:
    made = bytearray(data)
    for place, kind, octets in marks:
        at = start + place % max(1, len(made) - start)
        if kind == 0:
            made[at : at + len(octets)] = octets
        elif kind == 1:
            made[at:at] = octets
        elif kind == 2:
            del made[at : at + len(octets)]
        else:
            made[at:] = made[at:] * 2
            del made[8192:]
    return bytes(made)


def feed(wire: Wire, data: bytes, size: int, first: int = 0) -> list[bytes]:
    """What ``wire`` makes of ``data`` in pieces of ``size``, after one of ``first`` octets."""
    heard = wire.feed(data[:first])
    for at in range(first, len(data), size):
        heard += wire.feed(data[at : at + size])
        assert len(wire.replies()) <= 4096 + 2 * size
    assert isinstance(wire.unfinished, bool)
    wire.wrap(MESSAGE)
    wire.ping()
    wire.goodbye()
    return heard


def test_the_conversation_is_heard_as_it_was_said() -> None:
    assert feed(WebSocketWire(), TALK, len(TALK), HANDSHAKE) == [MESSAGE, b"", MESSAGE + MESSAGE, b""]


@settings(max_examples=120, deadline=None)
@given(damage, st.booleans(), st.sampled_from([1, 7, 64, 8192]))
def test_damaged_websockets(marks: list[tuple[int, int, bytes]], handshake: bool, size: int) -> None:
    data = damaged(TALK, marks, 0 if handshake else HANDSHAKE)
    assert all(len(message) <= MAX_MESSAGE_BYTES for message in feed(WebSocketWire(), data, size, HANDSHAKE))


@settings(max_examples=60, deadline=None)
@given(damage, st.booleans(), st.sampled_from([1, 7, 64, 8192]))
def test_damaged_streams(marks: list[tuple[int, int, bytes]], ours: bool, size: int) -> None:
    data = damaged(MESSAGE + b"\r\n\r\n" + MESSAGE + b"\r\n" + MESSAGE, marks)
    assert all(len(message) <= MAX_MESSAGE_BYTES for message in feed(StreamWire(ours=ours), data, size))


@settings(max_examples=80, deadline=None)
@given(damage, st.binary(max_size=64))
def test_damaged_stun(marks: list[tuple[int, int, bytes]], attributes: bytes) -> None:
    whole = STUN[:2] + len(attributes).to_bytes(2) + STUN[4:] + attributes
    data = damaged(whole, marks)
    if is_stun(data):
        answer = StunServer().answer(data, Hop("UDP", "2001:db8::1", 5060), 0.0)
        assert answer is None or (is_stun(answer) and len(answer) <= len(data) + 32)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_any_octets(data: bytes) -> None:
    feed(WebSocketWire(), data, 50)
    feed(StreamWire(ours=False), data, 50)
    if is_stun(data):
        StunServer().answer(data, Hop("UDP", "192.0.2.1", 5060), 0.0)

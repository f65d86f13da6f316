"""SIP over WebSocket (RFC 7118), sans-I/O: ``websockets``' own client half at the other end."""

import pytest
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.protocol import State
from websockets.typing import Origin, Subprotocol
from websockets.uri import parse_uri

from telephony.sip.parser import MAX_MESSAGE_BYTES
from telephony.sip.ws import WebSocketWire

MESSAGE = "OPTIONS sip:a@b SIP/2.0\r\nSubject: 你好\r\n\r\n".encode()


class Browser:
    """The client's half."""

    def __init__(self, wire: WebSocketWire, *, origin: str | None = None, subprotocol: str | None = "sip") -> None:
        self.wire = wire
        self.half = ClientProtocol(
            parse_uri("ws://192.0.2.1/"),
            origin=Origin(origin) if origin else None,
            subprotocols=[Subprotocol(subprotocol)] if subprotocol else None,
        )
        self.half.send_request(self.half.connect())
        self.flush()
        (self.answer,) = self.heard(bytes(wire.replies()))

    def flush(self) -> list[bytes]:
        """What we made of all that the client has to send, an octet at a time."""
        data = b"".join(self.half.data_to_send())
        return [message for at in range(len(data)) for message in self.wire.feed(data[at : at + 1])]

    def heard(self, data: bytes) -> list[object]:
        self.half.receive_data(data)
        return list(self.half.events_received())


def test_messages_go_both_ways_whole_or_in_pieces() -> None:
    wire = WebSocketWire()
    browser = Browser(wire)
    assert isinstance(browser.answer, Response)
    assert (browser.answer.status_code, browser.answer.headers["Sec-WebSocket-Protocol"]) == (101, "sip")
    assert browser.half.state is State.OPEN
    browser.half.send_text(MESSAGE)
    assert browser.flush() == [MESSAGE]
    browser.half.send_binary(MESSAGE[:7], fin=False)
    browser.half.send_continuation(b"", fin=False)
    browser.half.send_ping(b"are you there?")  # may stand between the pieces
    browser.half.send_continuation(MESSAGE[7:], fin=True)
    assert browser.flush() == [b"", MESSAGE]
    (pong,) = browser.heard(wire.replies())
    assert pong == Frame(Opcode.PONG, b"are you there?")
    assert browser.heard(wire.wrap(MESSAGE)) == [Frame(Opcode.TEXT, MESSAGE)]
    assert browser.heard(wire.wrap(b"\xff")) == [Frame(Opcode.BINARY, b"\xff")]
    assert not wire.unfinished


def test_keep_alives_of_both_kinds_are_answered() -> None:
    wire = WebSocketWire()
    browser = Browser(wire)
    browser.half.send_text(b"\r\n\r\n")  # RFC 5626 §3.5.1
    assert browser.flush() == [b""]
    assert browser.heard(wire.replies()) == [Frame(Opcode.TEXT, b"\r\n")]
    (ping,) = browser.heard(wire.ping())
    assert isinstance(ping, Frame) and ping.opcode is Opcode.PING
    assert browser.flush() == [b""]  # its pong


@pytest.mark.parametrize(
    ("origins", "origin", "status"),
    [
        ((), "https://anywhere.example", 101),
        (("https://desk.example",), "https://desk.example", 101),
        (("https://desk.example",), None, 101),
        (("https://desk.example",), "https://evil.example", 403),
    ],
)
def test_only_pages_of_our_own_may_connect(origins: tuple[str, ...], origin: str | None, status: int) -> None:
    wire = WebSocketWire(origins)
    answer = Browser(wire, origin=origin).answer
    assert isinstance(answer, Response) and answer.status_code == status
    assert wire.over is (status != 101)
    if status != 101:
        assert "Server" not in answer.headers and not answer.body


@pytest.mark.parametrize("subprotocol", ["mqtt", None])
def test_who_does_not_speak_sip_is_refused(subprotocol: str | None) -> None:
    wire = WebSocketWire()
    answer = Browser(wire, subprotocol=subprotocol).answer
    assert isinstance(answer, Response) and answer.status_code == 400
    assert wire.over and wire.wrap(MESSAGE) == wire.ping() == wire.goodbye() == b""


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"OPTIONS sip:a@b SIP/2.0\r\n\r\n",
        b"\0" * 9000,
        b"x" * 9000,
        b"\x16\x03\x01",
    ],
)
def test_what_is_no_handshake_ends_the_connection(data: bytes) -> None:
    wire = WebSocketWire()
    assert wire.unfinished
    assert wire.feed(data + b"\r\n\r\n") == []
    assert wire.over
    assert b"101" not in wire.replies()[:20]
    assert wire.feed(MESSAGE) == []


def test_what_is_too_large_or_malformed_ends_the_connection() -> None:
    for pieces in ([b"x" * (MAX_MESSAGE_BYTES + 1)], [b"x" * (MAX_MESSAGE_BYTES - 5), b"y" * 6]):
        wire = WebSocketWire()
        browser = Browser(wire)
        browser.half.send_binary(pieces[0], fin=len(pieces) == 1)
        for piece in pieces[1:]:
            browser.half.send_continuation(piece, fin=True)
        data = b"".join(browser.half.data_to_send())
        assert wire.feed(data) == []
        assert wire.over
        (close,) = browser.heard(wire.replies())
        assert isinstance(close, Frame) and close.data.startswith(b"\x03\xf1")  # 1009: too big
    wire = WebSocketWire()
    Browser(wire)
    assert wire.feed(b"\x81\x01x") == []  # a frame of a client must be masked
    assert wire.over


def test_goodbyes() -> None:
    wire = WebSocketWire()
    browser = Browser(wire)
    (close,) = browser.heard(wire.goodbye())
    assert isinstance(close, Frame) and close.opcode is Opcode.CLOSE
    wire = WebSocketWire()
    browser = Browser(wire)
    browser.half.send_close(1000)
    assert browser.flush() == []
    assert wire.over
    (answer,) = browser.heard(wire.replies())
    assert isinstance(answer, Frame) and answer.opcode is Opcode.CLOSE

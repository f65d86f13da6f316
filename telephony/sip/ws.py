"""SIP over WebSocket, RFC 7118: the server's end of a connection that a browser or another client makes. Sans-I/O.

The WebSocket protocol itself (RFC 6455) is ``websockets``' work. One WebSocket message is one SIP message, text or
binary. No compression is agreed to, so what comes in cannot grow.
"""

import logging
from collections.abc import Sequence
from typing import Final

from websockets.datastructures import Headers
from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.typing import Origin, Subprotocol

from telephony.sip.framing import PING, PONG
from telephony.sip.parser import MAX_MESSAGE_BYTES

SUBPROTOCOL: Final = Subprotocol("sip")
GOING_AWAY: Final = 1001
_log: Final = logging.getLogger("line400.sip.ws")
_log.setLevel(logging.WARNING)  # it would log frames, which are personal data


class WebSocketWire:
    """See ``telephony.sip.wire.Wire``. ``origins`` are the sites whose pages may connect; empty: all of them.

    Who sends no Origin is no browser and may connect: the list is against foreign pages in our people's browsers.
    """

    __slots__ = ("_over", "_part", "_partial", "_protocol", "_replies")

    ping_s = 30.0
    must_answer = True
    """RFC 6455 §5.5.2: whoever gets a ping answers it."""

    def __init__(self, origins: Sequence[str] = ()) -> None:
        self._protocol = ServerProtocol(
            origins=[*(Origin(origin) for origin in origins), None] if origins else None,
            subprotocols=[SUBPROTOCOL],
            max_size=MAX_MESSAGE_BYTES,
            logger=_log,
        )
        self._part: bytearray | None = None
        self._partial = False
        self._over = False
        self._replies = bytearray()

    @property
    def unfinished(self) -> bool:
        """See ``Wire``."""
        return self._partial or self._part is not None or self._protocol.state is State.CONNECTING

    @property
    def over(self) -> bool:
        """See ``Wire``."""
        return self._over

    def feed(self, data: bytes) -> list[bytes]:
        """See ``Wire``."""
        if self._over:
            return []
        protocol = self._protocol
        protocol.receive_data(data)
        events = protocol.events_received()
        self._partial = not events
        messages: list[bytes] = []
        for event in events:
            if isinstance(event, Request) and not protocol.eof_sent:  # else what came after it was no frame
                protocol.send_response(self._answer(event))
            elif isinstance(event, Frame) and protocol.state is not State.CONNECTING:
                message = self._take(event)
                if message is not None:
                    messages.append(message)
        self._flush()
        return messages

    def wrap(self, message: bytes) -> bytes:
        """See ``Wire``; as text where it is UTF-8, which scripts in a browser read more easily."""
        protocol = self._protocol
        if protocol.state is not State.OPEN:
            return b""
        try:
            message.decode()
        except UnicodeDecodeError:
            protocol.send_binary(message)
        else:
            protocol.send_text(message)
        self._flush()
        return self.replies()

    def replies(self) -> bytes:
        """See ``Wire``."""
        said = bytes(self._replies)
        self._replies.clear()
        return said

    def ping(self) -> bytes:
        """See ``Wire``."""
        if self._protocol.state is not State.OPEN:
            return b""
        self._protocol.send_ping(b"")
        self._flush()
        return self.replies()

    def goodbye(self) -> bytes:
        """See ``Wire``."""
        if self._protocol.state is not State.OPEN:
            return b""
        self._protocol.send_close(GOING_AWAY)
        self._flush()
        return self.replies()

    def _answer(self, request: Request) -> Response:
        """The answer to the handshake: 101, or a refusal (RFC 7118 §5: "sip" must be among the subprotocols)."""
        response = self._protocol.accept(request)
        if response.status_code >= 300:
            # the library's words name its version and its reasons at length; a stranger needs neither
            headers = Headers([("Connection", "close"), ("Content-Length", "0")])
            return Response(response.status_code, response.reason_phrase, headers, b"")
        return response

    def _take(self, frame: Frame) -> bytes | None:
        """A message that is complete with ``frame``, b"" for a keep-alive, None where more must come."""
        if frame.opcode in (Opcode.PING, Opcode.PONG):  # pings are answered by the library
            return b""
        if frame.opcode in (Opcode.TEXT, Opcode.BINARY):
            self._part = bytearray(frame.data)
        elif frame.opcode is Opcode.CONT and self._part is not None:
            self._part += frame.data
        else:
            return None
        if not frame.fin:
            return None
        message, self._part = bytes(self._part), None
        if message == PING:
            if self._protocol.state is State.OPEN:
                self._protocol.send_text(PONG)
            return b""
        return b"" if message == PONG else message

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            self._over = self._over or not data  # b"" is the library's word for the end of what we send
            self._replies += data

"""Cutting a TCP stream into messages by Content-Length, RFC 3261 §18.3, with the keep-alives of RFC 5626 §3.5.1."""

from typing import Final

from core.errors import ParseError
from telephony.sip.grammar import parse_count
from telephony.sip.headers import key_of
from telephony.sip.parser import MAX_MESSAGE_BYTES

PING: Final = b"\r\n\r\n"
"""Sent by the peer between messages; the answer is ``PONG``."""
PONG: Final = b"\r\n"


class StreamParser:
    """Feed octets as they come; get whole messages (for ``parse_message``) and pings.

    A stream whose framing is broken cannot be mended (RFC 4475 §3.3.9): ``fault`` then says why, nothing comes out any
    more, and the connection is to be closed. Where the broken message has a readable head, that head comes out last, so
    that whoever parses it can answer 400 first.
    """

    __slots__ = ("_buffer", "_searched", "fault")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._searched = 0
        self.fault: ParseError | None = None

    def feed(self, data: bytes) -> list[bytes]:
        """Take ``data``; the messages and pings that are now complete, in order."""
        if self.fault is not None:
            return []
        self._buffer += data
        frames: list[bytes] = []
        while self.fault is None:
            frame = self._next()
            if frame is None:
                break
            frames.append(frame)
        return frames

    def _next(self) -> bytes | None:
        buffer = self._buffer
        while buffer.startswith(b"\r\n"):
            if buffer.startswith(PING):
                del buffer[: len(PING)]
                return PING
            if len(buffer) < len(PING) and PING.startswith(buffer):
                return None  # perhaps the first half of a ping
            del buffer[:2]
        end = buffer.find(b"\r\n\r\n", max(0, self._searched - 3))
        if end < 0:
            self._searched = len(buffer)
            if len(buffer) > MAX_MESSAGE_BYTES:
                self._break("headers without end")
            return None
        self._searched = 0
        start = end + 4
        try:
            length = _content_length(bytes(buffer[:end]))
        except ParseError as error:
            self.fault = error
            return self._take(start)
        if start + length > MAX_MESSAGE_BYTES:
            self._break(f"message larger than {MAX_MESSAGE_BYTES} bytes")
            return None
        if len(buffer) < start + length:
            self._searched = end
            return None
        return self._take(start + length)

    def _take(self, size: int) -> bytes:
        frame = bytes(self._buffer[:size])
        del self._buffer[:size]
        return frame

    def _break(self, why: str) -> None:
        self.fault = ParseError(why, where="TCP stream")
        self._buffer.clear()


def _content_length(head: bytes) -> int:
    """What Content-Length says; over TCP it is mandatory (§18.3), so ``ParseError`` where it is missing or unclear."""
    lengths = set()
    for line in head.split(b"\r\n")[1:]:
        name, colon, value = line.partition(b":")
        if not colon or len(name) > 40 or line[:1] in (b" ", b"\t"):
            continue
        try:
            if key_of(name.decode("ascii").rstrip(" \t")) == "content-length":
                lengths.add(value.decode("ascii").strip(" \t"))
        except (ParseError, UnicodeDecodeError):
            continue  # the message parser will say what is wrong with that line
    if len(lengths) != 1:
        raise ParseError("Content-Length is missing or contradicts itself", where="TCP stream")
    return parse_count(lengths.pop(), MAX_MESSAGE_BYTES)

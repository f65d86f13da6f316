"""Cutting a TCP stream into messages by Content-Length, RFC 3261 §18.3, with the keep-alives of RFC 5626 §3.5.1."""

import re
from typing import Final

from core.errors import ParseError
from telephony.sip.grammar import parse_count
from telephony.sip.headers import key_of
from telephony.sip.parser import MAX_MESSAGE_BYTES

_FOLD: Final = re.compile(rb"\r\n[ \t]+")
PING: Final = b"\r\n\r\n"
"""Sent by the peer between messages; the answer is ``PONG``."""
PONG: Final = b"\r\n"
NO_LENGTH: Final = b"Content-Length:\r\n"


class StreamParser:
    """Feed octets as they come; get whole messages (for ``parse_message``) and pings.

    A stream whose framing is broken cannot be mended (RFC 4475 §3.3.9): ``fault`` then says why, nothing comes out any
    more, and the connection is to be closed. Where Content-Length is wrong or missing, or the message would be too
    large, what there is of its head comes out last, so that whoever parses it can answer 400 or 513 first (where the
    field is missing, with an empty one, which is as wrong). ``pinged``:
    whether the peer may ping; if not, empty lines are its answers to our pings and pass unseen.
    """

    __slots__ = ("_buffer", "_pinged", "_searched", "_size", "fault")

    def __init__(self, *, pinged: bool = True) -> None:
        self._buffer = bytearray()
        self._pinged = pinged
        self._searched = 0
        self._size = 0
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

    @property
    def unfinished(self) -> bool:
        """Whether the beginning of something has come whose end has not."""
        return not PING.startswith(self._buffer)

    def _next(self) -> bytes | None:
        buffer = self._buffer
        if self._size:  # the head has been read: nothing is looked at anew for each octet of the body
            return self._take(self._size) if len(buffer) >= self._size else None
        while buffer.startswith(b"\r\n"):
            if self._pinged and buffer.startswith(PING):
                del buffer[: len(PING)]
                return PING
            if self._pinged and len(buffer) < len(PING) and PING.startswith(buffer):
                return None  # perhaps the first half of a ping
            del buffer[:2]
        end = buffer.find(b"\r\n\r\n", max(0, self._searched - 3))
        if end < 0:
            self._searched = len(buffer)
            if len(buffer) > MAX_MESSAGE_BYTES:
                return self._break("headers without end", max(0, buffer.rfind(b"\r\n", 0, MAX_MESSAGE_BYTES)))
            return None
        self._searched = 0
        start = end + 4
        lengths = _content_lengths(bytes(buffer[:end]))
        if not lengths:
            self.fault = ParseError("Content-Length is missing, which TCP needs (RFC 3261 §18.3)", where="TCP stream")
            return self._take(start)[:-2] + NO_LENGTH + b"\r\n"
        try:
            length = _only(lengths)
        except ParseError as error:
            self.fault = error
            return self._take(start)
        if start + length > MAX_MESSAGE_BYTES:
            return self._break(f"message larger than {MAX_MESSAGE_BYTES} bytes", start)
        self._size = start + length
        return self._take(self._size) if len(buffer) >= self._size else None

    def _take(self, size: int) -> bytes:
        frame = bytes(self._buffer[:size])
        del self._buffer[:size]
        self._size = 0
        return frame

    def _break(self, why: str, head: int = 0) -> bytes | None:
        """Nothing more comes out but the first ``head`` octets; None for none of them."""
        self.fault = ParseError(why, where="TCP stream")
        last = bytes(self._buffer[: min(head, MAX_MESSAGE_BYTES)])
        self._buffer.clear()
        return last or None


def _content_lengths(head: bytes) -> set[str]:
    """All that Content-Length says."""
    lengths = set()
    for line in _FOLD.sub(b" ", head).split(b"\r\n")[1:]:
        name, colon, value = line.partition(b":")
        if not colon or len(name) > 40:
            continue
        try:
            if key_of(name.decode("ascii").rstrip(" \t")) == "content-length":
                lengths.add(value.decode("ascii").strip(" \t"))
        except (ParseError, UnicodeDecodeError):
            continue  # the message parser will say what is wrong with that line
    return lengths


def _only(lengths: set[str]) -> int:
    if len(lengths) > 1:
        raise ParseError("Content-Length contradicts itself", where="TCP stream")
    return parse_count(min(lengths), MAX_MESSAGE_BYTES)

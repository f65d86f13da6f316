"""What a connection speaks: how SIP messages are cut out of what comes in, and wrapped for what goes out.

Sans-I/O. ``StreamWire`` is SIP over TCP and TLS (RFC 3261 §18.3, keep-alives of RFC 5626 §3.5.1); WebSocket is in
``telephony.sip.ws``.
"""

from typing import Protocol

from telephony.sip.framing import PING, PONG, StreamParser


class Wire(Protocol):
    """One connection's framing."""

    @property
    def ping_s(self) -> float:
        """We ping when the peer has been silent for so many seconds; 0: never, that is the peer's to do."""
        ...

    @property
    def must_answer(self) -> bool:
        """Whether a ping that stays without answer means that the peer is gone, even if it never answered one."""
        ...

    @property
    def unfinished(self) -> bool:
        """Whether the beginning of something has come whose end has not."""
        ...

    @property
    def over(self) -> bool:
        """Whether nothing more can come: broken beyond mending, or closed by the peer."""
        ...

    def feed(self, data: bytes) -> list[bytes]:
        """Take ``data``; the messages that are now complete, in order, with b"" for each keep-alive among them."""
        ...

    def wrap(self, message: bytes) -> bytes:
        """``message`` as it goes out; b"" where nothing can be sent (yet)."""
        ...

    def replies(self) -> bytes:
        """Take what the framing itself has to say to what came in."""
        ...

    def ping(self) -> bytes:
        """A ping of ours."""
        ...

    def goodbye(self) -> bytes:
        """What is said before we close."""
        ...


class StreamWire:
    """SIP over TCP or TLS. Who made the connection pings on it (RFC 5626 §4.4.1): ``ours`` if that was us.

    Deviation: whether the peer answers pings is not negotiated (RFC 6223) but learned; only one that has answered is
    held to be gone when it no longer does.
    """

    __slots__ = ("_parser", "_pongs", "ping_s")

    must_answer = False

    def __init__(self, *, ours: bool) -> None:
        self._parser = StreamParser(pinged=not ours)
        self._pongs = 0
        self.ping_s = 95.0 if ours else 0.0

    @property
    def unfinished(self) -> bool:
        """See ``Wire``."""
        return self._parser.unfinished

    @property
    def over(self) -> bool:
        """See ``Wire``."""
        return self._parser.fault is not None

    def feed(self, data: bytes) -> list[bytes]:
        """See ``Wire``."""
        frames = self._parser.feed(data)
        if PING not in frames:
            return frames
        self._pongs += frames.count(PING)
        return [b"" if frame == PING else frame for frame in frames]

    def wrap(self, message: bytes) -> bytes:
        """See ``Wire``."""
        return message

    def replies(self) -> bytes:
        """See ``Wire``."""
        pongs, self._pongs = self._pongs, 0
        return PONG * pongs

    def ping(self) -> bytes:
        """See ``Wire``."""
        return PING

    def goodbye(self) -> bytes:
        """See ``Wire``."""
        return b""

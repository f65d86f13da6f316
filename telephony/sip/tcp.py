"""One TCP or TLS connection of SIP: frames in, bytes out, keep-alives answered (RFC 3261 §18.3, RFC 5626 §3.5.1)."""

import asyncio
from collections.abc import Callable
from typing import Final, TypeAlias, cast

from telephony.sip.framing import PING, PONG, StreamParser
from telephony.sip.hop import Hop

MAX_UNREAD: Final = 1 << 20
"""Bytes that a peer may leave unread before the connection is given up."""
SILENT_S: Final = 32.0
"""A connection made by a peer that sends no whole message for so long, or leaves one unfinished for so long, is closed;
single octets and keep-alives alone do not hold it.
"""
IDLE_S: Final = 3600.0
"""Any connection is closed when neither a message nor a keep-alive has come for so long."""

OnMessage: TypeAlias = Callable[[bytes, Hop], None]


class Connection(asyncio.Protocol):
    """``on_connected`` says whether it may stay; ``ours`` if we made it."""

    def __init__(
        self,
        on_message: OnMessage,
        on_connected: "Callable[[Connection], bool]",
        on_closed: "Callable[[Connection], None]",
        *,
        transport: str,
        ours: bool,
    ) -> None:
        self.peer = Hop(transport, "", 0)
        self.ours = ours
        self._on_message = on_message
        self._on_connected = on_connected
        self._on_closed = on_closed
        self._parser = StreamParser()
        self._transport: asyncio.Transport | None = None
        self._spoke = False
        self._made_at = self._active_at = 0.0
        self._unfinished_since: float | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See ``asyncio.Protocol``."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are no subclass
        name = transport.get_extra_info("peername") or ("", 0)
        self.peer = Hop(self.peer.transport, name[0], name[1])
        self._active_at = self._made_at = asyncio.get_running_loop().time()
        if not self._on_connected(self):
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """See ``asyncio.Protocol``."""
        now = asyncio.get_running_loop().time()
        frames = self._parser.feed(data)
        if frames or self._unfinished_since is None:
            self._unfinished_since = now
        if not self._parser.unfinished:
            self._unfinished_since = None
        for frame in frames:
            self._active_at = now
            if frame == PING:
                self.write(PONG)
            else:
                self._spoke = True
                self._on_message(frame, self.peer)
        if self._parser.fault is not None:
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """See ``asyncio.Protocol``."""
        self._transport = None
        self._on_closed(self)

    def write(self, data: bytes) -> None:
        """Send; a peer that does not read loses the connection."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        if transport.get_write_buffer_size() > MAX_UNREAD:
            transport.abort()
            return
        transport.write(data)

    def close(self) -> None:
        """Close after what is written has gone out."""
        if self._transport is not None:
            self._transport.close()

    def is_stale(self, loop_time: float) -> bool:
        """Whether it has had its time."""
        if self._unfinished_since is not None and loop_time - self._unfinished_since > SILENT_S:
            return True
        if not self._spoke and not self.ours:
            return loop_time - self._made_at > SILENT_S
        return loop_time - self._active_at > IDLE_S

"""One connection of SIP, by TCP, TLS or WebSocket: messages in and out, keep-alives both ways, and its time to go."""

import asyncio
import time
from collections.abc import Callable
from typing import Final, TypeAlias, cast

from telephony.sip.hop import Hop
from telephony.sip.wire import StreamWire, Wire

MAX_UNREAD: Final = 1 << 20
"""Bytes that a peer may leave unread before the connection is given up."""
SILENT_S: Final = 32.0
"""A connection made by a peer that sends no whole message for so long, or leaves one unfinished for so long, is closed;
single octets and keep-alives alone do not hold it.
"""
IDLE_S: Final = 3600.0
"""Any connection is closed when neither a message nor a keep-alive has come for so long."""
PONG_S: Final = 10.0
"""RFC 5626 §4.4.1: how long a ping of ours may wait for its answer."""
SLICE: Final = 4096
"""Octets that are looked at in one piece: no more than some dozen messages, whatever a peer has pipelined."""
TURN_S: Final = 0.005
"""How long one connection is served before the event loop serves others; meanwhile no more is read from it."""

OnMessage: TypeAlias = Callable[[bytes, Hop], None]


class Connection(asyncio.Protocol):
    """``on_connected`` says whether it may stay; ``ours`` if we made it; ``wire`` is what it speaks (None: SIP)."""

    def __init__(
        self,
        on_message: OnMessage,
        on_connected: "Callable[[Connection], bool]",
        on_closed: "Callable[[Connection], None]",
        *,
        transport: str,
        ours: bool,
        wire: Wire | None = None,
    ) -> None:
        self.peer = Hop(transport, "", 0)
        self.ours = ours
        self.fault: Exception | None = None
        """What broke it."""
        self._on_message = on_message
        self._on_connected = on_connected
        self._on_closed = on_closed
        self._wire: Wire = wire or StreamWire(ours=ours)
        self._transport: asyncio.Transport | None = None
        self._unserved = bytearray()
        self._next_turn: asyncio.Handle | None = None
        self._spoke = False
        self._answers = False
        self._pinged_at: float | None = None
        self._ping_every_s = 0.0
        self._made_at = self._active_at = self._heard_at = self._last_ping_at = 0.0
        self._unfinished_since: float | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See ``asyncio.Protocol``."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are no subclass
        name = transport.get_extra_info("peername") or ("", 0)
        self.peer = Hop(self.peer.transport, name[0], name[1])
        now = asyncio.get_running_loop().time()
        self._heard_at = self._active_at = self._made_at = self._last_ping_at = now
        if not self._on_connected(self):
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """See ``asyncio.Protocol``."""
        self._heard_at = asyncio.get_running_loop().time()
        self._unserved += data
        if self._next_turn is None:
            self._serve()

    def connection_lost(self, exc: Exception | None) -> None:
        """See ``asyncio.Protocol``."""
        self._transport = None
        self.fault = exc
        self._unserved.clear()
        if self._next_turn is not None:
            self._next_turn.cancel()
            self._next_turn = None
        self._on_closed(self)

    def write(self, message: bytes) -> None:
        """Send; a peer that does not read loses the connection."""
        self._put(self._wire.wrap(message))

    def close(self) -> None:
        """Close after what is written has gone out."""
        if self._transport is not None:
            self._put(self._wire.goodbye())
            self._transport.close()

    def abort(self) -> None:
        """Close at once: the peer is gone."""
        if self._transport is not None:
            self._transport.abort()

    @property
    def spoke(self) -> bool:
        """Whether the peer has ever said anything."""
        return self._spoke

    def is_stale(self, loop_time: float) -> bool:
        """Whether it has had its time."""
        if self._unfinished_since is not None and loop_time - self._unfinished_since > SILENT_S:
            return True
        if not self._spoke and not self.ours:
            return loop_time - self._made_at > SILENT_S
        return loop_time - self._active_at > IDLE_S

    def ping_every(self, seconds: float) -> None:
        """Ping as often as that, whatever the peer says meanwhile: it counts what we say (RFC 5626 §4.4)."""
        self._ping_every_s = seconds

    def keep_alive(self, loop_time: float) -> bool:
        """Ping the peer when it is time to; False where it should have answered an earlier ping and did not."""
        if self._pinged_at is not None:
            if self._heard_at >= self._pinged_at:
                self._answers = True
                self._pinged_at = None
            elif loop_time - self._pinged_at > PONG_S:
                if self._answers or self._wire.must_answer:
                    return False
                self._heard_at, self._pinged_at = self._pinged_at, None  # the next one in its time
        silent = self._wire.ping_s and loop_time - self._heard_at >= self._wire.ping_s
        due = self._ping_every_s and loop_time - self._last_ping_at >= self._ping_every_s
        if self._pinged_at is None and (silent or due):
            self._pinged_at = self._last_ping_at = loop_time
            self._put(self._wire.ping())
        return True

    def _serve(self) -> None:
        """Serve what has come, for one turn."""
        loop = asyncio.get_running_loop()
        waited = self._next_turn is not None
        self._next_turn = None
        until = time.perf_counter() + TURN_S
        try:
            while self._unserved and self._transport is not None:
                piece = bytes(self._unserved[:SLICE])
                del self._unserved[:SLICE]
                self._take(piece, loop.time())
                if time.perf_counter() >= until:
                    break
        finally:
            # one message that could not be served must not hold up the others
            if self._transport is not None and not self._transport.is_closing():
                if self._unserved:
                    if not waited:
                        self._transport.pause_reading()
                    self._next_turn = loop.call_soon(self._serve)
                elif waited:
                    self._transport.resume_reading()

    def _take(self, piece: bytes, now: float) -> None:
        frames = self._wire.feed(piece)
        self._put(self._wire.replies())
        if frames or self._unfinished_since is None:
            self._unfinished_since = now
        if not self._wire.unfinished:
            self._unfinished_since = None
        for frame in frames:
            self._active_at = now
            if frame:
                self._spoke = True
                self._on_message(frame, self.peer)
        if self._wire.over:
            self._unserved.clear()
            self.close()

    def _put(self, data: bytes) -> None:
        transport = self._transport
        if not data or transport is None or transport.is_closing():
            return
        if transport.get_write_buffer_size() > MAX_UNREAD:
            transport.abort()
            return
        transport.write(data)

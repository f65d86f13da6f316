"""The UDP socket of SIP: what comes in is served at once, a little at each turn of the event loop."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from functools import lru_cache
from typing import Final, TypeAlias

from telephony.sip.hop import UDP, Hop

_log: Final = logging.getLogger("line400.sip")
MAX_UNSERVED: Final = 1024
"""Datagrams that wait for their turn, beside those in the socket; more are lost, as on the wire."""
MAX_PER_TURN: Final = 32
TURN_S: Final = 0.005
"""How many datagrams are served, and for how long, before the event loop serves others."""
_PAUSE_S: Final = 0.0002
"""Between two datagrams of one turn there is less."""

OnDatagram: TypeAlias = Callable[[bytes, Hop], None]


class Datagrams(asyncio.DatagramProtocol):
    """Hands each datagram to ``on_datagram``. A flood must not hold the event loop: what comes when its time is over
    waits for the next turn.
    """

    def __init__(self, on_datagram: OnDatagram) -> None:
        self._on_datagram = on_datagram
        self._unserved: deque[tuple[bytes, Hop]] = deque()
        self._serving: asyncio.Handle | None = None
        self._until = 0.0
        self._served_at = 0.0
        self._left = 0
        self._lost = 0

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """See ``asyncio.DatagramProtocol``."""
        # not the loop's own time: uvloop's stands still during a turn
        now = time.perf_counter()
        if now - self._served_at >= _PAUSE_S:
            self._until, self._left = now + TURN_S, MAX_PER_TURN
        if not self._unserved and self._left and now < self._until:
            self._left -= 1
            try:
                self._on_datagram(data, _hop(addr[0], addr[1]))
            finally:
                self._served_at = time.perf_counter()
        elif len(self._unserved) < MAX_UNSERVED:
            self._unserved.append((data, _hop(addr[0], addr[1])))
            if self._serving is None:
                self._serving = asyncio.get_running_loop().call_soon(self._serve)
        else:
            self._lost += 1

    def connection_lost(self, exc: Exception | None) -> None:
        """See ``asyncio.BaseProtocol``."""
        self._unserved.clear()
        if self._serving is not None:
            self._serving.cancel()
            self._serving = None

    def error_received(self, exc: Exception) -> None:
        """See ``asyncio.DatagramProtocol``."""
        _log.debug("UDP: %s", exc)  # an ICMP error names no transaction: the timers will tell

    def _serve(self) -> None:
        until = time.perf_counter() + TURN_S
        self._serving = None
        try:
            for _ in range(min(MAX_PER_TURN, len(self._unserved))):
                self._on_datagram(*self._unserved.popleft())
                if time.perf_counter() >= until:
                    break
        finally:
            # one message that could not be served must not hold up the others
            self._served_at = time.perf_counter()
            if self._unserved and self._serving is None:
                self._serving = asyncio.get_running_loop().call_soon(self._serve)
            elif self._lost:
                _log.warning("%d SIP datagrams were lost: more came than could be served", self._lost)
                self._lost = 0


@lru_cache(maxsize=1024)
def _hop(host: str, port: int) -> Hop:
    return Hop(UDP, host, port)

"""The UDP socket of SIP: what comes in is served a little at each turn of the event loop."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Final, TypeAlias

from telephony.sip.hop import UDP, Hop

_log: Final = logging.getLogger("line400.sip")
MAX_UNSERVED: Final = 1024
"""Datagrams that wait for their turn, beside those in the socket; more are lost, as on the wire."""
MAX_PER_TURN: Final = 32
TURN_S: Final = 0.005
"""How many datagrams are served, and for how long, before the event loop serves others."""

OnDatagram: TypeAlias = Callable[[bytes, Hop], None]


class Datagrams(asyncio.DatagramProtocol):
    """Hands each datagram to ``on_datagram``. A flood must not hold the event loop."""

    def __init__(self, on_datagram: OnDatagram) -> None:
        self._on_datagram = on_datagram
        self._unserved: deque[tuple[bytes, Hop]] = deque()
        self._serving: asyncio.Handle | None = None
        self._lost = 0

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """See ``asyncio.DatagramProtocol``."""
        if len(self._unserved) >= MAX_UNSERVED:
            self._lost += 1
            return
        self._unserved.append((data, Hop(UDP, addr[0], addr[1])))
        if self._serving is None:
            self._serving = asyncio.get_running_loop().call_soon(self._serve)

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
        loop = asyncio.get_running_loop()
        until = loop.time() + TURN_S
        self._serving = None
        try:
            for _ in range(min(MAX_PER_TURN, len(self._unserved))):
                self._on_datagram(*self._unserved.popleft())
                if loop.time() >= until:
                    break
        finally:
            # one message that could not be served must not hold up the others
            if self._unserved and self._serving is None:
                self._serving = loop.call_soon(self._serve)
            elif self._lost:
                _log.warning("%d SIP datagrams were lost: more came than could be served", self._lost)
                self._lost = 0

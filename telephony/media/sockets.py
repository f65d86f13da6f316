"""RTP ports: two UDP sockets for each leg, on an even port for RTP and the odd one after it for RTCP (RFC 3550, 11).

RTCP is read and thrown away, so that a far end that sends it meets no "port unreachable".
"""

import select
import socket
from collections.abc import Callable
from typing import Final

from core.errors import Unavailable
from telephony.rtp.latch import Source

_LARGEST: Final = 2048
_BUFFER_BYTES: Final = 1 << 18
Handlers = dict[int, Callable[[], None]]


class LegSocket:
    """The two sockets of one leg. ``on_packet`` gets every datagram that comes to the RTP port."""

    def __init__(self, rtp: socket.socket, rtcp: socket.socket, close: Callable[["LegSocket"], None]) -> None:
        self.rtp = rtp
        self.rtcp = rtcp
        self.port: int = rtp.getsockname()[1]
        self.send: Callable[[bytes, Source], int] = rtp.sendto
        self._close = close

    def reader(self, on_packet: Callable[[bytes, Source], None]) -> Callable[[], None]:
        """What to call when the RTP port has a datagram."""
        receive = self.rtp.recvfrom

        def read() -> None:
            try:
                data, source = receive(_LARGEST)
            except OSError:
                return
            on_packet(data, source)

        def read_ipv6() -> None:
            try:
                data, source = receive(_LARGEST)
            except OSError:
                return
            on_packet(data, source[:2])  # without flow and scope

        return read if self.rtp.family == socket.AF_INET else read_ipv6

    def discard(self) -> None:
        """Throw away a datagram of the RTCP port."""
        try:
            self.rtcp.recv(_LARGEST)
        except OSError:
            return

    def close(self) -> None:
        """Free both ports."""
        self._close(self)


class SocketPool:
    """Opens pairs of ports on ``host`` between ``low`` and ``high``; ``epoll`` and ``handlers`` are the loop's."""

    def __init__(self, host: str, low: int, high: int, *, epoll: select.epoll, handlers: Handlers) -> None:
        self._host = host
        self._low = low + low % 2
        self._pairs = (high - self._low + 1) // 2
        self._next = 0
        self._epoll = epoll
        self._handlers = handlers
        self._family = socket.AF_INET6 if ":" in host else socket.AF_INET

    def open(self) -> LegSocket:
        """The next free pair; ``Unavailable`` when all ports of the range are taken."""
        for _ in range(self._pairs):
            port = self._low + 2 * self._next
            self._next = (self._next + 1) % self._pairs  # a port rests for as long as the range allows
            pair = self._bind(port)
            if pair is not None:
                return LegSocket(*pair, self._drop)
        raise Unavailable(
            f"all RTP ports {self._low}-{self._low + 2 * self._pairs - 1} are taken: widen the port range"
        )

    def watch(self, pair: LegSocket, on_packet: Callable[[bytes, Source], None]) -> None:
        """Hand what comes to ``pair`` to ``on_packet`` from now on."""
        for sock, read in ((pair.rtp, pair.reader(on_packet)), (pair.rtcp, pair.discard)):
            self._handlers[sock.fileno()] = read
            self._epoll.register(sock.fileno(), select.EPOLLIN)

    def _bind(self, port: int) -> tuple[socket.socket, socket.socket] | None:
        opened: list[socket.socket] = []
        try:
            for number in (port, port + 1):
                sock = socket.socket(self._family, socket.SOCK_DGRAM)
                opened.append(sock)
                sock.setblocking(False)
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
                sock.bind((self._host, number))
        except OSError:
            for sock in opened:
                sock.close()
            return None
        return opened[0], opened[1]

    def _drop(self, pair: LegSocket) -> None:
        for sock in (pair.rtp, pair.rtcp):
            if self._handlers.pop(sock.fileno(), None) is not None:
                self._epoll.unregister(sock.fileno())
            sock.close()

"""RTP ports: two UDP sockets for each leg, on an even port for RTP and the odd one after it for RTCP (RFC 3550, 11)."""

import contextlib
import errno
import logging
import secrets
import socket
from collections.abc import Callable
from typing import Final

from core.errors import Unavailable
from telephony.media.leg import MediaLeg
from telephony.media.native import Pump
from telephony.media.port import SrtpKeys
from telephony.media.srtp import SrtpContext
from telephony.rtp.latch import Source

_log = logging.getLogger("line400.media")
_LARGEST: Final = 2048
_BUFFER_BYTES: Final = 1 << 18


class LegSocket:
    """The sockets of one leg.

    ``rtp`` takes packets from anywhere. Once the far end's place is known, a second socket on the same port is
    connected to it: the kernel then hands that place's packets to the connected socket and everybody else's to ``rtp``,
    and sending needs no address. That saves a quarter of the kernel's work, and strangers are still seen and counted.

    With SRTP (``secure``) the leg still gives and takes plain packets; what is refused counts as the leg's.
    """

    def __init__(self, rtp: socket.socket, rtcp: socket.socket, pump: Pump) -> None:
        self.port: int = rtp.getsockname()[1]
        self._rtp = rtp
        self._rtcp = rtcp
        self._pump = pump
        self._connected: socket.socket | None = None
        self._locked: Source | None = None
        self._leg: MediaLeg | None = None
        self._srtp: SrtpContext | None = None

    @property
    def descriptor(self) -> int:
        """Of the connected socket; -1 if there is none, or packets must be protected first."""
        return -1 if self._connected is None or self._srtp is not None else self._connected.fileno()

    def watch(self, leg: MediaLeg) -> None:
        """Hand what comes to ``leg`` from now on."""
        self._leg = leg
        self._pump.watch(self._rtp.fileno(), _any_reader(self._rtp, leg, self._srtp))
        self._pump.watch(self._rtcp.fileno(), _control_reader(self._rtcp, leg, self._srtp))

    def secure(self, keys: SrtpKeys | None) -> None:
        """SRTP with ``keys`` from now on (None: plain RTP); ``ParseError`` for keys that are none.

        The ways to send that were given before are void after a change between the two.
        """
        if self._srtp is not None and keys is not None:
            self._srtp.rekey(keys)
            return
        if self._srtp is None and keys is None:
            return
        self._srtp = None if keys is None else SrtpContext(keys)
        self.unlock()
        if self._leg is not None:
            self._pump.forget(self._rtp.fileno())
            self._pump.watch(self._rtp.fileno(), _any_reader(self._rtp, self._leg, self._srtp))
            self._pump.forget(self._rtcp.fileno())
            self._pump.watch(self._rtcp.fileno(), _control_reader(self._rtcp, self._leg, self._srtp))

    def towards(self, destination: Source) -> Callable[[bytes], int]:
        """How to send to ``destination`` while the far end's place is not known."""
        send = self._rtp.sendto
        return self._protecting(lambda data: send(data, destination))

    def _protecting(self, send: Callable[[bytes], int]) -> Callable[[bytes], int]:
        return send if self._srtp is None else _protecting(send, self._srtp)

    def lock(self, source: Source) -> Callable[[bytes], int]:
        """Hand packets of ``source`` to ``MediaLeg.hear``; how to send to it."""
        if self._connected is not None and self._locked == source:
            return self._protecting(self._connected.send)
        self.unlock()
        sock = socket.socket(self._rtp.family, socket.SOCK_DGRAM)
        try:
            sock.setblocking(False)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
            for shared in (self._rtp, sock):  # for this one bind only: the port is ours
                shared.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind(self._rtp.getsockname())
            sock.connect(source)
            for shared in (self._rtp, sock):
                shared.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
        except OSError:
            sock.close()
            return self.towards(source)  # no descriptor left, or no route yet: the long way works as well
        if self._leg is not None:
            if self._srtp is None:
                self._pump.carry(sock.fileno(), self._leg)
            else:
                self._pump.watch(sock.fileno(), _srtp_reader(sock, self._leg, self._srtp))
        self._connected, self._locked = sock, source
        return self._protecting(sock.send)

    def unlock(self) -> None:
        """Hand all packets to ``MediaLeg.receive``."""
        if self._connected is not None:
            self._drop(self._connected)
            self._connected = self._locked = None

    def control(self, data: bytes, destination: Source, *, muxed: bool) -> None:
        """Send a datagram of RTCP."""
        if self._srtp is not None:
            protected = self._srtp.protect_rtcp(data)
            if protected is None:
                return
            data = protected
        with contextlib.suppress(OSError):  # the network is gone: RTP has its own way to notice
            (self._rtp if muxed else self._rtcp).sendto(data, destination)

    def close(self) -> None:
        """Free both ports."""
        if self._srtp is not None and self._srtp.refused and self._leg is not None:
            counts = (self._srtp.forged, self._srtp.replayed, self._srtp.malformed)
            _log.warning("leg %s: SRTP packets refused: %d forged, %d replayed, %d malformed", self._leg.name, *counts)
        self.unlock()
        self._leg = None
        self._drop(self._rtp)
        self._drop(self._rtcp)

    def _drop(self, sock: socket.socket) -> None:
        self._pump.forget(sock.fileno())
        sock.close()


def _any_reader(sock: socket.socket, leg: MediaLeg, srtp: SrtpContext | None) -> Callable[[], None]:
    def read() -> None:
        try:
            data, source = sock.recvfrom(_LARGEST)
        except OSError:
            return
        if srtp is not None:
            plain = srtp.unprotect_any(data)
            if plain is None:
                leg.refused += 1
                return
            data = plain
        leg.receive(data, source[:2])  # of an IPv6 address without flow and scope

    return read


def _srtp_reader(sock: socket.socket, leg: MediaLeg, srtp: SrtpContext) -> Callable[[], None]:
    receive, unprotect, hear = sock.recv, srtp.unprotect_any, leg.hear

    def read() -> None:
        try:
            data = receive(_LARGEST)
        except OSError:
            return
        plain = unprotect(data)
        if plain is None:
            leg.refused += 1
        else:
            hear(plain)

    return read


def _protecting(send: Callable[[bytes], int], srtp: SrtpContext) -> Callable[[bytes], int]:
    protect = srtp.protect

    def send_protected(data: bytes) -> int:
        protected = protect(data)
        if protected is None:
            raise OSError(errno.EINVAL, "SRTP refuses the packet")
        return send(protected)

    return send_protected


def _control_reader(sock: socket.socket, leg: MediaLeg, srtp: SrtpContext | None) -> Callable[[], None]:
    def read() -> None:
        try:
            data, source = sock.recvfrom(_LARGEST)
        except OSError:
            return
        if srtp is not None:
            plain = srtp.unprotect_rtcp(data)
            if plain is None:
                leg.refused += 1
                return
            data = plain
        leg.control(data, source[:2])

    return read


class SocketPool:
    """Opens pairs of ports on ``host`` between ``low`` and ``high``; ``pump`` is the loop's."""

    def __init__(self, host: str, low: int, high: int, pump: Pump) -> None:
        self._host = host
        self._low = low + low % 2
        self._pairs = (high - self._low + 1) // 2
        # Not always the first: after a crash, phones still send to the ports of the calls that it cut.
        self._next = secrets.randbelow(self._pairs)
        self._pump = pump
        self._family = socket.AF_INET6 if ":" in host else socket.AF_INET

    def open(self) -> LegSocket:
        """The next free pair; ``Unavailable`` when all ports of the range are taken, or none can be had at all."""
        for _ in range(self._pairs):
            port = self._low + 2 * self._next
            self._next = (self._next + 1) % self._pairs  # a port rests for as long as the range allows
            pair = self._bind(port)
            if pair is not None:
                return LegSocket(*pair, self._pump)
        raise Unavailable(
            f"all RTP ports {self._low}-{self._low + 2 * self._pairs - 1} are taken: widen the port range"
        )

    def _bind(self, port: int) -> tuple[socket.socket, socket.socket] | None:
        opened: list[socket.socket] = []
        try:
            for number in (port, port + 1):
                sock = socket.socket(self._family, socket.SOCK_DGRAM)
                opened.append(sock)
                sock.setblocking(False)
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
                sock.bind((self._host, number))
        except OSError as error:
            for sock in opened:
                sock.close()
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):  # no descriptor left, no such address
                raise Unavailable(f"no RTP port can be opened on {self._host}: {error.strerror}") from None
            return None
        return opened[0], opened[1]

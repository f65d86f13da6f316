"""A simulated party whose packets are timed by the kernel as they come, so that its own delays do not count."""

import asyncio
import itertools
import socket
import struct
from typing import Final

from core.errors import ParseError
from service.demo.voice import Voice
from telephony.media.port import Address
from telephony.rtp.packet import parse_rtp
from telephony.rtp.rtcp import is_rtcp

_SO_TIMESTAMPNS: Final = 35
_TIME: Final = struct.Struct("qq")


class _Sender(asyncio.DatagramTransport):
    """What ``Voice`` needs of a transport, over a plain socket."""

    def __init__(self, sock: socket.socket) -> None:
        super().__init__()
        self._socket = sock

    def sendto(self, data: object, addr: object = None) -> None:
        assert isinstance(data, bytes)
        assert isinstance(addr, tuple)
        self._socket.sendto(data, addr)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()


class TimedVoice(Voice):
    """``arrived`` holds the kernel's time of each RTP packet, in seconds, and its RTP sequence number."""

    def __init__(self) -> None:
        super().__init__()
        self.arrived: list[tuple[float, int]] = []

    async def open(self, host: str = "127.0.0.1") -> Address:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        sock.bind((host, 0))
        self._transport = _Sender(sock)
        asyncio.get_running_loop().add_reader(sock, self._readable, sock)
        return Address(host, sock.getsockname()[1])

    def _readable(self, sock: socket.socket) -> None:
        while True:
            try:
                data, more, _, address = sock.recvmsg(2048, 64)
            except BlockingIOError:
                return
            for level, kind, content in more:
                if (level, kind) == (socket.SOL_SOCKET, _SO_TIMESTAMPNS):
                    seconds, nanoseconds = _TIME.unpack(content[: _TIME.size])
                    self._note(seconds + nanoseconds / 1e9, data)
            self.datagram_received(data, address)

    def _note(self, at: float, data: bytes) -> None:
        if is_rtcp(data):
            return  # of another peer, whose port is one below ours
        try:
            packet = parse_rtp(data)
        except ParseError:
            return
        self.arrived.append((at, packet.sequence))

    def gaps_ms(self, since: int = 0) -> list[float]:
        """Milliseconds between packets that came one after the other, from number ``since`` on, in order of size."""
        times = [at for at, _ in self.arrived[since:]]
        return sorted(1000 * (later - earlier) for earlier, later in itertools.pairwise(times))

    def lost(self, since: int = 0) -> int:
        """Sequence numbers that never came."""
        numbers = [number for _, number in self.arrived[since:]]
        return sum(((later - earlier) & 0xFFFF) - 1 for earlier, later in itertools.pairwise(numbers))

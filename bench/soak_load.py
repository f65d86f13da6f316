"""The far ends of ``bench.soak``, in a process of their own, told by lines of JSON what to do.

``{"add": [[[own host, port], [host, port to send to]], …]}`` makes far ends that send a packet of A-law every 20 ms,
spread over the time; ``{"drop": [[own host, port], …]}`` ends them; ``{"tell": true}`` asks for a line with the counts
since the last, of those that have ended. ``gaps`` are sequence numbers that never came between two that did; those of
the last 200 ms of a far end are not looked at, because its partner is being closed too. ``late_ticks`` were sent more
than 20 ms late: our fault.
"""

import contextlib
import fcntl
import heapq
import json
import os
import select
import socket
import sys
import time
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from telephony.rtp.packet import HEADER, HEADER_SIZE

_PERIOD_S: Final = 0.02
_LEFT_OUT: Final = 10
Place: TypeAlias = tuple[str, int]
_PAYLOAD: Final = bytes((0xD5 ^ index) & 0xFF for index in range(160))


@dataclass(slots=True)
class FarEnd:
    """One leg's far end."""

    own: Place
    to: Place
    sock: socket.socket = field(init=False)
    sequence: int = 0
    received: int = 0
    newest: int = -1
    missing: list[int] = field(default_factory=list)
    """Numbers of packets (counted as received) at which a gap ended, once for each that is missing."""

    def __post_init__(self) -> None:
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 18)
        self.sock.setblocking(False)
        self.sock.bind(self.own)
        self.sock.connect(self.to)

    def send(self) -> None:
        """One packet of 20 ms."""
        header = HEADER.pack(0x80, 8, self.sequence & 0xFFFF, self.sequence * 160 & 0xFFFFFFFF, self.own[1])
        self.sequence += 1
        with contextlib.suppress(OSError):  # nobody listens yet, or any longer
            self.sock.send(header + _PAYLOAD)

    def take(self) -> None:
        """Read all that has come."""
        with contextlib.suppress(OSError):
            while True:
                data = self.sock.recv(2048)
                if len(data) > HEADER_SIZE and not 192 <= data[1] <= 223:  # those are RTCP
                    self._count(int.from_bytes(data[2:4]))

    def _count(self, sequence: int) -> None:
        self.received += 1
        step = (sequence - self.newest) & 0xFFFF if self.newest >= 0 else 1
        if step >= 0x8000:  # late: it fills a gap
            if self.missing:
                self.missing.pop()
            return
        self.missing += [self.received] * (step - 1)
        self.newest = sequence


class Load:
    """All far ends."""

    def __init__(self) -> None:
        self._ends: dict[Place, FarEnd] = {}
        self._by_descriptor: dict[int, FarEnd] = {}
        self._due: list[tuple[float, Place]] = []
        self._epoll = select.epoll()
        self._counts = {"received": 0, "gaps": 0, "late_ticks": 0}
        self._text = b""

    def run(self) -> None:
        """Until the orders end."""
        orders = sys.stdin.fileno()
        fcntl.fcntl(orders, fcntl.F_SETFL, fcntl.fcntl(orders, fcntl.F_GETFL) | os.O_NONBLOCK)
        self._epoll.register(orders, select.EPOLLIN)
        while True:
            now = time.monotonic()
            while self._due and self._due[0][0] <= now:
                self._send(now)
            wait_s = max(0.0, self._due[0][0] - time.monotonic()) if self._due else 1.0
            for descriptor, _ in self._epoll.poll(wait_s, 1024):
                if descriptor == orders:
                    if not self._obey(os.read(orders, 1 << 16)):
                        return
                elif (end := self._by_descriptor.get(descriptor)) is not None:
                    end.take()

    def _send(self, now: float) -> None:
        at, own = heapq.heappop(self._due)
        end = self._ends.get(own)
        if end is None:
            return
        self._counts["late_ticks"] += now - at > _PERIOD_S
        end.send()
        begin = at if now - at < _PERIOD_S * 5 else now  # after a stall of ours no burst
        heapq.heappush(self._due, (begin + _PERIOD_S, own))

    def _obey(self, data: bytes) -> bool:
        self._text += data
        *lines, self._text = self._text.split(b"\n")
        for line in lines:
            order = json.loads(line)
            for own, to in order.get("add", ()):
                self._add(FarEnd((own[0], own[1]), (to[0], to[1])))
            for host, port in order.get("drop", ()):
                self._drop((host, port))
            if "tell" in order:
                print(json.dumps(self._counts | {"ends": len(self._ends)}), flush=True)
                self._counts = dict.fromkeys(self._counts, 0)
        return bool(data)

    def _add(self, end: FarEnd) -> None:
        self._ends[end.own] = end
        self._by_descriptor[end.sock.fileno()] = end
        self._epoll.register(end.sock.fileno(), select.EPOLLIN)
        heapq.heappush(self._due, (time.monotonic() + end.own[1] // 2 % 20 / 1000, end.own))

    def _drop(self, own: Place) -> None:
        end = self._ends.pop(own, None)
        if end is None:
            return
        del self._by_descriptor[end.sock.fileno()]
        self._epoll.unregister(end.sock.fileno())
        end.sock.close()
        self._counts["received"] += end.received
        self._counts["gaps"] += sum(at <= end.received - _LEFT_OUT for at in end.missing)


if __name__ == "__main__":
    with contextlib.suppress(PermissionError):
        os.nice(-10)  # our own lateness would be taken for the worker's
    Load().run()

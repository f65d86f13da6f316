"""The far ends of ``bench.media``, in a process of their own: reads a line of JSON, sends, listens, prints the result.

Legs send on an absolute 20 ms schedule, spread evenly over it in slots of 1 ms. The payload carries the time of
sending, so a partner knows the delay; receive times are the kernel's (SO_TIMESTAMPNS), free of our own scheduling.
"""

import contextlib
import json
import os
import select
import socket
import struct
import sys
import time
from dataclasses import dataclass, field
from typing import Final

import numpy as np

_TIMESTAMPNS: Final = 35
_SLOTS: Final = 20
_SLOT_S: Final = 0.001
_STAMP: Final = struct.Struct("!Q")
_TIMESPEC: Final = struct.Struct("qq")
_HEADER: Final = struct.Struct("!BBHII")


@dataclass(slots=True)
class FarEnd:
    """One leg's far end."""

    sock: socket.socket
    to: tuple[str, int]
    ssrc: int
    sequence: int = 0
    last_ns: int = 0
    last_sequence: int = -1
    gaps_ns: list[int] = field(default_factory=list)
    delays_ns: list[int] = field(default_factory=list)
    lost: int = 0

    def send(self, filler: bytes) -> None:
        """One packet of 20 ms."""
        header = _HEADER.pack(0x80, 8, self.sequence & 0xFFFF, self.sequence * 160 & 0xFFFFFFFF, self.ssrc)
        self.sock.sendto(header + _STAMP.pack(time.time_ns()) + filler, self.to)
        self.sequence += 1

    def take(self, *, measure: bool, bridged: bool) -> None:
        """Read what has come."""
        try:
            data, ancillary, _, _ = self.sock.recvmsg(2048, 64)
        except BlockingIOError:
            return
        if len(data) < _HEADER.size + _STAMP.size:
            return  # not of this bench: somebody still sends to an earlier user of this port
        seconds, nanoseconds = _TIMESPEC.unpack_from(ancillary[0][2])
        at_ns = seconds * 1_000_000_000 + nanoseconds
        sequence = int.from_bytes(data[2:4])
        if measure and self.last_ns:
            self.gaps_ns.append(at_ns - self.last_ns)
            self.lost += ((sequence - self.last_sequence) & 0xFFFF) - 1
            if bridged:
                self.delays_ns.append(at_ns - _STAMP.unpack_from(data, 12)[0])
        self.last_ns, self.last_sequence = at_ns, sequence


def _open(own: int, to: int) -> FarEnd:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setblocking(False)
    sock.setsockopt(socket.SOL_SOCKET, _TIMESTAMPNS, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 18)
    sock.bind(("127.0.0.1", own))
    return FarEnd(sock, ("127.0.0.1", to), own)


def main() -> None:
    """Entry point."""
    with contextlib.suppress(PermissionError):
        os.nice(-10)  # our own lateness would be taken for the worker's
    order = json.loads(sys.stdin.readline())
    far_ends = [_open(own, to) for own, to in order["far_ends"]]
    slots: list[list[FarEnd]] = [[] for _ in range(_SLOTS)]
    for index, far_end in enumerate(far_ends):
        slots[index % _SLOTS].append(far_end)
    epoll = select.epoll()
    by_descriptor = {far_end.sock.fileno(): far_end for far_end in far_ends}
    for descriptor in by_descriptor:
        epoll.register(descriptor, select.EPOLLIN)
    filler = bytes(np.random.default_rng(1).integers(0, 256, 152, dtype=np.uint8))
    begin = time.monotonic()
    measure_from = begin + order["settle_s"]
    measure_to = measure_from + order["seconds"]
    told, slot = False, 0
    while (now := time.monotonic()) < measure_to:
        if not told and now >= measure_from:
            told = True
            print("settled", flush=True)
        while begin + slot * _SLOT_S <= now:
            for far_end in slots[slot % _SLOTS]:
                far_end.send(filler)
            slot += 1
        for descriptor, _ in epoll.poll(_SLOT_S, 1024):
            by_descriptor[descriptor].take(measure=told, bridged=order["bridged"])
    print("measured", flush=True)
    print(json.dumps(_summary(far_ends)), flush=True)


def _summary(far_ends: list[FarEnd]) -> dict[str, float]:
    gaps = np.array([gap for far_end in far_ends for gap in far_end.gaps_ns] or [0]) / 1e6
    delays = np.array([delay for far_end in far_ends for delay in far_end.delays_ns] or [0]) / 1e6
    summary = {f"gap_p{name}_ms": float(np.percentile(gaps, q)) for name, q in (("50", 50), ("99", 99), ("999", 99.9))}
    summary["gap_max_ms"] = float(gaps.max())
    summary |= {f"delay_p{q}_ms": float(np.percentile(delays, q)) for q in (50, 99)}
    return {name: round(value, 3) for name, value in summary.items()} | {"lost": sum(leg.lost for leg in far_ends)}


if __name__ == "__main__":
    main()

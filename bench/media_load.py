"""The far ends of ``bench.media``, in a process of their own: reads a line of JSON, sends, listens, prints the result.

``far_ends`` is a list of [[own host, port], [host, port to send to]], the two legs of a call side by side.

Legs send on an absolute 20 ms schedule, spread evenly over it in slots. What came is read once per slot, so nobody
waits for a packet here; receive times are the kernel's (SO_TIMESTAMPNS), free of our own scheduling. How steadily we
sent is told too: nobody can relay more steadily than that.
"""

import contextlib
import gc
import json
import os
import select
import socket
import struct
import sys
import time
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bench.media_payload import PACKETS, first_packet, sound
from core.audio import FRAME_SAMPLES

_TIMESTAMPNS: Final = 35
_PTIME_S: Final = 0.02
_HEADER: Final = struct.Struct("!BBHII")
_BEGINNINGS: Final = 50
"""Far ends begin one after the other, within a second: calls do not all begin at once."""
_MARK: Final = 8
"""So many bytes of a payload tell which packet it was."""
_READ: Final = _HEADER.size + _MARK
Received: TypeAlias = tuple[bytes, list[tuple[int, int, bytes]], int, object]
Times: TypeAlias = NDArray[np.int64]


@dataclass(slots=True)
class FarEnd:
    """One leg's far end: ``sent_ns`` and ``heard`` are all that it sent and got."""

    sock: socket.socket
    number: int
    sent_ns: list[int] = field(default_factory=list)
    heard: list[Received] = field(default_factory=list)

    def send(self, packets: list[bytes]) -> None:
        """One packet of 20 ms."""
        number = len(self.sent_ns)
        header = _HEADER.pack(0x80, 8, number & 0xFFFF, number * FRAME_SAMPLES & 0xFFFFFFFF, self.number + 1)
        self.sent_ns.append(time.time_ns())
        with contextlib.suppress(OSError):
            self.sock.send(header + packets[(first_packet(self.number) + number) % PACKETS])

    def take(self) -> None:
        """Read what has come."""
        with contextlib.suppress(OSError):
            self.heard.append(self.sock.recvmsg(_READ, 64))


def _open(number: int, own: tuple[str, int], to: tuple[str, int]) -> FarEnd:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setblocking(False)
    sock.setsockopt(socket.SOL_SOCKET, _TIMESTAMPNS, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 18)
    sock.bind(own)
    sock.connect(to)
    return FarEnd(sock, number)


def _open_control(host: str, port: int) -> socket.socket:
    """Where reports (RTCP) arrive. Nobody reads them."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 12)
    sock.bind((host, port))
    return sock


def main() -> None:
    """Entry point."""
    with contextlib.suppress(PermissionError):
        os.nice(-10)  # our own lateness would be taken for the worker's
    order = json.loads(sys.stdin.readline())
    slots: int = order["slots"]
    far_ends = [_open(number, tuple(own), tuple(to)) for number, (own, to) in enumerate(order["far_ends"])]
    whole = sound()
    packets = [whole[at : at + FRAME_SAMPLES] for at in range(0, len(whole), FRAME_SAMPLES)]
    control = [_open_control(host, port + 1) for (host, port), _ in order["far_ends"]]
    gc.disable()
    slot_s = _PTIME_S / slots
    begin = time.monotonic()
    measure_from = begin + order["settle_s"]
    measure_to = measure_from + order["seconds"]
    from_ns = time.time_ns() + int(1e9 * order["settle_s"])
    epoll = select.epoll()
    readers = {far_end.sock.fileno(): far_end.take for far_end in far_ends}
    for descriptor in readers:
        epoll.register(descriptor, select.EPOLLIN)
    told, slot = False, 0
    while (now := time.monotonic()) < measure_to:
        if not told and now >= measure_from:
            told = True
            print("settled", flush=True)
        while begin + slot * slot_s <= now:
            for far_end in far_ends[slot % slots :: slots]:
                if far_end.number % _BEGINNINGS <= slot // slots:
                    far_end.send(packets)
            slot += 1
        for descriptor, _ in epoll.poll(0, 4096):
            readers[descriptor]()
        time.sleep(max(0.0, begin + slot * slot_s - time.monotonic()))
    print("measured", flush=True)
    time.sleep(0.05)
    while ready := epoll.poll(0, 4096):
        for descriptor, _ in ready:
            readers[descriptor]()
    print(json.dumps(_summary(far_ends, whole, from_ns, bridged=order["bridged"])), flush=True)
    for sock in control:
        sock.close()


def _arrivals(far_end: FarEnd) -> tuple[Times, Times, list[bytes]]:
    """Kernel times, sequence numbers and marks of the packets that came."""
    mine = [message for message in far_end.heard if len(message[0]) == _READ and message[2] & socket.MSG_TRUNC]
    stamps = np.frombuffer(b"".join([message[1][0][2] for message in mine]), dtype="<i8").reshape(-1, 2)
    heads = np.frombuffer(b"".join([message[0] for message in mine]), dtype=np.uint8).reshape(-1, _READ)
    sequences = heads[:, 2].astype(np.int64) << 8 | heads[:, 3]
    return stamps[:, 0] * 1_000_000_000 + stamps[:, 1], sequences, [message[0][_HEADER.size :] for message in mine]


def _summary(far_ends: list[FarEnd], whole: bytes, from_ns: int, *, bridged: bool) -> dict[str, object]:
    places = {whole[at : at + _MARK]: at // FRAME_SAMPLES for at in range(0, len(whole), FRAME_SAMPLES)}
    gaps: list[Times] = []
    delays: list[Times] = []
    lost = 0
    for far_end in far_ends:
        at_ns, sequences, marks = _arrivals(far_end)
        measured = at_ns >= from_ns
        if bridged:
            partner = far_ends[far_end.number ^ 1]
            which = np.array([places.get(mark, -1) for mark in marks]) - first_packet(partner.number)
            delays.append(_delays(at_ns, which % PACKETS, np.array(partner.sent_ns))[measured])
        at_ns, sequences = at_ns[measured], sequences[measured]
        gaps.append(np.diff(at_ns))
        lost += int((((np.diff(sequences) + 0x8000) & 0xFFFF) - 0x8000 - 1).sum())
    own = np.concatenate([np.diff([at for at in far_end.sent_ns if at >= from_ns]) for far_end in far_ends])
    summary: dict[str, object] = {}
    for name, values in (("gap", np.concatenate(gaps)), ("load_gap", own)):
        quantiles = zip(("p50", "p99", "p999"), np.percentile(values, (50, 99, 99.9)), strict=True)
        summary |= {f"{name}_{quantile}_ms": round(float(value) / 1e6, 3) for quantile, value in quantiles}
        summary[f"{name}_max_ms"] = round(float(values.max()) / 1e6, 3)
    late = np.concatenate(delays) if delays else np.zeros(1)
    summary |= {f"delay_p{q}_ms": round(float(np.percentile(late, q)) / 1e6, 3) for q in (50, 99)}
    return summary | {"lost": lost, "sent": [len(far_end.sent_ns) for far_end in far_ends]}


def _delays(at_ns: Times, which: Times, sent_ns: Times) -> Times:
    """From sending to arrival; of the packets that sound alike, the newest before the arrival is meant."""
    newest = np.searchsorted(sent_ns, at_ns) - 1
    packet = newest - (newest - which) % PACKETS
    return np.asarray(at_ns - sent_ns[packet], dtype=np.int64)


if __name__ == "__main__":
    main()

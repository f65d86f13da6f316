"""The recogniser's end of the taps of ``bench.media``: takes what comes and says at the end whether it was whole.

Prints the port it listens on; when its standard input closes, a line of JSON: datagrams, streams, datagrams missing in
their sequence, how often a stream skipped (its worker stood still for over a second), and datagrams that begin
anywhere else than where they should.
"""

import contextlib
import json
import select
import socket
import sys
from typing import Final

from core.audio import RATE_HZ
from core.tap import unpack_tap

_FORCED_BUFFER: Final = 33
"""SO_RCVBUFFORCE."""
_BUFFER_BYTES: Final = 8 << 20
_NAP_S: Final = 0.005


def main() -> None:
    """Entry point."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, _FORCED_BUFFER, _BUFFER_BYTES)
    except PermissionError:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
    sock.bind(("127.0.0.1", 0))
    sock.setblocking(False)
    print(sock.getsockname()[1], flush=True)
    datagrams: list[bytes] = []
    while not select.select([sys.stdin], [], [], _NAP_S)[0]:  # nobody waits: what came is read every 5 ms
        with contextlib.suppress(BlockingIOError):
            while True:
                datagrams.append(sock.recv(4096))
    print(json.dumps(_summary(datagrams)), flush=True)


def _summary(datagrams: list[bytes]) -> dict[str, int]:
    following: dict[int, tuple[int, int]] = {}  # by stream: the next sequence number and position
    missing = misplaced = skips = 0
    for datagram in datagrams:
        frame = unpack_tap(datagram)
        sequence, position = following.get(frame.stream, (0, 0))
        missing += frame.sequence - sequence
        if frame.sequence == sequence:
            skipped = frame.position - position
            skips += skipped >= RATE_HZ
            misplaced += skipped < 0 or 0 < skipped < RATE_HZ
        following[frame.stream] = (frame.sequence + 1, frame.position + len(frame.samples))
    return {
        "datagrams": len(datagrams),
        "streams": len(following),
        "missing": missing,
        "misplaced": misplaced,
        "skips": skips,
        "samples": sum(position for _, position in following.values()),
    }


if __name__ == "__main__":
    main()

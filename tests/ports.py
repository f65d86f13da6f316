"""Free loopback ports that nobody else takes between the moment they are chosen and the moment they are used.

The system's own choice (port 0) comes from a range out of which every other socket of the machine is served too: with
several tests side by side, once in some thousand choices another has the port before its process binds it.
"""

import errno
import itertools
import os
import random
import socket

_FIRST, _WORKERS, _EACH = 10_000, 4, 2_400
"""Below the RTP ports of the product (20000 and up) and what the system gives away (32768 and up)."""


def _ports_of_this_process() -> "itertools.cycle[int]":
    """A part of the range for each worker of pytest-xdist (``gw0`` …), begun anywhere, for two runs at a time."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _WORKERS
    begin = random.SystemRandom().randrange(_EACH)
    return itertools.cycle(_FIRST + worker * _EACH + (begin + step) % _EACH for step in range(_EACH))


_ports = _ports_of_this_process()


def free_port(host: str = "127.0.0.1") -> int:
    """A port on ``host`` (a literal address) that nobody uses, neither by UDP nor by TCP: SIP listens on both.

    Raises OSError where the machine does not have that address.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    while True:
        port = next(_ports)
        with socket.socket(family, socket.SOCK_DGRAM) as by_udp, socket.socket(family, socket.SOCK_STREAM) as by_tcp:
            try:
                by_udp.bind((host, port))
                by_tcp.bind((host, port))
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
            else:
                return port

"""A media worker process: ``python -m telephony.media.worker --control-fd N --host H --ports LOW-HIGH --silent-s S``.

Control starts it with one end of a socket pair and speaks ``wire`` over it. When that connection closes the worker
closes its recordings properly and exits. SIGINT and SIGTERM are left to control: a terminal and a service manager send
them to the whole group, and calls must end in control's order.
"""

import argparse
import contextlib
import gc
import logging
import os
import resource
import signal
import socket
import sys
import threading
import traceback
from typing import Final

from telephony.media.loop import WorkerLoop

_EX_SOFTWARE: Final = 70
_PRIORITY: Final = 10
"""Needs root, CAP_SYS_NICE or a unit with LimitNICE=-10; without it the worker runs like any other process."""


def main() -> None:
    """Run until control goes away."""
    arguments = _arguments()
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(message)s")
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_IGN)
    threading.excepthook = _die
    _claim_resources()
    sys.setswitchinterval(0.0005)  # a thread that computes gives way to the loop after 0.5 ms, not 5
    control = socket.socket(fileno=arguments.control_fd)
    low, _, high = arguments.ports.partition("-")
    loop = WorkerLoop(control, host=arguments.host, ports=(int(low), int(high)), rtp_silent_s=float(arguments.silent_s))
    gc.collect()
    gc.freeze()  # what was imported lives for ever: never look at it again
    gc.disable()
    loop.run()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="telephony.media.worker", description=__doc__)
    parser.add_argument("--control-fd", type=int, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--ports", default="20000-29999")
    parser.add_argument("--silent-s", default="10")
    return parser.parse_args()


def _claim_resources() -> None:
    """Sockets for many legs (three each), and to run before work that can wait, as far as the system allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with contextlib.suppress(PermissionError):
        os.nice(-_PRIORITY)


def _die(hook: threading.ExceptHookArgs, /) -> None:
    """A thread of ours died of a fault in the program: end the process, so that control starts another."""
    traceback.print_exception(hook.exc_type, hook.exc_value, hook.exc_traceback)
    sys.stderr.flush()
    os._exit(_EX_SOFTWARE)


if __name__ == "__main__":
    main()

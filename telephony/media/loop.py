"""The loop of a worker: one thread, one ``epoll`` over all sockets, the 20 ms ticker and the control connection.

No asyncio here: a callback per packet through an event loop costs more than the relay itself.
"""

import gc
import os
import select
import socket
import time
from collections.abc import Callable
from typing import Final

from core.audio import RATE_HZ
from telephony.media.control import ControlConnection
from telephony.media.engine import Engine
from telephony.media.port import MediaEvent
from telephony.media.sockets import Handlers, SocketPool
from telephony.media.ticker import Ticker

_MOST_EVENTS: Final = 512
_COLLECT_TICKS: Final = 3000
"""Cyclic garbage is looked for once a minute; after ``gc.freeze`` that is less than a millisecond."""


class WorkerLoop:
    """Runs one engine for the control process at the other end of ``control``."""

    def __init__(self, control: socket.socket, *, host: str, ports: tuple[int, int], rtp_silent_s: float) -> None:
        self._epoll = select.epoll()
        self._handlers: Handlers = {}
        self._wake_fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._engine = Engine(
            host=host,
            ports=SocketPool(host, ports[0], ports[1], epoll=self._epoll, handlers=self._handlers),
            emit=self._emit,
            entropy=os.urandom,
            wake=self._wake,
            rtp_silent_s=rtp_silent_s,
        )
        self._begin_ns = time.monotonic_ns()
        self._ticker = Ticker(self._begin_ns)
        self._ticks = 0
        self._control = ControlConnection(control, self._engine.do)
        self._watch(self._ticker.descriptor, self._tick)
        self._watch(self._wake_fd, self._collect)
        self._watch(self._control.fileno(), self._control.readable)

    def run(self) -> None:
        """Run until control goes away; then finish the recordings."""
        poll, handlers, clock = self._epoll.poll, self._handlers, self._engine.clock
        begin_ns, now_ns, control = self._begin_ns, time.monotonic_ns, self._control
        writing = False
        while not control.closed:
            ready = poll(-1, _MOST_EVENTS)
            clock.samples = (now_ns() - begin_ns) * RATE_HZ // 1_000_000_000
            for descriptor, _ in ready:
                handler = handlers.get(descriptor)
                if handler is not None:
                    handler()
            if control.wants_to_write or writing:
                writing = self._push_control()
        self._finish()

    def _push_control(self) -> bool:
        """Send what waits for control; whether ``epoll`` has to say when it can take more."""
        self._control.flush()
        writing = self._control.wants_to_write
        if not self._control.closed:
            self._epoll.modify(self._control.fileno(), select.EPOLLIN | (select.EPOLLOUT if writing else 0))
        return writing

    def _finish(self) -> None:
        self._engine.shut_down()
        self._control.close()
        self._ticker.close()
        os.close(self._wake_fd)
        self._epoll.close()

    def _watch(self, descriptor: int, handler: Callable[[], None]) -> None:
        self._handlers[descriptor] = handler
        self._epoll.register(descriptor, select.EPOLLIN)

    def _emit(self, event: MediaEvent) -> None:
        self._control.emit(event)

    def _wake(self) -> None:
        os.eventfd_write(self._wake_fd, 1)

    def _collect(self) -> None:
        os.eventfd_read(self._wake_fd)
        self._engine.collect()

    def _tick(self) -> None:
        passed = self._ticker.passed()
        if passed:
            self._engine.tick(passed)
            self._ticks += passed
            if self._ticks >= _COLLECT_TICKS:
                self._ticks = 0
                gc.collect()

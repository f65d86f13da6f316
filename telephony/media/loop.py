"""The loop of a worker: one thread, one pump over all sockets, the 20 ms ticker and the control connection.

No asyncio here: a callback per packet through an event loop costs more than the relay itself.
"""

import gc
import os
import socket
import time
from typing import Final

from core.audio import RATE_HZ
from core.heap import give_back_holes
from telephony.media.control import ControlConnection
from telephony.media.engine import Engine
from telephony.media.native import Pump
from telephony.media.port import MediaEvent
from telephony.media.sockets import SocketPool
from telephony.media.ticker import Ticker
from telephony.media.track import Clock

_BETWEEN: Final = RATE_HZ // 200
"""What is spread over moments 5 ms apart (recordings, taps) need not wait for the tick."""
_TIDY_TICKS: Final = 3000
"""Cyclic garbage and holes of the heap are looked for once a minute; either takes less than a millisecond, the garbage
because what was imported is left out (``gc.freeze``).
"""


class WorkerLoop:
    """Runs one engine for the control process at the other end of ``control``."""

    def __init__(self, control: socket.socket, *, host: str, ports: tuple[int, int], rtp_silent_s: float) -> None:
        begin_ns = time.monotonic_ns()
        clock = Clock()
        self._pump = Pump(clock, begin_ns)
        self._wake_fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._engine = Engine(
            clock=clock,
            host=host,
            ports=SocketPool(host, ports[0], ports[1], self._pump),
            emit=self._emit,
            entropy=os.urandom,
            wake=self._wake,
            rtp_silent_s=rtp_silent_s,
            began_at=time.time() - (time.monotonic_ns() - begin_ns) / 1e9,
        )
        self._ticker = Ticker(begin_ns)
        self._ticks = 0
        self._control = ControlConnection(control, self._engine.do)
        self._pump.watch(self._ticker.descriptor, self._tick)
        self._pump.watch(self._wake_fd, self._collect)
        self._pump.watch(self._control.fileno(), self._control.readable)

    def run(self) -> None:
        """Run until control goes away; then finish the recordings."""
        turn, control, engine = self._pump.turn, self._control, self._engine
        clock, due = engine.clock, 0
        writing = False
        while not control.closed:
            turn()
            if clock.samples >= due:
                due = clock.samples // _BETWEEN * _BETWEEN + _BETWEEN
                engine.between_ticks()
            if control.wants_to_write or writing:
                writing = self._push_control()
        self._finish()

    def _push_control(self) -> bool:
        """Send what waits for control; whether the pump has to say when it can take more."""
        self._control.flush()
        writing = self._control.wants_to_write
        if not self._control.closed:
            self._pump.writing(self._control.fileno(), writing)
        return writing

    def _finish(self) -> None:
        self._engine.shut_down()
        self._control.close()
        self._ticker.close()
        os.close(self._wake_fd)
        self._pump.close()

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
            if self._ticks >= _TIDY_TICKS:
                self._ticks = 0
                gc.collect()
                give_back_holes()

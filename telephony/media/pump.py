"""What the loop of a worker waits for: one ``epoll`` over all descriptors. ``_pump.c`` has its compiled twin.

With few packets each is handled as it comes. With many, all that came within 2.5 ms of the clock are handled together,
with very many those of 1.25: waking up is the dearest part of a packet where few come at once, and its turn where many
do. Ticks, and the moments 5 ms apart between them, fall on the end of such a nap.
"""

import os
import select
import time
from collections.abc import Callable
from functools import partial
from typing import Final

from core.audio import RATE_HZ
from telephony.media.flow import Clock, Flow

_MOST_EVENTS: Final = 512
_LARGEST: Final = 2048
_SPAN: Final = 160
_MANY: Final = 80
"""So many packets in 20 ms are many: those of 40 talks."""
_VERY_MANY: Final = 300
_LONG_NAP_NS: Final = 2_500_000
_NAP_NS: Final = 1_250_000


class Pump:
    """Sets ``clock`` (which begins at ``begin_ns`` of ``time.monotonic_ns``) and calls who has something to do."""

    def __init__(self, clock: Clock, begin_ns: int) -> None:
        self._clock = clock
        self._begin_ns = begin_ns
        self._epoll = select.epoll()
        self._handlers: dict[int, Callable[[], None]] = {}
        self._span = self._carried = 0  # packets in this span of the clock
        self._nap_ns = 0

    def watch(self, descriptor: int, handler: Callable[[], None]) -> None:
        """Call ``handler`` whenever something can be read from ``descriptor`` (or written, see ``writing``)."""
        self._handlers[descriptor] = handler
        self._epoll.register(descriptor, select.EPOLLIN)

    def carry(self, descriptor: int, flow: Flow) -> None:
        """Hand the datagrams that come to a connected socket to ``flow.hear``."""
        self.watch(descriptor, partial(self._read, descriptor, flow.hear))

    def forget(self, descriptor: int) -> None:
        """Neither of the two any longer (no error if there was none)."""
        if self._handlers.pop(descriptor, None) is not None:
            self._epoll.unregister(descriptor)

    def writing(self, descriptor: int, wanted: bool) -> None:
        """Whether the handler of ``descriptor`` is also called when it can be written."""
        self._epoll.modify(descriptor, select.EPOLLIN | (select.EPOLLOUT if wanted else 0))

    def turn(self) -> None:
        """Wait until something is ready; do it all."""
        if self._nap_ns:
            time.sleep((self._nap_ns - (time.monotonic_ns() - self._begin_ns) % self._nap_ns) / 1e9)
        ready = self._epoll.poll(-1, _MOST_EVENTS)
        self._clock.samples = samples = (time.monotonic_ns() - self._begin_ns) * RATE_HZ // 1_000_000_000
        if samples // _SPAN != self._span:
            self._span, self._nap_ns, self._carried = samples // _SPAN, _nap_ns(self._carried), 0
        handlers = self._handlers
        for descriptor, _ in ready:
            handler = handlers.get(descriptor)
            if handler is not None:
                handler()

    def close(self) -> None:
        """Free it."""
        self._handlers.clear()
        self._epoll.close()

    def _read(self, descriptor: int, hear: Callable[[bytes], None]) -> None:
        self._carried += 1
        try:
            data = os.read(descriptor, _LARGEST)
        except OSError:  # nothing there, or the far end's port is closed (ICMP)
            return
        hear(data)


def _nap_ns(carried: int) -> int:
    """How long packets are gathered, after so many in 20 ms."""
    if carried < _MANY:
        return 0
    return _LONG_NAP_NS if carried < _VERY_MANY else _NAP_NS

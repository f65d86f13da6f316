"""A tick of 20 ms on an absolute schedule, as a file descriptor for ``epoll`` (Linux timerfd).

``epoll`` itself counts in whole milliseconds, which would make every packet up to 1 ms late. Python has timerfd from
3.13 on; before that it is three calls into the C library.
"""

import ctypes
import os
from typing import Final

TICK_S: Final = 0.02
_TICK_NS: Final = 20_000_000
_CLOCK_MONOTONIC: Final = 1
_FLAGS: Final = os.O_NONBLOCK | os.O_CLOEXEC
_ABSOLUTE: Final = 1


class _TimeSpec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


class _TimerSpec(ctypes.Structure):
    _fields_ = (("interval", _TimeSpec), ("first", _TimeSpec))


class Ticker:
    """Fires at ``begin_ns`` + n * 20 ms of ``time.monotonic_ns`` for whole n, until closed."""

    def __init__(self, begin_ns: int) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self.descriptor: int = self._libc.timerfd_create(_CLOCK_MONOTONIC, _FLAGS)
        if self.descriptor < 0:
            raise OSError(ctypes.get_errno(), "timerfd_create")
        first = begin_ns + _TICK_NS
        spec = _TimerSpec(_split(_TICK_NS), _split(first))
        if self._libc.timerfd_settime(self.descriptor, _ABSOLUTE, ctypes.byref(spec), None) < 0:
            raise OSError(ctypes.get_errno(), "timerfd_settime")

    def passed(self) -> int:
        """Ticks since the last call."""
        try:
            return int.from_bytes(os.read(self.descriptor, 8), "little")
        except BlockingIOError:
            return 0

    def close(self) -> None:
        """End it."""
        os.close(self.descriptor)


def _split(nanoseconds: int) -> _TimeSpec:
    return _TimeSpec(nanoseconds // 1_000_000_000, nanoseconds % 1_000_000_000)

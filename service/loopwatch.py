"""Watches the event loop: whatever keeps it from turning for more than 20 ms delays signalling, so it is counted.

A timer is set every 20 ms; how much later than asked it comes is the lag: a stop counts from when the timer was due, so
one of 30 ms is seen as 10 to 30 ms. Looking more often sees more exactly and costs more (``loop_watch_ms``; 200 turns a
second took 2 % of a core of an idle house, 50 take a quarter of that). The CPU time that this thread used meanwhile
tells a computation in our own code from a machine that was busy elsewhere (or code that waited for a disk).
Use it as ``async with LoopWatch() as watch: ...`` and then read ``watch.report()``, or let the supervisor keep
``run``. ``reset`` forgets what was seen so far, such as the start of the house.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

_log = logging.getLogger("line400.service")
_INTERVAL_S: Final = 0.020
_THRESHOLD_S: Final = 0.020
_WARN_EVERY_S: Final = 10.0
_RECENT_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class LagReport:
    """``blocks`` times the loop stood still longer than the threshold; the ``worst_s`` of them and its CPU seconds.

    ``watched_s`` is how long was watched, ``lag_s`` the mean lag of all turns. ``busiest_s`` is the longest that our
    own computation kept the loop from turning: of each lag only so much counts as was CPU time of this thread, so a
    machine that was busy elsewhere does not. ``recent_s`` is the longest stop of the last minute or two.
    """

    watched_s: float
    turns: int
    lag_s: float
    blocks: int
    worst_s: float
    worst_cpu_s: float
    busiest_s: float = 0.0
    recent_s: float = 0.0


class LoopWatch:
    """Measures lag from entering (or ``run``) until leaving. ``wall`` and ``cpu`` tell seconds."""

    def __init__(
        self,
        *,
        threshold_s: float = _THRESHOLD_S,
        interval_s: float = _INTERVAL_S,
        wall: Callable[[], float] = time.monotonic,
        cpu: Callable[[], float] = time.thread_time,
    ) -> None:
        self._threshold_s = threshold_s
        self._interval_s = interval_s
        self._wall = wall
        self._cpu = cpu
        self._timer: asyncio.TimerHandle | None = None
        self._began = self._asked_at = self._ended = wall()
        self._cpu_at = cpu()
        self._turns = 0
        self._lag_sum_s = 0.0
        self._blocks = 0
        self._worst_s = 0.0
        self._worst_cpu_s = 0.0
        self._busiest_s = 0.0
        self._minute_began = self._began
        self._minutes_worst_s = (0.0, 0.0)  # of the minute before and of this one
        self._unsaid = 0
        self._unsaid_worst_s = 0.0
        self._said_at = -_WARN_EVERY_S

    async def __aenter__(self) -> Self:
        """Begin to watch the running loop."""
        self._began = self._wall()
        self._said_at = self._began - _WARN_EVERY_S
        self._ask()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop watching; a block that lasts until now is counted."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._wall() - self._asked_at > self._interval_s:
            self._look()
        self._ended = self._wall()

    async def run(self) -> None:
        """Watch until cancelled."""
        async with self:
            await asyncio.Event().wait()

    def reset(self) -> None:
        """Forget what was seen, and what has been going on up to this moment."""
        self._began = self._ended = self._minute_began = self._wall()
        self._minutes_worst_s = (0.0, 0.0)
        self._turns = self._blocks = self._unsaid = 0
        self._lag_sum_s = self._worst_s = self._worst_cpu_s = self._busiest_s = self._unsaid_worst_s = 0.0
        if self._timer is not None:
            self._timer.cancel()
            self._ask()

    def report(self) -> LagReport:
        """What was seen so far."""
        until = self._wall() if self._timer is not None else self._ended
        return LagReport(
            watched_s=until - self._began,
            turns=self._turns,
            lag_s=self._lag_sum_s / self._turns if self._turns else 0.0,
            blocks=self._blocks,
            worst_s=self._worst_s,
            worst_cpu_s=self._worst_cpu_s,
            busiest_s=self._busiest_s,
            recent_s=max(self._minutes_worst_s),
        )

    def _ask(self) -> None:
        self._asked_at = self._wall()
        self._cpu_at = self._cpu()
        self._timer = asyncio.get_running_loop().call_later(self._interval_s, self._turn)

    def _turn(self) -> None:
        self._look()
        self._ask()

    def _look(self) -> None:
        now = self._wall()
        lag_s = max(0.0, now - self._asked_at - self._interval_s)
        self._turns += 1
        self._lag_sum_s += lag_s
        if now - self._minute_began >= _RECENT_S:
            self._minute_began = now
            self._minutes_worst_s = (self._minutes_worst_s[1], 0.0)
        self._minutes_worst_s = (self._minutes_worst_s[0], max(self._minutes_worst_s[1], lag_s))
        cpu_s = self._cpu() - self._cpu_at
        self._busiest_s = max(self._busiest_s, min(lag_s, cpu_s))
        if lag_s > self._threshold_s:
            self._blocks += 1
            self._unsaid += 1
            self._unsaid_worst_s = max(self._unsaid_worst_s, lag_s)
            if lag_s > self._worst_s:
                self._worst_s = lag_s
                self._worst_cpu_s = cpu_s
        if self._unsaid and now - self._said_at >= _WARN_EVERY_S:
            _log.warning(
                "the event loop stood still %d times for over %.0f ms, worst %.0f ms (worst ever used %.0f ms CPU)",
                self._unsaid,
                1000 * self._threshold_s,
                1000 * self._unsaid_worst_s,
                1000 * self._worst_cpu_s,
            )
            self._unsaid, self._unsaid_worst_s, self._said_at = 0, 0.0, now

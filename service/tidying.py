"""Frees what only the cyclic collector finds, without ever standing still for long.

A call leaves nothing to it, but pages that are opened and failures that are told do. The interpreter looks at old
objects only when very many new ones have come; by then a busy line would hold hundreds of megabytes of garbage. So we
look ourselves, every ten seconds. A look costs by what is alive; when that is much (calls that are up), all that has
survived is set apart (``gc.freeze``), so that the next look has only what came since, and comes sooner: where twenty
calls a second begin, ten seconds of them are ten times as much to look at as one. A pause is cut short when many calls
begin in it (two hundred who wait after an advertisement: 46 ms in one look); what they are made of the interpreter
counts. What is apart is freed as soon as nobody refers to it, but rings among it are found only by a look at
everything, which is kept for when no call is up. What calls that have ended leave free amid the heap is given back to
the system once a minute.
"""

import asyncio
import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from core.heap import give_back_holes

PAUSE_S: Final = 10.0
LEAST_PAUSE_S: Final = 1.0
"""After a dear look the next one comes after half the pause, after a cheap one after twice the pause, within these."""
DEAR_S: Final = 0.004
"""A look that takes longer (processor time) has what survived set apart."""
COLLECTOR: Final = (2000, 10, 500)
"""Objects made before the collector looks at the young, and how seldom at the older ones. A look at all of them while a
large report is in memory stops every thread for up to 50 ms, so it comes fifty times less often than usual.
"""
MUCH: Final = 1
"""So many looks of the interpreter at what is not quite young any more (20,000 new objects each, which a look at all of
them takes 2 to 3 ms for) cut a pause short.
"""
CHECK_S: Final = 0.25
HOLES_S: Final = 60.0
"""Holes of the heap are looked for so often."""
THOROUGH_S: Final = 6 * 3600.0
"""So long after the last look at everything the next one waits for a moment without calls. It takes some tenths of a
second: what the house is made of is looked at too.
"""


@dataclass(frozen=True, slots=True)
class Collector:
    """Of the interpreter: ``look`` at all but what is ``apart``, set all apart, and take it all back; ``new`` is how
    often it has looked at the middle generation since the last look.
    """

    look: Callable[[], int] = gc.collect
    apart: Callable[[], None] = gc.freeze
    back: Callable[[], None] = gc.unfreeze
    new: Callable[[], int] = lambda: gc.get_count()[2]


async def tidy(
    idle: Callable[[], bool],
    collector: Collector = Collector(),
    used: Callable[[], float] = time.thread_time,
    give_back: Callable[[], None] = give_back_holes,
) -> None:
    """Look until cancelled. ``idle`` tells whether no call is up, ``used`` the processor time in seconds."""
    loop = asyncio.get_running_loop()
    pause_s, missed = PAUSE_S, False
    thorough_at = holes_at = loop.time()
    while True:
        await _rest(pause_s, collector)
        if loop.time() - holes_at >= HOLES_S:
            holes_at = loop.time()
            give_back()
        if missed and loop.time() - thorough_at >= THOROUGH_S and idle():
            collector.back()
            collector.look()
            collector.apart()
            thorough_at, missed = loop.time(), False
            continue
        before = used()
        collector.look()
        took_s = used() - before
        if took_s > DEAR_S:
            collector.apart()
            missed = True
            pause_s = max(LEAST_PAUSE_S, pause_s / 2)
        elif took_s < DEAR_S / 2:
            pause_s = min(PAUSE_S, 2 * pause_s)


async def _rest(pause_s: float, collector: Collector) -> None:
    """Return after ``pause_s``, or soon after much has come."""
    loop = asyncio.get_running_loop()
    until = loop.time() + pause_s
    while (left_s := until - loop.time()) > 0:
        await asyncio.sleep(min(left_s, CHECK_S))
        if collector.new() >= MUCH:
            return

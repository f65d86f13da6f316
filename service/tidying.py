"""Frees what only the cyclic collector finds, little by little, in place of its own rare and long looks.

Every call leaves some hundred objects that point at each other (sessions and their timers, legs and who listens to
them, cancelled tasks and their tracebacks), 40 KiB in all. The interpreter looks at old objects only when very many new
ones have come; by then a busy line would hold hundreds of megabytes of them. So we look ourselves, after pauses that
grow with the processor time that a look took (not with time on the clock: on a busy machine a look may stand still for
a second, and the garbage of the next minutes would pile up).
"""

import asyncio
import gc
import time
from collections.abc import Callable
from typing import Final

SHORTEST_PAUSE_S: Final = 10.0
LONGEST_PAUSE_S: Final = 60.0
PAUSES: Final = 500
"""A pause is so many times as long as the look before it, so that looks take 0.2 % of a core; more only where the
longest pause is too short for that: a look of 0.12 s.
"""


def pause_after(took_s: float) -> float:
    """Seconds until the next look."""
    return min(LONGEST_PAUSE_S, max(SHORTEST_PAUSE_S, PAUSES * took_s))


async def tidy(collect: Callable[[], int] = gc.collect, used: Callable[[], float] = time.thread_time) -> None:
    """Look until cancelled."""
    pause_s = SHORTEST_PAUSE_S
    while True:
        await asyncio.sleep(pause_s)
        before = used()
        collect()
        pause_s = pause_after(used() - before)

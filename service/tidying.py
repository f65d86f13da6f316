"""Frees what only the cyclic collector finds, little by little, in place of its own rare and long looks.

Every call leaves some hundred objects that point at each other (sessions and their timers, legs and who listens to
them, cancelled tasks and their tracebacks), 40 KiB in all. The interpreter looks at old objects only when very many new
ones have come; by then a busy line would hold hundreds of megabytes of them. So we look ourselves, after pauses that
grow with the time a look took: it costs a fixed share of one core at most, however much lives.
"""

import asyncio
import gc
import time
from collections.abc import Callable
from typing import Final

SHORTEST_PAUSE_S: Final = 10.0
PAUSES: Final = 500
"""A pause is so many times as long as the look before it: looks take 0.2 % of the time at most."""


def pause_after(took_s: float) -> float:
    """Seconds until the next look."""
    return max(SHORTEST_PAUSE_S, PAUSES * took_s)


async def tidy(collect: Callable[[], int] = gc.collect, now: Callable[[], float] = time.perf_counter) -> None:
    """Look until cancelled."""
    pause_s = SHORTEST_PAUSE_S
    while True:
        await asyncio.sleep(pause_s)
        begun = now()
        collect()
        pause_s = pause_after(now() - begun)

"""A disk that may hang, as a share does whose server is away: what is asked of it is waited for only so long.

One thread asks, so that however often it hangs, no more than that one is lost until it answers again.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

Result = TypeVar("Result")


class Disk(Protocol):
    """Is asked to do something that may take long."""

    async def do(self, work: Callable[[], Result]) -> Result:
        """What ``work`` gives or raises; ``OSError`` too where it takes too long."""
        ...


class PatientDisk:
    """``patience_s``: how long each question is waited for."""

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="line400-disk")

    async def do(self, work: Callable[[], Result]) -> Result:
        """What ``work`` gives; what it raises, or ``TimeoutError`` (which is an ``OSError``) where it takes too long.
        Work that has begun goes on then; what waits behind it is not begun any more.
        """
        asked = asyncio.get_running_loop().run_in_executor(self._thread, work)
        try:
            await asyncio.wait({asked}, timeout=self._patience_s)
            if asked.done():  # also where we stood still ourselves, and both came at once
                return asked.result()
        finally:
            asked.cancel()
        raise TimeoutError("the disk does not answer")

"""Counts half hours while the house runs, so that long reports find them counted."""

import asyncio
import logging
from typing import Final

from core.errors import Unavailable
from store.half_hours import HalfHours

_log = logging.getLogger("line400.service")
EVERY_S: Final = 60.0
"""How often it is looked whether a half hour can be counted."""
BETWEEN_S: Final = 1.0
"""With more to do (the first start with an old log) a day is counted this long after the other: calls come first."""


async def follow(half_hours: HalfHours) -> None:
    """Count what is due until cancelled."""
    while True:
        try:
            kept = await half_hours.keep_due()
        except Unavailable as error:  # of the log: it says so itself, and tries again
            _log.warning("half hours are not counted now: %s", error)
            kept = 0
        await asyncio.sleep(BETWEEN_S if kept else EVERY_S)

"""A journey lives as long as the leg that owns it."""

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

from core.errors import LegEnded, Unavailable
from telephony.ports import Leg

Result = TypeVar("Result")


async def while_alive(leg: Leg, story: Coroutine[None, None, Result]) -> Result:
    """Run ``story`` to its end and return its result; when ``leg`` ends first, cancel the story, wait until it has
    cleaned up, and raise ``LegEnded``. Where both end at once (a media worker died), the end of the leg counts.
    """
    telling = asyncio.ensure_future(story)
    ended = asyncio.ensure_future(leg.wait_ended())
    try:
        await asyncio.wait({telling, ended}, return_when=asyncio.FIRST_COMPLETED)
        if telling.done() and leg.end is None:
            return telling.result()
        telling.cancel()
        await asyncio.wait({telling})
        error = None if telling.cancelled() else telling.exception()
        if error is not None and not isinstance(error, LegEnded | Unavailable):
            raise error
        raise LegEnded(f"leg {leg.id} ended")
    except asyncio.CancelledError:
        telling.cancel()
        await asyncio.wait({telling})
        raise
    finally:
        ended.cancel()

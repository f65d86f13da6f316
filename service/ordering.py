"""An order to a campaign from the command line: left in the store, and what the running service has made of it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from campaigns.plan_facts import CampaignOrdered
from core.clock import Clock
from service.orders import order
from store.heartbeat import EVERY_S, KEY
from store.store import Store

ANSWER_S: Final = 5.0
"""The service looks each second; so long its answer is waited for."""
_EACH_S: Final = 0.2
_SILENT_S: Final = 3 * EVERY_S


@dataclass(frozen=True, slots=True)
class Ordered:
    """``served``: a service runs; ``answered``: it has said what it made of it, ``refused`` (why) or did it ("")."""

    served: bool
    answered: bool = False
    refused: str = ""


async def order_and_hear(
    store: Store, clock: Clock, campaign: str, what: str, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> Ordered:
    """Order ``what`` of ``campaign``, and wait ``ANSWER_S`` at most for the answer, where a service runs."""
    before = await store.events.last()
    alive_at = float(await store.settings.get(KEY) or 0.0)
    served = clock.now() - alive_at < _SILENT_S
    await order(store.settings, campaign, what)
    if not served:
        return Ordered(served=False)
    for _ in range(round(ANSWER_S / _EACH_S)):
        for event in await store.events.named_after(before, (CampaignOrdered.name,)):
            told = event.fields
            if (told.get("campaign"), told.get("what"), told.get("by")) == (campaign, what, ""):
                return Ordered(served=True, answered=True, refused=str(told.get("refused", "")))
        await sleep(_EACH_S)
    return Ordered(served=True)

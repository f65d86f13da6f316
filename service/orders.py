"""What the command line asks of the running service: start or pause a campaign.

The order is a small value in the store, so it also holds when the service is down and starts later, needs no password
beside the rights on the data folder, and is carried out within ``LOOK_EVERY_S``.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import Final, Protocol

from core.errors import LocalProtocolError

_log = logging.getLogger("line400.service")
LOOK_EVERY_S: Final = 1.0
START: Final = "start"
PAUSE: Final = "pause"
_DONE: Final = ""


class KeyValues(Protocol):
    """Small values on disk (``store.settings``)."""

    async def get(self, key: str) -> str | None:
        """The value of ``key``, None where there is none."""
        ...

    async def put(self, key: str, value: str) -> None:
        """Keep ``value``."""
        ...


class Campaigns(Protocol):
    """Who carries the orders out (``service.outbound``)."""

    async def start(self, name: str) -> None:
        """Start or resume; ``LocalProtocolError`` where that cannot be."""
        ...

    def pause(self, name: str) -> None:
        """No new dials; ``LocalProtocolError`` where it does not run."""
        ...


async def order(values: KeyValues, campaign: str, what: str) -> None:
    """Ask that ``campaign`` be started or paused (``START``, ``PAUSE``)."""
    await values.put(_key(campaign), what)


async def carry_out(values: KeyValues, campaigns: Campaigns, names: Iterable[str]) -> None:
    """Do, once each, what was ordered for the campaigns ``names`` since the last time."""
    for name in names:
        what = await values.get(_key(name))
        if not what:
            continue
        await values.put(_key(name), _DONE)
        try:
            if what == START:
                await campaigns.start(name)
            else:
                campaigns.pause(name)
            _log.info("campaign %s: %s, as ordered", name, what)
        except LocalProtocolError as error:
            _log.warning("campaign %s: order %s refused: %s", name, what, error)


async def watch(values: KeyValues, campaigns: Campaigns, names: Callable[[], Iterable[str]]) -> None:
    """Look for orders until cancelled; ``names`` tells which campaigns there are."""
    while True:
        await carry_out(values, campaigns, names())
        await asyncio.sleep(LOOK_EVERY_S)


def _key(campaign: str) -> str:
    return f"campaign.order.{campaign}"

"""What people ask of campaigns: start, pause, stop. The console asks the running service; the command line leaves a
small value in the store, so it also holds when the service is down and starts later, needs no password beside the
rights on the data folder, and is carried out within ``LOOK_EVERY_S``. Both go one way: ``carry_out_one``.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import Final, Protocol

from campaigns.plan_facts import CampaignOrdered
from core.errors import LocalProtocolError
from core.events import Log

_log = logging.getLogger("line400.service")
LOOK_EVERY_S: Final = 1.0
START: Final = "start"
PAUSE: Final = "pause"
STOP: Final = "stop"
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
    """Who carries the orders out (``service.campaign_desk``)."""

    async def start(self, name: str) -> None:
        """Start or resume; ``LocalProtocolError`` where that cannot be."""
        ...

    def pause(self, name: str) -> None:
        """No new dials; ``LocalProtocolError`` where it does not run."""
        ...

    async def stop(self, name: str) -> None:
        """No new dials for good; ``LocalProtocolError`` where it is over."""
        ...


async def order(values: KeyValues, campaign: str, what: str) -> None:
    """Ask that ``campaign`` be started, paused or stopped (``START``, ``PAUSE``, ``STOP``)."""
    await values.put(_key(campaign), what)


async def forget_order(values: KeyValues, campaign: str) -> None:
    """What was ordered of an earlier campaign is not done by a new one of its name."""
    if await values.get(_key(campaign)):
        await values.put(_key(campaign), _DONE)


async def carry_out_one(campaigns: Campaigns, name: str, what: str, by: str, log: Log) -> None:
    """Do it at once, and have the log say who asked for it; ``LocalProtocolError`` says why it is refused."""
    try:
        if what == START:
            await campaigns.start(name)
        elif what == STOP:
            await campaigns.stop(name)
        else:
            campaigns.pause(name)
    except LocalProtocolError as error:
        log.post("", CampaignOrdered(name, what, by, str(error)))
        raise
    log.post("", CampaignOrdered(name, what, by))
    _log.info("campaign %s: %s, as ordered by %s", name, what, by or "the command line")


async def carry_out(values: KeyValues, campaigns: Campaigns, names: Iterable[str], log: Log) -> None:
    """Do, once each, what the command line has ordered for the campaigns ``names`` since the last time."""
    for name in names:
        what = await values.get(_key(name))
        if not what:
            continue
        await values.put(_key(name), _DONE)
        try:
            await carry_out_one(campaigns, name, what, "", log)
        except LocalProtocolError as error:
            _log.warning("campaign %s: order %s refused: %s", name, what, error)


async def watch(values: KeyValues, campaigns: Campaigns, names: Callable[[], Iterable[str]], log: Log) -> None:
    """Look for orders until cancelled; ``names`` tells which campaigns there are."""
    while True:
        await carry_out(values, campaigns, names(), log)
        await asyncio.sleep(LOOK_EVERY_S)


def _key(campaign: str) -> str:
    return f"campaign.order.{campaign}"

"""Keeps where campaigns stand: asked of the store again after each change, at most once a second, and for at most a
tenth of the time with a long list. Pages and MQTT read it.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from acd.facts import AgentStateChanged, QueueEntered, QueueLeft
from campaigns.facts import AttemptEnded, AttemptStarted, CampaignStateChanged, ContactsImported
from campaigns.form_facts import AttemptResulted
from campaigns.plan_facts import CampaignMade, CampaignRemoved
from console.ports import Queries, Reading
from core.bus import Bus
from core.clock import Clock
from core.errors import Unavailable
from core.events import Event
from reports.campaign_live import CampaignLive, campaign_live
from telephony.facts import CallAnswered, LegStarted

EVERY_S: Final = 1.0
_REST: Final = 9.0
"""So many times as long as the counting took nothing is counted."""
_LONGEST_REST_S: Final = 60.0
_SPEED_EVERY_S: Final = 30.0
"""Of a campaign that runs speed and end are worked out again so often, though nothing happens."""
_log = logging.getLogger("line400.console")


async def count_campaigns(queries: Queries, names: Sequence[str], now: float) -> list[CampaignLive]:
    """Where each of ``names`` stands."""
    return [campaign_live(name, await queries.campaigns.stand(name, now)) for name in names]


async def known_campaigns(queries: Queries) -> list[str]:
    """All that have a list, or have had one."""
    return [campaign.id for campaign in await queries.campaigns.campaigns()]


class CampaignWatch:
    """``current`` by campaign, fresh while ``run`` runs. ``version`` changes whenever any of them does. ``idle`` says
    why a campaign that runs dials nobody, where that lies with its agents.
    """

    def __init__(
        self, bus: Bus, reading: Reading, clock: Clock, idle: Callable[[str], str] = lambda campaign: ""
    ) -> None:
        self.current: dict[str, CampaignLive] = {}
        self.version = 0
        self._reading = reading
        self._clock = clock
        self._idle = idle
        self._dirty: set[str] = set()
        self._wake = asyncio.Event()
        self._calls: dict[str, str] = {}
        self._removed: set[str] = set()
        self._told: list[Callable[[], None]] = []
        bus.subscribe(self._take)

    def follow(self, told: Callable[[], None]) -> None:
        """Call ``told`` after each change."""
        self._told.append(told)

    def all(self) -> Sequence[CampaignLive]:
        """All that are known, by name."""
        return [self.current[name] for name in sorted(self.current)]

    async def of(self, campaign: str) -> CampaignLive | None:
        """Where ``campaign`` stands, asked for now if it is not known yet; None where it was removed."""
        if campaign not in self.current:
            await self._count([campaign])
        return self.current.get(campaign)

    async def run(self) -> None:
        """Count whatever has changed, until cancelled."""
        try:
            self._dirty.update(await self._reading.ask(known_campaigns))
        except Unavailable as error:
            _log.warning("campaigns cannot be counted now: %s", error)
        if self._dirty:
            self._wake.set()
        loop = asyncio.get_running_loop()
        due = loop.time() + _SPEED_EVERY_S
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(due):
                    await self._wake.wait()
            if loop.time() >= due:
                due = loop.time() + _SPEED_EVERY_S
                self._dirty.update(name for name, it in self.current.items() if it.state == "running")
            self._wake.clear()
            names, began = sorted(self._dirty), self._clock.now()
            self._dirty.clear()
            self._look_at_agents(names)
            if names:
                try:
                    await self._count(names)
                except Unavailable as error:
                    _log.warning("campaigns cannot be counted now: %s", error)
            await asyncio.sleep(min(max(EVERY_S, _REST * (self._clock.now() - began)), _LONGEST_REST_S))

    async def _count(self, names: Sequence[str]) -> None:
        counted = await self._reading.ask(partial(count_campaigns, names=tuple(names), now=self._clock.now()))
        self.current |= {one.campaign: self._with_why(one) for one in counted if one.campaign not in self._removed}
        self._tell()

    def _look_at_agents(self, counted: Collection[str]) -> None:
        """What agents do changes nothing that is counted; so only why nobody is dialled is found out again, of all but
        those that are ``counted`` anyway.
        """
        found = {name: self._with_why(one) for name, one in self.current.items() if name not in counted}
        changed = {name: one for name, one in found.items() if one.why != self.current[name].why}
        if changed:
            self.current.update(changed)
            self._tell()

    def _with_why(self, one: CampaignLive) -> CampaignLive:
        if one.state != "running":
            return one
        stands = one.pending and not one.ringing
        return replace(one, why=self._idle(one.campaign) if stands else "")

    def _tell(self) -> None:
        self.version += 1
        for told in self._told:
            told()

    def _take(self, event: Event) -> None:
        match event.fact:
            case AttemptStarted(campaign=campaign):
                self._calls[event.call_id] = campaign
            case AttemptEnded(campaign=campaign):
                self._calls.pop(event.call_id, None)
            case CampaignRemoved(campaign=campaign):
                self._removed.add(campaign)
                self.current.pop(campaign, None)
                self._tell()
                return
            case CampaignMade(campaign=campaign):
                self._removed.discard(campaign)
                return
            case CampaignStateChanged(campaign=campaign) | ContactsImported(campaign=campaign):
                pass
            case AttemptResulted(campaign=campaign):
                pass
            case CallAnswered() | LegStarted() if event.call_id in self._calls:  # it is dialled, or answered
                campaign = self._calls[event.call_id]
            case AgentStateChanged() | QueueEntered() | QueueLeft():
                self._wake.set()
                return
            case _:
                return
        self._dirty.add(campaign)
        self._wake.set()

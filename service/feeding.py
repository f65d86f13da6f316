"""Selections for the console, and the task that looks into campaigns whose selection lives: at the start of the house,
when such a campaign starts, and every quarter of an hour.
"""

import asyncio
import json
import logging
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Final, Protocol

from campaigns.facts import CampaignStateChanged
from campaigns.gate import CampaignState
from console.selection_views import FeedView
from core.bus import Bus
from core.errors import LocalProtocolError
from core.events import Event
from desk.selection import Condition, Moment, Selection
from reports.effect import Effect
from service.feed_worker import order_line, order_of
from store.effects import Effects
from store.feeds import Feeds
from store.selections import Offered, Preview, Selections

_log = logging.getLogger("line400.service")
_WORKER: Final = (sys.executable, "-m", "service.feed_worker")
LOOK_EVERY_S: Final = 900.0
_KEY_BYTES: Final = 16
_DIED: Final = "the process that looked died; it is looked again"


class Campaigns(Protocol):
    """The campaigns of the house (``service.outbound``)."""

    @property
    def names(self) -> Sequence[str]:
        """Those that there are."""
        ...

    async def go_on(self, name: str) -> None:
        """Somebody has come whom one is to call."""
        ...


@dataclass(frozen=True, slots=True)
class _Work:
    """What is known of the last look into a campaign."""

    looking: bool
    fault: str = ""


class Feeding:
    """``console.selection_ports.SelectionControl``. ``moment`` tells when it is; ``entropy(n)`` unpredictable
    bytes, ``day_of`` the day of an epoch second where the house is."""

    def __init__(
        self,
        selections: Selections,
        feeds: Feeds,
        effects: Effects,
        campaigns: Campaigns,
        database: str,
        moment: Callable[[], Moment],
        entropy: Callable[[int], bytes],
        day_of: Callable[[float], date],
    ) -> None:
        self._selections = selections
        self._feeds = feeds
        self._effects = effects
        self._day_of = day_of
        self._campaigns = campaigns
        self._database = database
        self._moment = moment
        self._entropy = entropy
        self._works: dict[str, _Work] = {}
        self._wanted: dict[str, None] = {}
        self._wake = asyncio.Event()
        self._process: subprocess.Popen[bytes] | None = None

    def listen(self, bus: Bus) -> None:
        """A campaign that starts is looked into at once."""

        def heard(event: Event) -> None:
            if isinstance(event.fact, CampaignStateChanged) and event.fact.state == CampaignState.RUNNING:
                self._want(event.fact.campaign)

        bus.subscribe(heard)

    async def run(self) -> None:
        """Look, until cancelled."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        try:
            while True:
                if loop.time() >= due:
                    due = loop.time() + LOOK_EVERY_S
                    self._wanted |= dict.fromkeys(await self._feeds.living())
                self._wake.clear()
                while self._wanted:
                    campaign = next(iter(self._wanted))
                    del self._wanted[campaign]
                    await self._look(campaign)
                with suppress(TimeoutError):
                    async with asyncio.timeout(max(0.0, due - loop.time())):
                        await self._wake.wait()
        finally:
            if self._process is not None:
                self._process.kill()

    def campaigns(self) -> Sequence[str]:
        """See the port."""
        return self._campaigns.names

    def offers(self) -> Sequence[str]:
        """See the port."""
        return [offer.name for offer in self._moment().offers]

    async def all(self) -> Sequence[Selection]:
        """See the port."""
        return await self._selections.all()

    async def keep(
        self, name: str, conditions: Sequence[Condition], by: str, *, replaces: float | None = None
    ) -> Selection:
        """See the port."""
        return await self._selections.keep(name, conditions, by, replaces=replaces)

    async def forget(self, name: str) -> bool:
        """See the port."""
        used = [feed.campaign for feed in await self._feeds.all() if feed.living and feed.selection == name]
        if used:
            raise LocalProtocolError(f"campaign {used[0]!r} lives by this selection; end that first")
        return await self._selections.forget(name)

    async def preview(self, conditions: Sequence[Condition]) -> Preview:
        """See the port."""
        return await self._selections.preview(conditions, self._moment())

    async def offered(self) -> Offered:
        """See the port."""
        return await self._selections.offered()

    async def feeds(self) -> Sequence[FeedView]:
        """See the port."""
        return [
            FeedView(
                campaign=feed.campaign,
                selection=feed.selection,
                living=feed.living,
                by=feed.by,
                at=feed.at,
                looked_at=feed.looked_at,
                accepted=feed.accepted,
                held_out=feed.held_out,
                aside=feed.aside,
                again_days=feed.again_days,
                looking=work.looking,
                fault=work.fault,
            )
            for feed in await self._feeds.all()
            for work in [self._works.get(feed.campaign, _Work(looking=False))]
        ]

    async def take(
        self, name: str, campaign: str, *, living: bool, hold_out: int | None, by: str, again_days: int = 0
    ) -> None:
        """See the port."""
        if campaign not in self._campaigns.names:
            raise LocalProtocolError(f"there is no campaign {campaign!r}")
        key = self._entropy(_KEY_BYTES)
        await self._feeds.connect(
            campaign, name, living=living, percent=hold_out, key=key, by=by, again_days=again_days
        )
        self._want(campaign, even_once=True)

    async def effect(self, campaign: str, days: int) -> Effect | None:
        """See the port."""
        return await self._effects.of(campaign, days=days, day_of=self._day_of)

    async def disconnect(self, campaign: str) -> bool:
        """See the port."""
        return await self._feeds.disconnect(campaign)

    def is_looking(self, campaign: str) -> bool:
        """Whether a selection is about to bring people into ``campaign``."""
        return campaign in self._works and self._works[campaign].looking

    def _want(self, campaign: str, *, even_once: bool = False) -> None:
        if even_once:
            self._works[campaign] = _Work(looking=True)
        self._wanted[campaign] = None
        self._wake.set()

    async def _look(self, campaign: str) -> None:
        """Into one campaign, if it lives by a selection, or was just connected with one."""
        connected = next((feed for feed in await self._feeds.all() if feed.campaign == campaign), None)
        if connected is None or not (connected.living or connected.looked_at is None):
            return
        self._works[campaign] = _Work(looking=True)
        said = await self._work(order_line(order_of(campaign, self._database, self._moment())))
        fault = str(said.get("fault", "")) if said else _DIED
        self._works[campaign] = _Work(looking=False, fault=fault)
        if fault:
            _log.warning("whom a selection brings into campaign %s: %s", campaign, fault)
        looked = said.get("looked")
        if isinstance(looked, dict) and (looked["accepted"] or looked["back"]):
            await self._campaigns.go_on(campaign)

    async def _work(self, line: str) -> dict[str, object]:
        """By ``subprocess``: it does not copy this process for it, as the event loop's own way does."""

        def follow() -> bytes:
            with subprocess.Popen(_WORKER, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
                self._process = process
                assert process.stdin is not None and process.stdout is not None  # they are pipes
                with suppress(BrokenPipeError):
                    process.stdin.write(line.encode())
                    process.stdin.flush()
                return process.stdout.readline()

        answer = await asyncio.to_thread(follow)
        self._process = None
        found: dict[str, object] = json.loads(answer) if answer.strip() else {}
        return found

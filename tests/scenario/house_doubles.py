"""Rooms of a house under test that behave as badly as real ones may."""

import asyncio
import random

from core.bus import MemoryLog
from core.events import Event, Fact
from telephony.phones import Phones, PhoneTarget
from telephony.registrar import Registrar
from telephony.sip.hop import Hop
from telephony.sip.uri import SipUri
from tests.virtual_loop import LoopClock


class WanderingPhones(Phones):
    """The agents' phones, which come and go."""

    def __init__(self, registrar: Registrar, hops: dict[str, Hop]) -> None:
        super().__init__(registrar, {})
        self.hops = dict(hops)
        self.away: set[str] = set()

    def where(self, agent: str, now: float) -> PhoneTarget | None:
        if agent in self.away:
            return None
        hop = self.hops[agent]
        return PhoneTarget(SipUri(hop.host, user=agent, port=hop.port), hop)


class SlowLog(MemoryLog):
    """A log whose disk takes its time."""

    def __init__(self, clock: LoopClock, chance: random.Random) -> None:
        super().__init__(clock)
        self._chance = chance

    async def commit(self, call_id: str, item: Fact) -> Event:
        event = self._append(call_id, item)
        await asyncio.sleep(self._chance.choice((0.0, 0.005, 0.05)))
        return event

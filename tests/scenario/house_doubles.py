"""Rooms of a house under test that behave as badly as real ones may."""

import asyncio
import random
from collections.abc import Mapping, Sequence

from core.bus import MemoryLog
from core.events import Event, Fact
from telephony.phones import Phones, PhoneTarget
from telephony.registrar import Registrar
from telephony.sip.hop import Hop
from telephony.sip.uri import SipUri
from tests.virtual_loop import LoopClock


class WanderingPhones(Phones):
    """The agents' phones, which come and go."""

    def __init__(self, registrar: Registrar, hops: Mapping[str, Sequence[Hop]]) -> None:
        super().__init__(registrar, {})
        self.hops = dict(hops)
        self.away: set[str] = set()

    def targets(self, agent: str, now: float) -> tuple[PhoneTarget, ...]:
        if agent in self.away:
            return ()
        return tuple(PhoneTarget(SipUri(hop.host, user=agent, port=hop.port), hop) for hop in self.hops[agent])


class SlowLog(MemoryLog):
    """A log whose disk takes its time."""

    def __init__(self, clock: LoopClock, chance: random.Random) -> None:
        super().__init__(clock)
        self._chance = chance

    async def commit(self, call_id: str, item: Fact) -> Event:
        event = self._append(call_id, item)
        await asyncio.sleep(self._chance.choice((0.0, 0.005, 0.05)))
        return event

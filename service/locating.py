"""Keeps looking up where the carriers are, and tells the trunk book."""

import asyncio
import contextlib
import logging
from typing import Final

from core.clock import Clock
from core.errors import Unavailable
from telephony.names import Names, find
from telephony.sip.locating import FOUND_BY_DNS, is_address
from telephony.sip.stack import SipStack
from telephony.trunk import TrunkBook, TrunkSettings

_log = logging.getLogger("line400.service")
LOOK_S: Final = 1.0
FIRST_S: Final = 3.0
"""The start waits so long for the first answers; a name server that is silent must not keep the house shut."""
AGAIN_S: Final = 10.0
"""After a failure, doubled up to ``LONGEST_S``; what was known before goes on to hold."""
LONGEST_S: Final = 300.0


class Locator:
    """One look-up at a time for each trunk that is reached by a name."""

    def __init__(self, names: Names, stack: SipStack, trunks: TrunkBook, clock: Clock) -> None:
        self._names = names
        self._stack = stack
        self._trunks = trunks
        self._clock = clock

    async def first(self) -> None:
        """Look all of them up, for ``FIRST_S`` at most."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FIRST_S):
                await self._look()

    async def run(self) -> None:
        """Look up again what has had its time; until cancelled."""
        while True:
            await self._look()
            await asyncio.sleep(LOOK_S)

    async def _look(self) -> None:
        now = self._clock.now()
        due = [
            trunk
            for trunk in self._trunks.all()
            if not is_address(trunk.reached) and self._trunks.places(trunk.name).look_up_at <= now
        ]
        await asyncio.gather(*(self._look_up(trunk) for trunk in due))

    async def _look_up(self, trunk: TrunkSettings) -> None:
        places = self._trunks.places(trunk.name)
        ours = self._stack.addresses
        transports = tuple(transport for transport in FOUND_BY_DNS if transport in {hop.transport for hop in ours})
        families = tuple(sorted({6 if ":" in hop.host else 4 for hop in ours}))
        try:
            located = await find(trunk.target(transports, families), self._names)
        except Unavailable as error:
            wait_s = min(LONGEST_S, AGAIN_S * 2.0 ** min(places.look_ups_failed, 8))
            places.look_ups_failed += 1
            places.look_up_at = self._clock.now() + wait_s
            if not places.fault:
                _log.warning("trunk %s: %s", trunk.name, error)
            places.fault = str(error)
            return
        places.look_ups_failed = 0
        places.look_up_at = self._clock.now() + located.ttl_s
        places.found(located.servers)

"""SIP stacks joined by a network in memory, in the event loop's own (virtual) time: real stacks, no sockets."""

import asyncio
import random
from collections.abc import Sequence

from core.clock import Clock
from telephony.sip.endpoint import Endpoint
from telephony.sip.hop import UDP, Hop, Packet
from telephony.sip.stack import SipStack
from telephony.sip.transport import Receiver

LATENCY_S = 0.01


class Wire:
    """Carries datagrams between the stacks on it, in order; loses each with chance ``loss``."""

    def __init__(self, chance: random.Random, loss: float = 0.0) -> None:
        self._chance = chance
        self._loss = loss
        self._stacks: dict[Hop, Receiver] = {}
        self._last = 0.0
        self.dead: set[Hop] = set()
        """Places that nothing reaches any more, and nothing leaves."""

    def stack(self, host: str, clock: Clock) -> SipStack:
        """A new stack at ``host``, port 5060."""
        hop = Hop(UDP, host, 5060)
        made = SipStack(Endpoint([hop], entropy=self._chance.randbytes), clock, [hop])
        made._transports = _WireEnd(self, hop)  # type: ignore[assignment]  # the sockets' place, and all of it
        self._stacks[hop] = made
        return made

    def carry(self, packet: Packet, source: Hop) -> None:
        if source in self.dead or self._chance.random() < self._loss:
            return
        loop = asyncio.get_running_loop()
        self._last = max(self._last + 1e-9, loop.time() + LATENCY_S)  # nothing overtakes anything
        loop.call_at(self._last, self._arrive, packet, source)

    def _arrive(self, packet: Packet, source: Hop) -> None:
        stack = self._stacks.get(packet.destination)
        if stack is not None and packet.destination not in self.dead:
            stack.on_message(packet.data, source)


class _WireEnd:
    """In the place of ``telephony.sip.transport.Transports``."""

    def __init__(self, wire: Wire, hop: Hop) -> None:
        self._wire = wire
        self._hop = hop

    async def start(self, listen: Sequence[Hop]) -> tuple[Hop, ...]:
        return tuple(listen)

    async def close(self) -> None:
        self._wire.dead.add(self._hop)

    def send(self, packet: Packet) -> None:
        self._wire.carry(packet, self._hop)

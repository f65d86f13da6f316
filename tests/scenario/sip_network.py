"""A network in memory on virtual time that loses, delays, reorders and doubles datagrams by a seeded chance.

Two or more endpoints stand on it; ``run`` moves time from happening to happening, so whole calls take milliseconds.
"""

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count

from core.errors import ParseError
from telephony.sip.address import NameAddress
from telephony.sip.credentials import Credentials
from telephony.sip.endpoint import Endpoint
from telephony.sip.events import SipEvent
from telephony.sip.hop import UDP, Hop, Packet
from telephony.sip.message import Message, Request
from telephony.sip.parser import parse_message
from telephony.sip.settings import SipSettings
from telephony.sip.uri import SipUri

START = 1_700_000_000.0
Reaction = Callable[["Party", SipEvent], None]
Filter = Callable[[Message, Hop], bool]


@dataclass
class Party:
    """One endpoint, its event list, and what it does on each event."""

    name: str
    hop: Hop
    endpoint: Endpoint
    network: "Network"
    react: Reaction = lambda party, event: None
    events: list[SipEvent] = field(default_factory=list)

    @property
    def now(self) -> float:
        return self.network.now

    def kinds(self) -> list[str]:
        """The names of all events so far."""
        return [type(event).__name__ for event in self.events]

    def seen(self, kind: type[SipEvent]) -> list[SipEvent]:
        return [event for event in self.events if isinstance(event, kind)]

    def call(self, other: "Party", sdp: bytes | None = b"v=0 offer", credentials: Credentials | None = None) -> str:
        """INVITE the other party directly."""
        here = NameAddress(SipUri("example.net", user=self.name))
        uri = SipUri(other.hop.host, user=other.name, port=other.hop.port)
        session = self.endpoint.invite(self.now, other.hop, uri, here, NameAddress(uri), sdp, credentials)
        self.network.collect(self)
        return session

    def do(self, command: Callable[[Endpoint, float], object]) -> None:
        """Run a command of the endpoint now, and send what comes of it."""
        command(self.endpoint, self.now)
        self.network.collect(self)


class Network:
    """``loss`` and ``double`` are chances per datagram; delays are drawn up to ``jitter_s``, so datagrams overtake."""

    def __init__(self, seed: int = 1, *, loss: float = 0.0, double: float = 0.0, jitter_s: float = 0.0) -> None:
        self.now = START
        self.chance = random.Random(seed)
        self.loss = loss
        self.double = double
        self.jitter_s = jitter_s
        self.parties: dict[Hop, Party] = {}
        self.wire: list[tuple[Message, Hop, Hop]] = []
        """All that was sent: message, from, to."""
        self.drop: Filter = lambda message, to: False
        self.alter: Callable[[Message], None] | None = None
        """Changes a message on its way, as a middle box would."""
        self.delay: Callable[[Message, Hop], float] = lambda message, to: 0.0
        self._serial = count()
        self._queue: list[tuple[float, int, Callable[[], None]]] = []

    def party(self, name: str, host: str, settings: SipSettings | None = None) -> Party:
        hop = Hop(UDP, host, 5060)
        chance = random.Random(f"{name}{self.chance.random()}")
        endpoint = Endpoint([hop], entropy=chance.randbytes, settings=settings)
        made = Party(name, hop, endpoint, self)
        self.parties[hop] = made
        return made

    def at(self, seconds: float, work: Callable[[], None]) -> None:
        """Do ``work`` so many seconds from now."""
        heapq.heappush(self._queue, (self.now + seconds, next(self._serial), work))

    def send(self, packet: Packet, source: Hop) -> None:
        """Take a datagram onto the wire."""
        try:
            message = parse_message(packet.data)
        except ParseError:
            return  # the answer to something broken, which echoes what is broken: its receiver would drop it too
        if self.alter is not None:
            self.alter(message)
            packet = replace(packet, data=message.to_bytes())
        self.wire.append((message, source, packet.destination))
        if self.drop(message, packet.destination):
            return
        copies = 2 if self.chance.random() < self.double else 1
        for _ in range(copies):
            if self.chance.random() < self.loss:
                continue
            delay_s = 0.01 + self.chance.random() * self.jitter_s + self.delay(message, packet.destination)
            self.at(delay_s, lambda: self._deliver(packet, source))

    def inject(self, data: bytes, to: Party, source: Hop) -> None:
        """Have raw bytes arrive now."""
        to.endpoint.receive(data, source, self.now)
        self.collect(to)

    def _deliver(self, packet: Packet, source: Hop) -> None:
        party = self.parties.get(packet.destination)
        if party is not None:
            party.endpoint.receive(packet.data, source, self.now)
            self.collect(party)

    def collect(self, party: Party) -> None:
        """Send what the endpoint wants sent, and let the party react to its events."""
        while True:
            for packet in party.endpoint.outgoing():
                self.send(packet, party.hop)
            event = party.endpoint.next_event()
            if event is None:
                return
            party.events.append(event)
            party.react(party, event)

    def run(self, seconds: float = 200.0) -> None:
        """Let so much time pass; ends early when nothing can happen any more."""
        end = self.now + seconds
        while True:
            deadlines = [
                (at, party) for party in self.parties.values() if (at := party.endpoint.next_deadline()) is not None
            ]
            timer = min(deadlines, key=lambda pair: pair[0], default=None)
            arrival = self._queue[0][0] if self._queue else None
            times = [at for at in (timer[0] if timer else None, arrival) if at is not None]
            if not times or min(times) > end:
                break
            self.now = max(self.now, min(times))
            if arrival is not None and arrival <= min(times):
                heapq.heappop(self._queue)[2]()
            elif timer is not None:
                timer[1].endpoint.on_deadline(self.now)
                self.collect(timer[1])
        self.now = end

    def sent(self, method: str, source: Party | None = None) -> list[Request]:
        """All requests of that method on the wire."""
        return [
            message
            for message, origin, _ in self.wire
            if isinstance(message, Request) and message.method == method and (source is None or origin == source.hop)
        ]

    def statuses(self, method: str, source: Party | None = None) -> list[int]:
        """The statuses of all responses to that method on the wire."""
        return [
            message.status
            for message, origin, _ in self.wire
            if not isinstance(message, Request)
            and message.cseq.method == method
            and (source is None or origin == source.hop)
        ]

"""Those who call the line and those who answer, in a process of their own: ``python -m bench.served.people HOST PORT
CARRIER_HOST DESK_HOST [--no-events]``, then lines of JSON.

They have the whole of SIP and no voice: what they say is another process's matter (``media_load``, ``soak_load``).

- ``{"begin": [number, …]}``: the carrier calls the line once for each of these callers; agents pick up at once.
  ``{"alone": number, "ends": …}`` says that the caller is up, ``{"up": number, "ends": [[own port, where to send],
  …]}`` that both sides are, caller first.
- ``{"end": [number, …]}``: these callers hang up. ``{"over": number, "status": …}`` tells of a call that the line
  ended.
- ``{"forget": []}``: the line was killed; all calls are dropped without a word.

``--no-events``: phones that know no telephone-event, so that the line listens for keys as tones.
"""

import argparse
import asyncio
import json
import re
import sys
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Final

import uvloop

from core.errors import Line400Error
from service.clock import SystemClock
from service.demo.softphone import PhoneCall, Softphone
from service.demo.voice import Voice
from telephony.media.port import Address, Stream
from telephony.negotiation import SdpSide
from telephony.sip.events import Invited
from telephony.sip.hop import Hop

LINE_NUMBER: Final = "4008001234"
SIP_PORT: Final = 5060
_CALLER: Final = "138{:08d}"
_FIRST_PORT: Final = 12000
_PAIRS: Final = 20000
_EVENT_LINES: Final = re.compile(rb"a=(rtpmap|fmtp):101 [^\r\n]*\r\n")


class NoVoice(Voice):
    """An RTP port that belongs to another process; ``remote`` is where that process is to send."""

    def __init__(self, host: str, ports: "deque[int]") -> None:
        super().__init__()
        self.port = ports.popleft()
        self.remote: Address | None = None
        self._host = host
        self._ports = ports

    async def open(self, host: str = "") -> Address:
        """Nothing is bound here."""
        del host
        return Address(self._host, self.port)

    def connect(self, remote: Address) -> None:
        """Only noted."""
        self.remote = remote

    def close(self) -> None:
        """The port may be used again, as the last of all."""
        if self.remote is not None:
            self._ports.append(self.port)
            self.remote = None


class _WithoutEvents(SdpSide):
    """Of a phone that knows no telephone-event."""

    def offer(self) -> bytes:
        return _without_events(super().offer())

    def answer(self, offer: bytes) -> tuple[bytes, Stream]:
        answer, stream = super().answer(offer)
        return _without_events(answer), stream


def _without_events(sdp: bytes) -> bytes:
    return _EVENT_LINES.sub(b"", re.sub(rb"(m=audio [^\r\n]*) 101", rb"\1", sdp))


class Party(Softphone):
    """The carrier, or all agents' phones at one address. ``events``: its phones know telephone-event."""

    def __init__(
        self, server: Hop, host: str, *, events: bool, on_call: Callable[[PhoneCall], None] | None = None
    ) -> None:
        ports = deque(range(_FIRST_PORT, _FIRST_PORT + 2 * _PAIRS, 2))
        listen = Hop("UDP", host, SIP_PORT)
        super().__init__(SystemClock(), server, "bench", "", on_call, listen, lambda: NoVoice(host, ports))
        self._events = events

    async def _new_call(self, number: str) -> PhoneCall:
        call = await super()._new_call(number)
        if not self._events:
            call.sdp = _WithoutEvents(await call.voice.open(), ("PCMA",))
        return call

    async def _invited(self, event: Invited) -> None:
        call = await self._new_call(event.request.from_.uri.user)  # who calls says which call it is
        call.session, call.offer = event.session, event.offer
        self._calls[event.session] = call
        if self._on_call is not None:
            self._on_call(call)

    def forget(self) -> None:
        """Drop all calls without a word to the line."""
        for session, call in tuple(self._calls.items()):
            self._over(session, 0)
            call.voice.close()


@dataclass(slots=True)
class Pair:
    """One call: the caller's side, and the agent's once he has picked up."""

    caller: PhoneCall
    agent: PhoneCall | None = None


class People:
    """All of them. ``say`` tells whoever leads us."""

    def __init__(
        self, server: Hop, carrier: str, desk: str, say: Callable[[dict[str, object]], None], *, events: bool
    ) -> None:
        self._say = say
        self._carrier = Party(server, carrier, events=events)
        self._desk = Party(server, desk, events=events, on_call=self._rung)
        self._pairs: dict[int, Pair] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Bind both addresses."""
        await self._carrier.start()
        await self._desk.start()

    def obey(self, order: dict[str, list[int]]) -> None:
        """One order."""
        for number in order.get("begin", ()):
            self._do(self._begin(number))
        for number in order.get("end", ()):
            if (pair := self._pairs.pop(number, None)) is not None:
                pair.caller.hang_up()
        if "forget" in order:
            self._pairs.clear()
            self._carrier.forget()
            self._desk.forget()

    async def _begin(self, number: int) -> None:
        call = await self._carrier.dial(LINE_NUMBER, _CALLER.format(number))
        self._pairs[number] = pair = Pair(call)
        await call.decided.wait()
        if call.up:
            self._say({"alone": number, "ends": [_ends(call)]})
            self._told_up(number, pair)
        status = await call.ended
        if self._pairs.get(number) is pair:
            del self._pairs[number]
            self._say({"over": number, "status": status})

    def _rung(self, call: PhoneCall) -> None:
        self._do(self._pick_up(call))

    async def _pick_up(self, call: PhoneCall) -> None:
        number = int(call.number[-8:])
        pair = self._pairs.get(number)
        if pair is None:  # the caller has just hung up: the line takes its ringing back
            call.refuse(480)
            return
        await call.answer()
        pair.agent = call
        self._told_up(number, pair)

    def _told_up(self, number: int, pair: Pair) -> None:
        if pair.caller.up and pair.agent is not None:
            self._say({"up": number, "ends": [_ends(pair.caller), _ends(pair.agent)]})

    def _do(self, work: Coroutine[None, None, None]) -> None:
        async def guarded() -> None:
            try:
                await work
            except Line400Error as error:
                self._say({"trouble": str(error)})

        task = asyncio.ensure_future(guarded())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _ends(call: PhoneCall) -> tuple[int, int]:
    assert isinstance(call.voice, NoVoice)
    return call.voice.port, 0 if call.voice.remote is None else call.voice.remote.port


async def _run(given: argparse.Namespace) -> None:
    def say(message: dict[str, object]) -> None:
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()

    server = Hop("UDP", given.host, given.port)
    people = People(server, given.carrier_host, given.desk_host, say, events=not given.no_events)
    await people.start()
    orders = asyncio.StreamReader(limit=1 << 20)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    say({"ready": True})
    while line := await orders.readline():
        people.obey(json.loads(line))


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="bench.served.people", description=__doc__)
    for name in ("host", "port", "carrier_host", "desk_host"):
        parser.add_argument(name, type=int if name == "port" else str)
    parser.add_argument("--no-events", action="store_true")
    uvloop.run(_run(parser.parse_args()))


if __name__ == "__main__":
    main()
